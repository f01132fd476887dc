"""How well the offline extract tells a paper, and how fast.

    benchmarks/extract.py --data ../shared/data/summaries      the table for the dev splits
    benchmarks/extract.py --papers FILE.jsonl[.gz] --out FILE.jsonl

Dev is never trained on. ROUGE is F1 with stemming against that of a paper's human summaries which
ROUGE-1 likes best, as SciTLDR's authors count (https://github.com/allenai/scitldr). Roles are
compared sentence by sentence: micro-F1 over CSAbstruct's five labels is the share that is right.

`--papers` runs on any rows: an id under `id`, `paper_id` or `abstract_id`; text under `sentences`,
`source` (lists) or `abstract` (a string); `title` where known. It writes a line for each,
`{"id", "gist", "roles": [one of background, objective, method, result, other for each sentence]}`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from digest.models import Paper
from digest.summarize.extract import Analysis, analysed, gist, tell
from digest.summarize.weights import weights
from digest.text.sentences import split
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Row = dict[str, Any]
_IDS = ("id", "paper_id", "abstract_id")
_PASSES = 7  # over all abstracts; the best of each counts, and CPU time: the machine has other work


def rows(file: Path) -> Iterator[Row]:
    """The rows of a file of JSON lines, packed or not."""
    with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def sentences_of(row: Row) -> list[str]:
    """The row's own sentences, or those of its abstract."""
    for name in ("sentences", "source"):
        if isinstance(row.get(name), list):
            return [str(one) for one in row[name]]
    text = next((row[name] for name in ("abstract", "source", "sentences") if row.get(name)), "")
    return split(readable(str(text)))


def analysis_of(row: Row) -> Analysis:
    """What the extract's model sees in a row."""
    return analysed(sentences_of(row), readable(str(row.get("title") or "")), weights())


def told(row: Row) -> Row:
    """The row's gist and roles."""
    analysis = analysis_of(row)
    name = next((row[one] for one in _IDS if row.get(one) is not None), None)
    return {"id": name, "gist": gist(analysis, weights()).text, "roles": analysis.roles}


def rouge(documents: list[Row], choose: Callable[[Row], str]) -> tuple[float, float, float]:
    """ROUGE-1, 2 and L of what is chosen, in per cent, over all documents."""
    from rouge_score.rouge_scorer import RougeScorer

    kinds = ["rouge1", "rouge2", "rougeL"]
    scorer = RougeScorer(kinds, use_stemmer=True)
    best = []
    for one in documents:
        text = choose(one)
        scores = [scorer.score(target, text) for target in one["target"]]
        best.append(max(tuple(score[kind].fmeasure for kind in kinds) for score in scores))
    first, second, longest = (100 * statistics.fmean(column) for column in zip(*best, strict=True))
    return first, second, longest


def roles_right(documents: list[Row]) -> float:
    """Micro-F1 of the roles: each sentence has one, so it is the share that is right."""
    pairs = [
        (label, guess)
        for one in documents
        for label, guess in zip(one["labels"], told(one)["roles"], strict=True)
    ]
    return sum(1 for label, guess in pairs if label == guess) / len(pairs)


def milliseconds(documents: list[Row]) -> list[float]:
    """How long each abstract takes, from TeX to the whole extract."""
    papers = [
        Paper(f"9913.{at:05d}", 1, str(row.get("title") or ""), _abstract(row), (), ("cs.AI",))
        for at, row in enumerate(documents)
    ]
    tell(papers[0])  # reads the weights
    best = [float("inf")] * len(papers)
    for _ in range(_PASSES):
        for at, paper in enumerate(papers):
            start = time.thread_time()
            tell(paper)
            best[at] = min(best[at], 1000 * (time.thread_time() - start))
    return best


def loop_milliseconds() -> float:
    """How long 10,000 additions take here: beside it, times of different machines compare."""
    best = float("inf")
    for _ in range(20 * _PASSES):
        start, total = time.thread_time(), 0
        for number in range(10_000):
            total += number
        best = min(best, 1000 * (time.thread_time() - start))
    return best


def _abstract(row: Row) -> str:
    return str(row["abstract"]) if row.get("abstract") else " ".join(sentences_of(row))


def measured(folder: Path) -> dict[str, float]:
    """The figures for the dev splits in a folder."""
    tldr = list(rows(folder / "scitldr_dev.jsonl.gz"))
    roles = list(rows(folder / "csabstruct_dev.jsonl.gz"))
    mine = rouge(tldr, lambda one: str(told(one)["gist"]))
    first = rouge(tldr, lambda one: str(one["source"][0]))
    times = milliseconds(tldr)
    return {
        "extract_rouge1": round(mine[0], 2),
        "extract_rouge2": round(mine[1], 2),
        "extract_rougeL": round(mine[2], 2),
        "first_sentence_rouge1": round(first[0], 2),
        "first_sentence_rouge2": round(first[1], 2),
        "first_sentence_rougeL": round(first[2], 2),
        "extract_roles_micro_f1": round(roles_right(roles), 4),
        "extract_ms_median": round(statistics.median(times), 3),
        "extract_ms_p95": round(statistics.quantiles(times, n=20)[-1], 3),
        "loop_ms": round(loop_milliseconds(), 3),
    }


AIMS = {
    "extract_rouge1": 42.0,
    "extract_rouge2": 19.5,
    "extract_rougeL": 33.5,
    "extract_roles_micro_f1": 0.70,
    "extract_ms_median": 1.0,
}


def table(figures: dict[str, float]) -> str:
    """The figures beside what they aim at."""
    lines = [f"{'':26}{'measured':>10}{'aim':>8}"]
    for name, figure in figures.items():
        aim = AIMS.get(name)
        lines.append(f"{name:26}{figure:>10}{'' if aim is None else aim:>8}")
    return "\n".join(lines)


def main() -> None:
    """Measure, or run on rows."""
    parser = argparse.ArgumentParser(description="The offline extract, measured.")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--data", type=Path, help="default: SHARED/data/summaries")
    parser.add_argument("--papers", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if asked.papers:
        lines = [json.dumps(told(row), ensure_ascii=False) for row in rows(asked.papers)]
        text = "".join(f"{line}\n" for line in lines)
        if asked.out:
            asked.out.write_text(text, encoding="utf-8")
        else:
            print(text, end="")
        return
    figures = measured(asked.data or asked.shared / "data" / "summaries")
    print(table(figures))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
