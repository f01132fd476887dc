"""Learns the weights of `digest/fields/weights` and writes them with their figures.

    python scripts/train_fields.py --shared DIR [--text]

Needs scikit-learn. Two steps: `--text` learns the text model from unlabelled papers (about a
minute), with the catalogue's phrases and arXiv's categories for labels; then the fields' weights
are learnt from the labelled papers (DIR/data/fields/dev.jsonl.gz and benchmarks/labels/pool.jsonl).
The two days that the benchmark sets aside are never read.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.preprocessing import normalize

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from digest.fields import catalogue, model, own  # noqa: E402 - the repository's root comes first
from digest.fields.features import NAMES, features  # noqa: E402 - same
from digest.fields.words import Reading, read  # noqa: E402 - same
from digest.models import Paper  # noqa: E402 - same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Row = dict[str, Any]
    Matrix: TypeAlias = np.ndarray[Any, Any]
    Scorer = Callable[[Matrix], Matrix]

SET_ASIDE = ("2025-06-26", "2026-02-04")
DAYS = ("papers_2025-06-23_27.jsonl.gz", "papers_2026-01-23_02-06.jsonl.gz")
CODES = tuple(catalogue.entries())
WEIGHTS = ROOT / "digest/fields/weights"
LABELS = ROOT / "benchmarks/labels/pool.jsonl"

HALF = 1.0  # a borderline label counts so much as a yes, the rest as a no
OWN_PENALTY, SHARED_PENALTY = 0.03, 0.3
SHARE = 0.3  # of the shared weights in a field's own
INNER_FOLDS = 5
ELSEWHERE = 250  # papers of archives without a field that are added as nobody's
AT_HOME = {archive for entry in catalogue.entries().values() for archive in entry.archives} - {
    "math"
}
GRID = np.linspace(-4, 2, 121)  # thresholds tried
LEAST_PAPERS, DIMENSIONS, NEIGHBOURS, LIKE, HOMES = 15, 120, 8, 0.45, 4
DRAWS = 40  # bootstrap draws that smooth a threshold's choice
BORROWED = 3.0  # how much the other fields' curves count in it, against 1 for the field's own
SAYING_LITTLE = """
the a an of and to in for on with is are by we that this from as our be it at can which their these
or its not have has was were also but more than such into using use used based via between both
while show propose paper result method approach new however study present find
"""
COMMON = frozenset(SAYING_LITTLE.split())


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
    """The papers of the pool that we labelled ourselves, for training only."""
    pool = {row["id"]: row for row in rows(shared / "data/fields/pool.jsonl.gz")}
    return [pool[r["id"]] | {"labels": r["labels"]} for r in rows(LABELS) if r["id"] in pool]


# The text model -------------------------------------------------------------------------------


SURE = 3.6  # of `guessed`, from which a paper is taken for the field's
LEAST = 60  # papers so taken, however rare the field


def guessed(numbers: Sequence[float]) -> float:
    """A first guess from phrases and categories: the label that the text model learns from."""
    named = dict(zip(NAMES, numbers, strict=False))
    worth = {
        "strong_title": 1.6, "strong_kinds": 1.6, "strong_count": 0.6, "likely_title": 0.9,
        "likely_kinds": 0.9, "likely_count": 0.3, "weak_title": 0.3, "weak_kinds": 0.5,
        "primary_first": 1.2, "cross_first": 0.6, "primary_second": 0.5, "cross_second": 0.3,
    }  # fmt: skip
    return sum(worth.get(name, 0) * value for name, value in named.items())


def learn_words(readings: Sequence[Reading]) -> None:
    """Writes words.tsv, and the text model's biases into fields.json."""
    counted = [model.grams(reading) for reading in readings]
    vocabulary, rarity = _vocabulary(counted)
    matrix = _matrix(counted, vocabulary, rarity)
    guesses = [features(reading) for reading in readings]
    columns, biases = [], {}
    for key in CODES:
        sums = np.array([guessed(numbers[key]) for numbers in guesses])
        asked = sums >= min(SURE, np.sort(sums)[-LEAST])
        learnt = LogisticRegression(C=3, solver="liblinear", max_iter=60).fit(matrix, asked)
        margins = matrix @ learnt.coef_[0]
        spread = margins.std()
        columns.append(learnt.coef_[0] / spread)
        biases[key] = round(float(-margins.mean() / spread), 4)
        print(f"{key}: {asked.sum()} guessed of {len(asked)}")
    _write_words(vocabulary, rarity, np.array(columns).T)
    known = _stored()
    (WEIGHTS / "fields.json").write_text(json.dumps(known | {"text": biases}, indent=1) + "\n")


def _vocabulary(counted: Sequence[Counter[str]]) -> tuple[list[str], Matrix]:
    papers = Counter(term for terms in counted for term in terms)
    kept = [t for t, n in papers.items() if n >= (10 if " " in t else 6) and _telling(t)]
    kept = sorted(t for t in kept if papers[t] < len(counted) / 2)
    return kept, np.log(len(counted) / np.array([papers[t] for t in kept]))


def _telling(term: str) -> bool:
    return not any(word in COMMON or word.isdigit() or len(word) == 1 for word in term.split())


def _matrix(counted: Sequence[Counter[str]], vocabulary: list[str], rarity: Matrix) -> Any:
    at = {term: number for number, term in enumerate(vocabulary)}
    found = [
        (row, at[term], (1 + np.log(count)) * rarity[at[term]])
        for row, terms in enumerate(counted)
        for term, count in terms.items()
        if term in at
    ]
    row_numbers, column_numbers, values = zip(*found, strict=True)
    shape = (len(counted), len(vocabulary))
    return normalize(sparse.csr_matrix((values, (row_numbers, column_numbers)), shape=shape))


def _write_words(vocabulary: Sequence[str], rarity: Matrix, columns: Matrix) -> None:
    lines = [
        "# term, its rarity (natural logarithm of papers / papers with it), and hundredths that it",
        "# counts for a field. Learnt by scripts/train_fields.py from unlabelled papers.",
    ]
    for number, term in enumerate(vocabulary):
        told = [
            f"{key}:{round(100 * weight)}"
            for key, weight in zip(CODES, columns[number], strict=True)
            if abs(weight) >= 0.6  # less moves no paper
        ]
        lines.append(f"{term}\t{rarity[number]:.2f}\t{' '.join(told)}")
    (WEIGHTS / "words.tsv").write_text("\n".join(lines) + "\n")


def learn_associations(readings: Sequence[Reading]) -> None:
    """Writes associations.tsv: what stands near a word, and in which categories it is at home."""
    counted = [model.grams(reading) for reading in readings]
    every, rarity = _vocabulary(counted)
    common = np.flatnonzero(rarity < np.log(len(counted) / LEAST_PAPERS))
    matrix = _matrix(counted, every, rarity)[:, common]
    terms = [every[number] for number in common]
    meanings = TruncatedSVD(DIMENSIONS, random_state=0).fit(matrix).components_.T
    meanings = normalize(meanings * rarity[common][:, None])
    homes = _homes(readings, matrix)
    lines = [
        "# term, its rarity, hundredths of likeness of the terms used alike, and of the arXiv",
        "# categories where it stands more often than elsewhere (log10 of how much more).",
        "# Learnt by scripts/train_fields.py from unlabelled papers.",
    ]
    for number, term in enumerate(terms):
        alike = meanings @ meanings[number]
        near = [n for n in np.argsort(-alike)[1 : NEIGHBOURS + 1] if alike[n] >= LIKE]
        told = " ".join(f"{terms[n].replace(' ', '_')}:{round(100 * alike[n])}" for n in near)
        lines.append(f"{term}\t{rarity[common[number]]:.2f}\t{told}\t{homes[number]}")
    (WEIGHTS / "associations.tsv").write_text("\n".join(lines) + "\n")


def _homes(readings: Sequence[Reading], matrix: Any) -> list[str]:
    """For each term the categories that it speaks for the most."""
    known = catalogue.codes_known()
    codes = sorted({c for reading in readings for c in reading.categories if c in known})
    own = np.array([[code in reading.categories for code in codes] for reading in readings])
    stands = (matrix > 0).astype(float)
    within = (stands.T @ own + own.mean(0)) / (np.asarray(stands.sum(0)).T + 1)
    lift = np.log10(within / own.mean(0))
    told = []
    for row, share in zip(lift, within, strict=True):
        best = [n for n in np.argsort(-row * share)[:HOMES] if row[n] >= 0.3]
        told.append(" ".join(f"{codes[n]}:{round(100 * row[n] * share[n])}" for n in best))
    return told


def _stored() -> dict[str, Any]:
    path = WEIGHTS / "fields.json"
    stored: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return stored


# The fields' weights --------------------------------------------------------------------------


@dataclass(frozen=True)
class Labelled:
    """The numbers of papers (field → papers × NAMES) and their labels (field → 0, 1 or 2)."""

    numbers: dict[str, Matrix]
    labels: dict[str, Matrix]
    elsewhere: dict[str, Matrix] = field(default_factory=dict)

    def with_elsewhere(self) -> Labelled:
        """The numbers of papers that no field's archive announced, too: they are nobody's."""
        return Labelled(
            {k: np.vstack([each, *self._of(k)]) for k, each in self.numbers.items()},
            {
                k: np.r_[each, np.zeros(sum(map(len, self._of(k))), int)]
                for k, each in self.labels.items()
            },
        )

    def _of(self, key: str) -> list[Matrix]:
        return [self.elsewhere[key]] if key in self.elsewhere else []

    def part(self, chosen: Matrix) -> Labelled:
        """Some of the papers."""
        return Labelled(
            {key: each[chosen] for key, each in self.numbers.items()},
            {key: each[chosen] for key, each in self.labels.items()},
            self.elsewhere,
        )

    def and_(self, other: Labelled) -> Labelled:
        """These papers and others."""
        return Labelled(
            {key: np.vstack([each, other.numbers[key]]) for key, each in self.numbers.items()},
            {key: np.r_[each, other.labels[key]] for key, each in self.labels.items()},
            self.elsewhere or other.elsewhere,
        )

    def __len__(self) -> int:
        return len(next(iter(self.labels.values())))


def labelled(found: Iterable[Row]) -> Labelled:
    """Labelled papers as numbers, with the text model's as the last."""
    found = list(found)
    read_ = [read(paper(row)) for row in found]
    counted = [features(reading) for reading in read_]
    texts = [model.text_fits(reading) for reading in read_]
    both = list(zip(counted, texts, strict=True))
    return Labelled(
        {key: np.array([[*numbers[key], text[key]] for numbers, text in both]) for key in CODES},
        {key: np.array([row["labels"].get(key, 0) for row in found]) for key in CODES},
    )


def extra(shared: Path) -> Labelled:
    """Our own labels of the pool, and unlabelled papers from archives that no field is in.

    A paper on galaxies with an "X-ray image" is not computer vision, and so few of the labelled
    papers are from there that nothing else would say so. AI is left out: it is used everywhere.
    """
    mine = labelled(extra_labels(shared))
    drawn = np.random.default_rng(0)
    found = [row for row in unlabelled(shared) if not _archives(row) & AT_HOME]
    chosen = [found[at] | {"labels": {}} for at in drawn.permutation(len(found))[:ELSEWHERE]]
    numbers = labelled(chosen).numbers
    return Labelled(mine.numbers, mine.labels, {k: v for k, v in numbers.items() if k != "ai"})


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


def learn_all(data: Labelled, fields: Sequence[str] = CODES) -> Learnt:
    """Each field's weights, mixed with those learnt on all fields; these alone under `*`."""
    data = data.with_elsewhere()
    together = np.vstack([data.numbers[key] for key in fields])
    asked = np.concatenate([data.labels[key] for key in fields])
    shared = learn(together, asked, SHARED_PENALTY)
    learnt: Learnt = {model.SHARED: shared}
    for key in fields:
        alone = learn(data.numbers[key], data.labels[key], OWN_PENALTY)
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
        total += strict / np.maximum(1, (truth == 2).sum() + strict / 2 + wrong)
        total += lenient / np.maximum(1, (truth >= 1).sum() + shown.sum(1))
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


def write_fields(data: Labelled, named_only: Labelled) -> None:
    """Writes fields.json."""
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
    stored = {"trained_on": trained, "text": _stored()["text"], "fields": fields}
    stored["sentences"] = _told_of_sentences(named_only)
    (WEIGHTS / "fields.json").write_text(json.dumps(stored, indent=1) + "\n")


def main() -> None:
    """Learns and writes."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    asked.add_argument("--text", action="store_true", help="learn the text model first")
    told = asked.parse_args()
    if told.text:
        readings = [read(paper(row)) for row in unlabelled(told.shared)]
        learn_words(readings)
        learn_associations(readings)
    dev = rows(told.shared / "data/fields/dev.jsonl.gz")
    named_only = sentences(dev + extra_labels(told.shared))
    write_fields(labelled(dev).and_(extra(told.shared)), named_only)


if __name__ == "__main__":
    main()
