"""How the reading aids do on real papers: TeX to Unicode, and where sentences end.

    python benchmarks/text.py [--shared ../shared] [--json FILE] [--worst 30]

Prints what README and issue 5 quote, then the titles and abstracts that still look most like TeX.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from digest.text.sentences import split
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Figures = dict[str, float]

PAPERS = ("data/papers_*.jsonl.gz", "data/fields/*.jsonl.gz")
SENTENCES = {
    "scitldr": ("data/summaries/scitldr_dev.jsonl.gz", "source"),
    "csabstruct": ("data/summaries/csabstruct_dev.jsonl.gz", "sentences"),
}
HOSTILE_LENGTH = 100_000  # characters
HOSTILE = (
    r"{ } $ $$ \ \\ ^ _ ~ & ` ' -- \frac \sqrt \hat \' \text{ \over {a\over x^ x^{ x_{ ^{ $x$ $1~ "
    r"\begin{array} \end{array} \left( \right \not \sum \a~ \footnote{ \href{ \cite[ [ ( |( "
    r"http://a_ www.a~ \url{ \binom \mathbb \( \] \unicode{ \color{ \frac{1}{ \hat{ $\text{ `a' "
    r"{}^ a. .~ ~, \mkern- $_a$ \item[ \SI \log_"
)

# What is lost: the letters and digits of the source, macros' names and unprinted arguments aside.
_UNPRINTED = re.compile(
    r"\\(?:begin|end)\s*\{[A-Za-z]+\*?\}(?:\{[lcr|]+\})?"
    r"|\\(?:label|color|textcolor|vspace|hspace|phantom|unicode|ding)\*?\s*\{[^{}]*\}"
    r"|\\mkern-?[\d.]+mu|\\\\\[[\d.]+[a-z]+\]|\\[A-Za-z]+"
)
_LINK = re.compile(r"\\href\s*\{([^{}]*)\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_MATHEMATICS = re.compile(r"\$[^$]*[\\^_{}][^$]*\$|\\[(\[]|\\[)\]]")
_TEX_LIKE = re.compile(r"[\\{}^`]|_\{|\$")


def papers(shared: Path) -> Iterator[dict[str, Any]]:
    """Every paper once."""
    seen: set[str] = set()
    for pattern in PAPERS:
        for file in sorted(shared.glob(pattern)):
            for row in rows(file):
                if row["id"] not in seen:
                    seen.add(row["id"])
                    yield row


def rows(file: Path) -> Iterator[dict[str, Any]]:
    """The lines of a packed JSONL file."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def letters(text: str) -> Iterator[str]:
    """Letters and digits without accents, styles and case."""
    return (sign for sign in unicodedata.normalize("NFKD", text).casefold() if sign.isalnum())


def lost(tex: str, shown: str) -> str:
    """The first letters of the source that are not, in order, in what is shown; "" if all are."""
    tex = _LINK.sub(lambda link: link[1] if "URL" in link[2] else link[2], tex)
    source = list(letters(_UNPRINTED.sub(" ", tex)))
    rest = letters(shown)
    for place, letter in enumerate(source):
        if letter not in rest:  # reads on until it is found
            return "".join(source[place : place + 20])
    return ""


def timed(work: Callable[[str], object], text: str, repeat: int = 2) -> float:
    """Milliseconds of processor time, the best of some."""
    best = float("inf")
    for _ in range(repeat):
        start = time.process_time()
        work(text)
        best = min(best, time.process_time() - start)
    return best * 1000


def quantile(values: list[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    return sorted(values)[max(0, round(len(values) * share) - 1)]


def measure_tex(shared: Path, worst: int) -> Figures:
    """All titles and abstracts through `readable`."""
    times, ugly, texts, wrong = [], [], 0, {"exceptions": 0, "mathematics_left": 0, "lost": 0}
    for paper in papers(shared):
        times.append(timed(readable, paper["abstract"]))
        for tex in (paper["title"], paper["abstract"]):
            texts += 1
            try:
                shown = readable(tex)
            except Exception as error:  # noqa: BLE001 - any exception is the figure to be told
                wrong["exceptions"] += 1
                print(f"exception {error!r}: {tex[:80]}")
                continue
            wrong["mathematics_left"] += bool(_MATHEMATICS.search(shown))
            if missing := lost(tex, shown):
                wrong["lost"] += 1
                print(f"lost {missing}: {paper['id']}")
            ugly.append((len(_TEX_LIKE.findall(shown)), paper["id"], shown))
    for count, paper_id, shown in sorted(ugly, reverse=True)[:worst]:
        print(f"\n{paper_id}, {count} signs of TeX\n{shown}")
    return {
        "tex_texts": texts,
        **{f"tex_{name}": count for name, count in wrong.items()},
        "tex_p50_ms": quantile(times, 0.5),
        "tex_p95_ms": quantile(times, 0.95),
    }


def measure_hostile() -> Figures:
    """100 KB of what could hurt: each construct alone, in mathematics, and mixed with others."""
    chance = random.Random(5)
    atoms = [atom.replace("~", " ") if len(atom) > 1 else atom for atom in HOSTILE.split()]
    texts = [prefix + atom * HOSTILE_LENGTH for atom in atoms for prefix in ("", "$", "xx ")]
    for _ in range(100):
        few = chance.sample(atoms, chance.choice((2, 3, 5, 20)))
        texts.append("".join(chance.choices(few, k=HOSTILE_LENGTH)))
    slowest = max((timed(readable, text[:HOSTILE_LENGTH], 1), text[:30]) for text in texts)
    print(f"\nslowest 100 KB: {slowest[1]!r}")
    return {"hostile_texts": len(texts), "hostile_worst_ms": slowest[0]}


def boundaries(sentences: list[str]) -> set[int]:
    """Where sentences end in the text that they make."""
    ends, length = set(), 0
    for sentence in sentences[:-1]:
        length += len(sentence) + 1
        ends.add(length)
    return ends


def measure_sentences(shared: Path, name: str) -> Figures:
    """Abstracts whose sentences are known, joined and split again."""
    path, key = SENTENCES[name]
    both = found = known = changed = 0
    times = []
    for row in rows(shared / path):
        sentences = [" ".join(sentence.split()) for sentence in row[key] if sentence.strip()]
        text = " ".join(sentences)
        times.append(timed(split, text))
        changed += " ".join(split(text)) != text
        ours, theirs = boundaries(split(text)), boundaries(sentences)
        both, found, known = both + len(ours & theirs), found + len(ours), known + len(theirs)
    return {
        f"sentences_{name}_f1": 2 * both / (found + known),
        f"sentences_{name}_precision": both / found,
        f"sentences_{name}_recall": both / known,
        f"sentences_{name}_changed": changed,
        f"sentences_{name}_p95_ms": quantile(times, 0.95),
    }


def main() -> None:
    """Measure and print; write the figures where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--worst", type=int, default=30)
    options = parser.parse_args()
    figures = measure_tex(options.shared, options.worst) | measure_hostile()
    for name in SENTENCES:
        figures |= measure_sentences(options.shared, name)
    print()
    for name, value in figures.items():
        print(f"{name:34} {value:.4g}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
