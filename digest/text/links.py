"""Links to code and project pages, found in what authors wrote; all others are left where they are.

Only `https` addresses of a few sites are made, put together from a host that is written out here
and a path of plain characters: what an abstract says can lead nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST = 3
"""More of them are not looked at: an abstract has one, seldom two."""

LONGEST = 120  # characters of a path; longer ones are no address that somebody reads out
_STEP = r"/[A-Za-z0-9_~][A-Za-z0-9._~-]*"
_BEFORE = r"(?<![\w./@:%~-])(?:https?://)?(?:www\.)?"
_SITES = re.compile(
    rf"{_BEFORE}(?:(?P<host>github\.com|gitlab\.com)(?P<path>(?:{_STEP}){{2,8}})"
    rf"|(?P<hub>huggingface\.co)(?P<model>(?:{_STEP}){{1,4}})"
    rf"|(?P<page>[a-z0-9](?:[a-z0-9-]{{0,38}}[a-z0-9])?\.github\.io)(?![\w.:@-]*\w)"
    rf"(?P<below>(?:{_STEP}){{0,6}}/?))",
    re.IGNORECASE | re.ASCII,
)
_PAPERS = "/papers/"  # of Hugging Face: the paper itself, no code of it
_KINDS = {"github.com": "code", "gitlab.com": "code", "huggingface.co": "model"}


@dataclass(frozen=True, slots=True)
class Found:
    """A page that belongs to a paper.

    Attributes:
        kind: `code`, `model` (or data: on Hugging Face) or `project`.
        shown: the address without `https://`.
    """

    kind: str
    shown: str

    @property
    def url(self) -> str:
        """The whole address."""
        return f"https://{self.shown}"


def found(*texts: str) -> tuple[Found, ...]:
    """The code and project pages that texts name, each once, in their order."""
    seen: dict[str, Found] = {}
    for text in texts:
        for match in _SITES.finditer(_bare(text)):
            page = _page(match)
            if page:
                seen.setdefault(page.shown.casefold(), page)
    return tuple(seen.values())[:MOST]


def _bare(text: str) -> str:
    r"""Without TeX's own way to write addresses: `\url{…}`, `\_`, `\href{…}{…}`."""
    return re.sub(r"\\(?=[_~#%&-])", "", text).replace("{", " ").replace("}", " ")


def _page(match: re.Match[str]) -> Found | None:
    host = (match["host"] or match["hub"] or match["page"]).lower()
    path = (match["path"] or match["model"] or match["below"] or "").rstrip("./~-_")
    path = path.removesuffix(".git")
    if len(path) > LONGEST or ".." in path or path.casefold().startswith(_PAPERS):
        return None
    return Found(_KINDS.get(host, "project"), f"{host}{path}")
