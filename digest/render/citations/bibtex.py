"""BibTeX: an entry for each paper, the way arXiv asks to be cited.

    @misc{example2026cold,
      title         = {{Cold Starts of Serverless Functions}},
      author        = {Example, Ada and Sample, Bo},
      year          = {2026},
      eprint        = {2602.02489},
      archivePrefix = {arXiv},
      primaryClass  = {cs.DC},
      url           = {https://arxiv.org/abs/2602.02489}
    }

https://info.arxiv.org/help/hypertex/bibstyles/index.html
"""

from __future__ import annotations

from itertools import count, product
from string import ascii_lowercase
from typing import TYPE_CHECKING

from digest.render.blocks import abstract_url
from digest.render.citations import facts, tex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from digest.models import Paper
    from digest.saved import Saved

_SMALL_WORDS = (
    "a an the on of for and to in with from by at as is are be can do does how what why when "
    "towards toward via using or not no its it we"
)


def file(kept: Sequence[Saved], _language: str, _today: date) -> bytes:
    """The entries, each with the reader's note; keys are unique within the file."""
    papers = [each.paper for each in kept]
    entries = [
        entry(each.paper, key, note=each.note) for each, key in zip(kept, keys(papers), strict=True)
    ]
    return "\n\n".join((*entries, "")).removesuffix("\n").encode()


def entry(paper: Paper, key: str, *, note: str = "") -> str:
    """One entry, as people read it."""
    fields = _fields(paper, note)
    width = max(map(len, fields))
    lines = (f"  {name:{width}} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{key},\n" + ",\n".join(lines) + "\n}"


def short(paper: Paper, key: str) -> str:
    """One entry, as short as it can be."""
    fields = _fields(paper)
    fields.pop("url", None)
    return f"@misc{{{key}," + ",".join(f"{n}={{{v}}}" for n, v in fields.items()) + "}"


def keys(papers: Sequence[Paper]) -> list[str]:
    """A key for each, like `example2026cold`; the second that would be the same gets an `a`."""
    taken: set[str] = set()
    made = []
    for paper in papers:
        key = next(each for each in _candidates(_key(paper)) if each not in taken)
        taken.add(key)
        made.append(key)
    return made


def _candidates(key: str) -> Iterator[str]:
    """The key, then with a, b, …, z, aa, ab and so on."""
    yield key
    for length in count(1):
        yield from (key + "".join(letters) for letters in product(ascii_lowercase, repeat=length))


def _key(paper: Paper) -> str:
    authors = facts.authors(paper)
    small = _SMALL_WORDS.split()
    words = map(facts.ascii_of, facts.title(paper).replace("-", " ").split())
    title = next((word for word in words if not word.isdecimal() and word not in small), "")
    first, family, _ = facts.parts(authors[0]) if authors else ("", "", "")
    name = facts.ascii_of(family.split()[-1] if first else family)
    return f"{name[:30] or 'arxiv'}{facts.year(paper) or ''}{title[:30]}"


def _fields(paper: Paper, note: str = "") -> dict[str, str]:
    """The values, without the braces around them; those that are empty left out."""
    fields = {
        "title": f"{{{tex.title(paper.title)}}}",  # two braces: no style changes its capitals
        "author": " and ".join(map(_author, facts.authors(paper))),
        "year": str(facts.year(paper) or ""),
        "eprint": tex.plain(paper.id),
        "archivePrefix": "arXiv",
        "primaryClass": tex.plain(paper.primary),
        "url": abstract_url(paper.id),
        "annote": tex.plain(note),
    }
    return {name: value for name, value in fields.items() if value}


def _author(name: str) -> str:
    """Last name first; what is one name in braces, so that it stays one."""
    first, family, suffix = facts.parts(name)
    if not first:
        return f"{{{tex.plain(family)}}}"
    return ", ".join(tex.plain(part) for part in (family, suffix, first) if part)
