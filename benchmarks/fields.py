"""How well papers are placed into the named fields.

    python benchmarks/fields.py --eval DEV.jsonl[.gz]        the table of docs/fields.md, 5-fold
    python benchmarks/fields.py --papers FILE --out FILE     scores and members of any papers
    python benchmarks/fields.py --left-out DEV.jsonl[.gz]    each field from its name and sentence
    python benchmarks/fields.py --days LABELS.jsonl          the two days set aside, by blind labels
    python benchmarks/fields.py --sample FILE                (paper, field) pairs of them to label

`--shared DIR` is where the papers are (default ../shared), `--json FILE` gets {figure: value}.
`--eval` learns in each fold with scripts/train_fields.py and needs scikit-learn: words by labels,
weights and thresholds anew, without the fold that is shown. The words learnt without any label are
used as they are. `--papers` needs Paperboy only.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from digest import fields  # noqa: E402 - the repository's root comes first
from digest.models import Paper  # noqa: E402 - same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Row = dict[str, Any]
    Figures = dict[str, float]

FOLDS = 5
PAIRS = 500
SET_ASIDE_DAYS = 2
GZIP = b"\x1f\x8b"
NAMED = fields.named()


def precision_recall(labels: Sequence[int], shown: Sequence[bool], least: int) -> tuple[float, ...]:
    """Precision, recall and F1; `least` 2: strict, label 1 is ignored; 1: lenient, it is true."""
    judged = [(y, p) for y, p in zip(labels, shown, strict=True) if least == 1 or y != 1]
    right = sum(p and y >= least for y, p in judged)
    claimed, true = sum(p for _, p in judged), sum(y >= least for y, _ in judged)
    precision, recall = right / max(1, claimed), right / max(1, true)
    return precision, recall, 2 * right / max(1, claimed + true)


def table(rows: Sequence[Row], shown: dict[str, Sequence[bool]]) -> Figures:
    """Prints precision, recall and F1 of every field, strict and lenient; returns the figures."""
    figures: Figures = {}
    print(f"{'':5}  {'2s':>4} {'1s':>4}   strict P    R    F1   lenient P    R    F1")
    for key, members in shown.items():
        labels = [row["labels"][key] for row in rows]
        strict = precision_recall(labels, members, 2)
        lenient = precision_recall(labels, members, 1)
        told = "  ".join(f"{each:.2f}" for each in strict) + "        "
        told += "  ".join(f"{each:.2f}" for each in lenient)
        print(f"{key:5}  {labels.count(2):4} {labels.count(1):4}       {told}")
        figures |= {f"strict_f1_{key}": strict[2], f"lenient_f1_{key}": lenient[2]}
    for kind in ("strict", "lenient"):
        found = [value for name, value in figures.items() if name.startswith(f"{kind}_f1_")]
        figures[f"{kind}_macro_f1"] = sum(found) / len(found)
        print(f"{kind} macro F1 {figures[f'{kind}_macro_f1']:.3f}")
    return figures


def evaluate(rows: Sequence[Row], shared: Path) -> Figures:
    """5-fold over papers: weights and thresholds are learnt without the fold that is shown."""
    import numpy as np
    from sklearn.model_selection import KFold

    from scripts import train_fields as training

    data = training.labelled(rows)
    extra = training.extra(shared)
    shown = {field.key: np.zeros(len(rows), bool) for field in NAMED}
    for inside, out in KFold(FOLDS, shuffle=True, random_state=0).split(np.arange(len(rows))):
        known = data.part(inside).and_(extra)
        words = training.learn_words(known)
        known, unseen = known.heard(words), data.part(out).said(words)
        learnt, found = training.learn_all(known), training.thresholds(known)
        for key, members in shown.items():
            members[out] = training.margins(learnt, unseen, key) > found[key]
    figures = table(rows, {key: list(map(bool, each)) for key, each in shown.items()})
    figures["us_per_paper"] = speed(rows)
    print(f"{figures['us_per_paper']:.0f} µs a paper, all {len(NAMED)} fields, one core")
    return figures


def speed(rows: Sequence[Row]) -> float:
    """Microseconds of CPU for one paper and all named fields, the best of three runs."""
    papers = list(map(paper, rows))
    fields.place(papers[:20], NAMED)
    taken = []
    for _ in range(3):
        start = time.process_time()
        fields.place(papers, NAMED)
        taken.append(time.process_time() - start)
    return min(taken) / len(papers) * 1e6


def left_out(rows: Sequence[Row], shared: Path) -> Figures:
    """Each field from its English name and sentence, weights and threshold learnt on the others."""
    from scripts import train_fields as training

    data = training.sentences(rows)
    extra = training.sentences(training.extra_labels(shared))
    both = data.and_(extra)
    shown: dict[str, Sequence[bool]] = {}
    for field in NAMED:
        others = [other.key for other in NAMED if other != field]
        weights, bias, threshold = training.learn_sentences(both, others)
        sums = data.numbers[field.key] @ weights + bias
        shown[field.key] = [bool(each > threshold) for each in sums]
    return {f"left_out_{name}": value for name, value in table(rows, shown).items()}


def write(rows: Iterable[Row], out: Path) -> Figures:
    """One JSON line for each paper: its score in every field, and the fields it belongs to."""
    with out.open("w", encoding="utf-8") as lines:
        for row in rows:
            scores = {f.key: round(fields.score(paper(row), f), 4) for f in NAMED}
            member = [f.key for f in NAMED if fields.member(paper(row), f)]
            lines.write(json.dumps({"id": row["id"], "scores": scores, "member": member}) + "\n")
    return {}


def set_aside(shared: Path) -> dict[str, list[Row]]:
    """The papers of the two days set aside, those of dev left out."""
    from scripts import train_fields as training

    known = {row["id"] for row in training.rows(shared / "data/fields/dev.jsonl.gz")}
    known |= {row["id"] for path in training.LABELS for row in training.rows(path)}
    days: dict[str, list[Row]] = {day: [] for day in training.SET_ASIDE}
    for name in training.DAYS:
        for row in training.rows(shared / "data" / name):
            if row["announced"] in days and row["id"] not in known:
                days[row["announced"]].append(row)
    return days


def shown_pairs(days: dict[str, list[Row]]) -> list[tuple[str, str, str]]:
    """Every (day, paper id, field) that readers of all fields would be shown."""
    return [
        (day, number, key)
        for day, rows in days.items()
        for number, scores in fields.place(map(paper, rows), NAMED).items()
        for key in scores
    ]


def sample(shared: Path, out: Path) -> Figures:
    """Writes PAIRS shown pairs to be labelled blind: a share of every field, then others at random.

    The lines hold title and abstract for the annotator; only day, id, field and label are kept.
    """
    days = set_aside(shared)
    texts = {row["id"]: row for rows in days.values() for row in rows}
    pairs = shown_pairs(days)
    random.Random(2026).shuffle(pairs)
    taken = [
        pair
        for field in NAMED
        for pair in [each for each in pairs if each[2] == field.key][: PAIRS // len(NAMED)]
    ]
    known = set(taken)
    taken += [pair for pair in pairs if pair not in known][: PAIRS - len(taken)]
    with out.open("w", encoding="utf-8") as lines:
        for day, number, key in sorted(taken):
            told = {"day": day, "id": number, "field": key}
            told |= {each: texts[number][each] for each in ("title", "abstract")}
            lines.write(json.dumps(told) + "\n")
    print(f"{len(taken)} of {len(pairs)} shown pairs")
    return {}


def by_labels(shared: Path, labels: Sequence[Row]) -> Figures:
    """Off-topic among the shown pairs of the days set aside, as labelled and weighed by fields."""
    pairs = set(shown_pairs(set_aside(shared)))
    judged = [r for r in labels if (r["day"], r["id"], r["field"]) in pairs]
    wrong = sum(row["label"] == 0 for row in judged)
    low, high = wilson(wrong, len(judged))
    share = weighed = 0.0
    for field in NAMED:
        own = [row["label"] == 0 for row in judged if row["field"] == field.key]
        count = sum(key == field.key for _, _, key in pairs)
        if own:
            weighed += count
            share += count * sum(own) / len(own)
        print(f"{field.key:5} shown {count:4}, labelled {len(own):3}, off-topic {sum(own)}")
    days = _days_of(judged)
    false = [day for day, found in days.items() if not any(row["label"] for row in found)]
    quiet = SET_ASIDE_DAYS * len(NAMED) - len(days)
    silent = quiet / max(1, quiet + len(false))
    print(f"field-days that show nothing: {quiet}; that show only off-topic papers: {len(false)}")
    print(f"off-topic {wrong} of {len(judged)}: {wrong / max(1, len(judged)):.1%}")
    print(f"Wilson 95 %: {low:.1%} to {high:.1%}; weighed by what is shown {share / weighed:.1%}")
    figures = {"off_topic": wrong / max(1, len(judged)), "off_topic_weighed": share / weighed}
    return figures | {"silent_field_days": silent}


def _days_of(judged: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    """The labelled pairs of each day and field."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in judged:
        found.setdefault((row["day"], row["field"]), []).append(row)
    return found


def wilson(wrong: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson interval of a share: https://doi.org/10.1080/01621459.1927.10502953."""
    if not of:
        return 0.0, 1.0
    share = wrong / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    reach = z / (1 + z * z / of) * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def rows(path: Path) -> list[Row]:
    """The JSON lines of a file, gzipped or not."""
    told = path.read_bytes()
    text = gzip.decompress(told) if told[:2] == GZIP else told
    return [json.loads(line) for line in text.decode().split("\n") if line.strip()]


def paper(row: Row) -> Paper:
    """A paper of the data files."""
    return Paper(row["id"], None, row["title"], row["abstract"], (), tuple(row["categories"]))


def main() -> None:
    """Reads the arguments, prints, and writes the figures."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    wanted.add_argument("--json", type=Path)
    wanted.add_argument("--out", type=Path)
    for name in ("--eval", "--papers", "--left-out", "--days", "--sample"):
        wanted.add_argument(name, type=Path)
    told = wanted.parse_args()
    steps: list[tuple[Path | None, Callable[[Path], Figures]]] = [
        (told.eval, lambda path: evaluate(rows(path), told.shared)),
        (told.left_out, lambda path: left_out(rows(path), told.shared)),
        (told.papers, lambda path: write(rows(path), told.out)),
        (told.sample, lambda path: sample(told.shared, path)),
        (told.days, lambda path: by_labels(told.shared, rows(path))),
    ]
    figures: Figures = {}
    for path, step in steps:
        if path:
            figures |= step(path)
    if told.json:
        told.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
