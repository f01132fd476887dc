"""Learns the weights of `digest/fields/weights` and writes them with their figures.

    python scripts/train_fields.py --shared DIR [--text]

Needs scikit-learn. Two steps: `--text` learns words from unlabelled papers (about a minute), see
`train_words.py`; then the fields' weights are learnt from the labelled papers
(DIR/data/fields/dev.jsonl.gz and our own of benchmarks/labels). The two days that the benchmark
sets aside are never read.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from digest.fields import catalogue, model, own  # noqa: E402 - the repository's root comes first
from digest.fields.features import NAMES, features  # noqa: E402 - same
from digest.fields.words import read  # noqa: E402 - same
from digest.models import Paper  # noqa: E402 - same
from scripts import train_words  # noqa: E402 - same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Row = dict[str, Any]
    Matrix: TypeAlias = np.ndarray[Any, Any]
    Scorer = Callable[[Matrix], Matrix]

SET_ASIDE = ("2025-06-26", "2026-02-04")
DAYS = ("papers_2025-06-23_27.jsonl.gz", "papers_2026-01-23_02-06.jsonl.gz")
CODES = tuple(catalogue.entries())
WEIGHTS = ROOT / "digest/fields/weights"
LABELS = (ROOT / "benchmarks/labels/pool.jsonl", ROOT / "benchmarks/labels/days.jsonl")

HALF = 1.0  # a borderline label counts so much as a yes, the rest as a no
OWN_PENALTY, SHARED_PENALTY = 0.03, 0.3
SHARE = 0.3  # of the shared weights in a field's own
INNER_FOLDS = 5
PHRASES = NAMES.index("primary_first")  # so many numbers are counts of phrases
ELSEWHERE = 250  # papers of archives without a field that are added as nobody's
AT_HOME = {archive for entry in catalogue.entries().values() for archive in entry.archives} - {
    "math"
}
GRID = np.linspace(-4, 2, 121)  # thresholds tried
DRAWS = 40  # bootstrap draws that smooth a threshold's choice
BORROWED = 3.0  # how much the other fields' curves count in it, against 1 for the field's own
STRICT = 0.7  # how much strict F1 counts in it, against 0.3 for lenient


def rows(path: Path) -> list[Row]:
    """The JSON lines of a file, gzipped or not."""
    told = path.read_bytes()
    text = gzip.decompress(told) if path.suffix == ".gz" else told
    return [json.loads(line) for line in text.decode().split("\n") if line]


def paper(row: Row) -> Paper:
    """A paper of the data files."""
    return Paper(row["id"], None, row["title"], row["abstract"], (), tuple(row["categories"]))


def unlabelled(shared: Path) -> list[Row]:
    """Papers to learn words from: neither evaluated ones nor any of the days set aside."""
    skipped = {row["id"] for row in rows(shared / "data/fields/dev.jsonl.gz")}
    kept: dict[str, Row] = {}
    pool = [r | {"announced": r["date"]} for r in rows(shared / "data/fields/pool.jsonl.gz")]
    days = [row for name in DAYS for row in rows(shared / "data" / name)]
    skipped |= {row["id"] for row in days + pool if row["announced"] in SET_ASIDE}
    for row in days + pool:
        if row["id"] not in skipped:
            kept.setdefault(row["id"], row)
    return list(kept.values())


def extra_labels(shared: Path) -> list[Row]:
    """The papers that we labelled ourselves, for training only."""
    known = {row["id"]: row for row in unlabelled(shared)}
    labels = [row for path in LABELS for row in rows(path)]
    return [known[r["id"]] | {"labels": r["labels"]} for r in labels if r["id"] in known]


def _stored() -> dict[str, Any]:
    path = WEIGHTS / "fields.json"
    stored: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return stored


# The fields' weights --------------------------------------------------------------------------


@dataclass(frozen=True)
class Labelled:
    """Papers as numbers, and their labels.

    Attributes:
        numbers: field → papers × NAMES.
        labels: field → 0, 1 or 2 of each paper.
        words: papers × terms; none where words are not learnt from.
        fullness: how much of what its words say counts, for each paper; none as above.
        elsewhere: papers that no field's archive announced: they are nobody's.
    """

    numbers: dict[str, Matrix]
    labels: dict[str, Matrix]
    words: Any = None
    fullness: Matrix | None = None
    elsewhere: Labelled | None = None

    def part(self, chosen: Matrix) -> Labelled:
        """Some of the papers."""
        return Labelled(
            {key: each[chosen] for key, each in self.numbers.items()},
            {key: each[chosen] for key, each in self.labels.items()},
            None if self.words is None else self.words[chosen],
            None if self.fullness is None else self.fullness[chosen],
            self.elsewhere,
        )

    def and_(self, other: Labelled) -> Labelled:
        """These papers and others."""
        both = not (self.words is None or other.words is None)
        return Labelled(
            {key: np.vstack([each, other.numbers[key]]) for key, each in self.numbers.items()},
            {key: np.r_[each, other.labels[key]] for key, each in self.labels.items()},
            sparse.vstack([self.words, other.words]).tocsr() if both else None,
            np.r_[self.fullness, other.fullness] if both else None,
            self.elsewhere or other.elsewhere,
        )

    def said(self, learnt: dict[str, train_words.Told]) -> Labelled:
        """The papers, with what words say that were learnt from labels of others."""
        told = {key: self.words @ column + bias for key, (column, bias) in learnt.items()}
        return self._with_last(told)

    def heard(self, learnt: dict[str, train_words.Told]) -> Labelled:
        """The same of the papers that `learnt` was learnt from: by models that did not see them."""
        told = {key: train_words.unseen(self.words, self.labels[key]) for key in learnt}
        elsewhere = self.elsewhere.said(learnt) if self.elsewhere else None
        return replace(self._with_last(told), elsewhere=elsewhere)

    def _with_last(self, told: dict[str, Matrix]) -> Labelled:
        share = self.fullness
        columns = {
            k: np.column_stack([n[:, :-1], share * told[k]]) for k, n in self.numbers.items()
        }
        return replace(self, numbers=columns)

    def with_elsewhere(self, key: str) -> tuple[Matrix, Matrix]:
        """Numbers and labels of one field, those that are nobody's among them.

        AI is used everywhere: there, only those that do not speak of it.
        """
        if self.elsewhere is None:
            return self.numbers[key], self.labels[key]
        others = self.elsewhere.numbers[key]
        if key == "ai":
            others = others[~others[:, :PHRASES].any(1)]
        return np.vstack([self.numbers[key], others]), np.r_[self.labels[key], [0] * len(others)]

    def __len__(self) -> int:
        return len(next(iter(self.labels.values())))


def labelled(found: Iterable[Row]) -> Labelled:
    """Labelled papers as numbers; the last, of words learnt from labels, is 0 yet."""
    found = list(found)
    read_ = [read(paper(row)) for row in found]
    counted = [features(reading) for reading in read_]
    words = train_words.matrix_of(read_)
    fullness = train_words.fullness_of(read_)
    guessed = {key: fullness * each for key, each in train_words.guesses(words).items()}
    rest = np.zeros(len(found))
    return Labelled(
        {k: np.column_stack([[one[k] for one in counted], guessed[k], rest]) for k in CODES},
        {key: np.array([row["labels"].get(key, 0) for row in found]) for key in CODES},
        words,
        fullness,
    )


def extra(shared: Path) -> Labelled:
    """Our own labels, and unlabelled papers from archives that no field is in.

    A paper on galaxies with an "X-ray image" is not computer vision, and so few of the labelled
    papers are from there that nothing else would say so.
    """
    drawn = np.random.default_rng(0)
    found = [row for row in unlabelled(shared) if not _archives(row) & AT_HOME]
    chosen = [found[at] | {"labels": {}} for at in drawn.permutation(len(found))[:ELSEWHERE]]
    return replace(labelled(extra_labels(shared)), elsewhere=labelled(chosen))


def _archives(row: Row) -> set[str]:
    return {code.partition(".")[0] for code in row["categories"]}


def learn(numbers: Matrix, labels: Matrix, penalty: float) -> tuple[Matrix, float]:
    """Weights and bias of a logistic regression; borderline papers are partly yes, partly no."""
    middle, spread = numbers.mean(0), numbers.std(0) + 0.1
    border = labels == 1
    scaled = (np.vstack([numbers, numbers[border]]) - middle) / spread
    asked = np.r_[labels >= 1, np.zeros(border.sum(), bool)]
    counts = np.r_[np.where(border, HALF, 1.0), np.full(border.sum(), 1 - HALF)]
    learnt = LogisticRegression(C=penalty, max_iter=2000).fit(scaled, asked, sample_weight=counts)
    weights = learnt.coef_[0] / spread
    return weights, float(learnt.intercept_[0] - weights @ middle)


Learnt = dict[str, tuple["Matrix", float]]


def learn_words(data: Labelled) -> dict[str, train_words.Told]:
    """What words say of each field by the labels."""
    return {key: train_words.learn_labelled(data.words, data.labels[key]) for key in CODES}


def learn_all(data: Labelled, fields: Sequence[str] = CODES) -> Learnt:
    """Each field's weights, mixed with those learnt on all fields; these alone under `*`."""
    pairs = {key: data.with_elsewhere(key) for key in fields}
    together = np.vstack([numbers for numbers, _ in pairs.values()])
    asked = np.concatenate([labels for _, labels in pairs.values()])
    shared = learn(together, asked, SHARED_PENALTY)
    learnt: Learnt = {model.SHARED: shared}
    for key, (numbers, labels) in pairs.items():
        alone = learn(numbers, labels, OWN_PENALTY)
        learnt[key] = (
            SHARE * shared[0] + (1 - SHARE) * alone[0],
            SHARE * shared[1] + (1 - SHARE) * alone[1],
        )
    return learnt


def margins(learnt: Learnt, data: Labelled, key: str, under: str = "") -> Matrix:
    """The sums of `data`'s papers for the field `key`, by the weights of `under` or its own."""
    weights, bias = learnt[under or key]
    found: Matrix = data.numbers[key] @ weights + bias
    return found


def thresholds(data: Labelled, fields: Sequence[str] = CODES) -> dict[str, float]:
    """For each field the sum from which a paper is a member, from inner folds.

    A field with eight true papers cannot say it alone: the other fields' curves help.
    """
    outside = {key: np.zeros(len(data)) for key in (*fields, *(f"*{key}" for key in fields))}
    folds = KFold(INNER_FOLDS, shuffle=True, random_state=1)
    for inside, out in folds.split(np.arange(len(data))):
        learnt = learn_all(data.part(inside), fields)
        for key in fields:
            outside[key][out] = margins(learnt, data.part(out), key)
            outside[f"*{key}"][out] = margins(learnt, data.part(out), key, model.SHARED)
    drawn = np.random.default_rng(0)
    curves = {key: _curve(outside[key], data.labels[key], drawn) for key in fields}
    everywhere = np.mean(list(curves.values()), axis=0)
    found = {key: _best(curve + BORROWED * everywhere) for key, curve in curves.items()}
    shared = [_curve(outside[f"*{key}"], data.labels[key], drawn) for key in fields]
    return found | {model.SHARED: _best(np.mean(shared, axis=0))}


def _best(curve: Matrix) -> float:
    return float(GRID[curve.argmax()])


def _curve(sums: Matrix, labels: Matrix, drawn: np.random.Generator) -> Matrix:
    """Strict and lenient F1 together for each threshold of GRID, over bootstrap draws."""
    total = np.zeros(len(GRID))
    for _ in range(DRAWS):
        chosen = drawn.integers(0, len(labels), len(labels))
        shown, truth = sums[chosen][None, :] > GRID[:, None], labels[chosen]
        strict = 2 * (shown & (truth == 2)).sum(1)
        lenient = 2 * (shown & (truth >= 1)).sum(1)
        wrong = (shown & (truth == 0)).sum(1)
        sure = strict / np.maximum(1, (truth == 2).sum() + strict / 2 + wrong)
        wide = lenient / np.maximum(1, (truth >= 1).sum() + shown.sum(1))
        total += STRICT * sure + (1 - STRICT) * wide
    return total / DRAWS


# A reader's own sentence ---------------------------------------------------------------------


def sentences(found: Sequence[Row]) -> Labelled:
    """The same papers and labels, the fields known by their name and sentence only."""
    read_ = [read(paper(row)) for row in found]
    asked = {
        each.key: own.profile(f"{catalogue.name(each, 'en')}. {catalogue.describe(each, 'en')}")
        for each in catalogue.named()
    }
    return Labelled(
        {key: np.array([own.evidence(each, asked[key]) for each in read_]) for key in CODES},
        {key: np.array([row["labels"].get(key, 0) for row in found]) for key in CODES},
    )


def learn_sentences(data: Labelled, fields: Sequence[str]) -> tuple[Matrix, float, float]:
    """Weights, bias and threshold, learnt on `fields`, each of which counts alike."""
    numbers = np.vstack([data.numbers[key] for key in fields])
    labels = np.concatenate([data.labels[key] for key in fields])
    weights, bias = learn(numbers, labels, SHARED_PENALTY)
    drawn = np.random.default_rng(0)
    curves = [_curve(data.numbers[k] @ weights + bias, data.labels[k], drawn) for k in fields]
    return weights, bias, _best(np.mean(curves, axis=0))


def _told_of_sentences(data: Labelled) -> dict[str, Any]:
    weights, bias, threshold = learn_sentences(data, CODES)
    told = {n: round(float(w), 4) for n, w in zip(own.EVIDENCE, weights, strict=True)}
    return {"threshold": round(threshold, 3), "bias": round(bias, 4), "weights": told}


def write_fields(data: Labelled, named_only: Labelled, biases: dict[str, float]) -> None:
    """Writes labelled.tsv and fields.json."""
    words = learn_words(data)
    train_words.write_labelled(words, WEIGHTS)
    data = data.heard(words)
    learnt, found = learn_all(data), thresholds(data)
    fields = {
        key: {
            "threshold": round(found[key], 3),
            "bias": round(bias, 4),
            "weights": {n: round(float(w), 4) for n, w in zip(NAMES, weights, strict=True)},
        }
        for key, (weights, bias) in learnt.items()
    }
    trained = {
        "papers": len(data),
        "labels_2": {key: int((data.labels[key] == 2).sum()) for key in CODES},
        "labels_1": {key: int((data.labels[key] == 1).sum()) for key in CODES},
    }
    labelled_biases = {key: round(bias, 4) for key, (_, bias) in words.items()}
    stored = {"trained_on": trained, "text": biases, "labelled": labelled_biases, "fields": fields}
    stored["sentences"] = _told_of_sentences(named_only)
    (WEIGHTS / "fields.json").write_text(json.dumps(stored, indent=1) + "\n")


def main() -> None:
    """Learns and writes."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    asked.add_argument("--text", action="store_true", help="learn the text model first")
    told = asked.parse_args()
    biases = _stored()["text"]
    if told.text:
        readings = [read(paper(row)) for row in unlabelled(told.shared)]
        biases = train_words.learn_words(readings, WEIGHTS)
        train_words.learn_associations(readings, WEIGHTS)
    dev = rows(told.shared / "data/fields/dev.jsonl.gz")
    named_only = sentences(dev + extra_labels(told.shared))
    write_fields(labelled(dev).and_(extra(told.shared)), named_only, biases)


if __name__ == "__main__":
    main()
