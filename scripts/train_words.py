"""Learns what words say of each field: `train_fields.py --text` calls it.

Two text models, both linear over words and pairs of words. The first is learnt from about 10,000
papers **without any label**: a guess from the catalogue's phrases and arXiv's categories is its
teacher (words.tsv). The second is learnt from the labelled papers only (labelled.tsv); whatever its
numbers are used to learn is told them by a model that has not seen the paper.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.preprocessing import normalize

from digest.fields import catalogue, model
from digest.fields.features import NAMES, features

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from digest.fields.words import Reading

    Matrix: TypeAlias = np.ndarray[Any, Any]

CODES = tuple(catalogue.entries())
LEAST_PAPERS, DIMENSIONS, NEIGHBOURS, LIKE, HOMES = 15, 120, 8, 0.45, 4
SAYING_LITTLE = """
the a an of and to in for on with is are by we that this from as our be it at can which their these
or its not have has was were also but more than such into using use used based via between both
while show propose paper result method approach new however study present find
"""
COMMON = frozenset(SAYING_LITTLE.split())


SURE = 3.6  # of `guessed`, from which a paper is taken for the field's
LEAST = 60  # papers so taken, however rare the field
LEAST_TOLD = 0.6  # a smaller weight moves no paper


def guessed(numbers: Sequence[float]) -> float:
    """A first guess from phrases and categories: the label that the text model learns from."""
    named = dict(zip(NAMES, numbers, strict=False))
    worth = {
        "strong_title": 1.6, "strong_kinds": 1.6, "strong_count": 0.6, "likely_title": 0.9,
        "likely_kinds": 0.9, "likely_count": 0.3, "weak_title": 0.3, "weak_kinds": 0.5,
        "primary_first": 1.2, "cross_first": 0.6, "primary_second": 0.5, "cross_second": 0.3,
    }  # fmt: skip
    return sum(worth.get(name, 0) * value for name, value in named.items())


def learn_words(readings: Sequence[Reading], folder: Path) -> dict[str, float]:
    """Writes words.tsv; returns each field's bias."""
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
    lines = [
        "# term, its rarity (natural logarithm of papers / papers with it), and hundredths that it",
        "# counts for a field. Learnt by scripts/train_fields.py from unlabelled papers.",
    ]
    told = _told(np.array(columns).T, LEAST_TOLD)
    lines += [f"{t}\t{r:.2f}\t{w}" for t, r, w in zip(vocabulary, rarity, told, strict=True)]
    (folder / "words.tsv").write_text("\n".join(lines) + "\n")
    return biases


def _told(columns: Matrix, least: float) -> list[str]:
    """For each term the fields that it speaks for or against, in hundredths."""
    return [
        " ".join(
            f"{key}:{round(100 * weight)}"
            for key, weight in zip(CODES, row, strict=True)
            if abs(weight) >= least
        )
        for row in columns
    ]


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
    told = sparse.csr_matrix((values, (row_numbers, column_numbers)), shape=shape)
    return normalize(told)


def learn_associations(readings: Sequence[Reading], folder: Path) -> None:
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
    (folder / "associations.tsv").write_text("\n".join(lines) + "\n")


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


# From labels ----------------------------------------------------------------------------------

PENALTY = 10.0
BORDER = 0.7  # a borderline paper is so much of a yes
FOLDS = 5
LEAST_LABELLED = 0.25  # a smaller weight moves no paper

Told = tuple["Matrix", float]
"""A column of weights, one for each term of `terms()`, and a bias."""


def terms() -> list[str]:
    """The vocabulary of words.tsv, in the order of the matrix's columns."""
    return list(model.vocabulary())


def matrix_of(readings: Iterable[Reading]) -> Any:
    """Papers × terms, as the light model weighs them."""
    rarity = np.array(list(model.vocabulary().values()))
    return _matrix([model.grams(reading) for reading in readings], terms(), rarity)


def fullness_of(readings: Iterable[Reading]) -> Matrix:
    """How much of what its words say counts, for each paper."""
    rarity = model.vocabulary()
    found = []
    for reading in readings:
        told = model.grams(reading).items()
        values = [rarity[t] * (1 + np.log(n)) for t, n in told if t in rarity]
        found.append(model.fullness(float(np.linalg.norm(values))))
    return np.array(found)


def guesses(matrix: Any) -> dict[str, Matrix]:
    """What the words say that were learnt without labels: field → a number for each paper."""
    told, biases = model.unlabelled_words(), model.text_biases()
    found = {}
    for key in CODES:
        column = np.array([told[term].get(key, 0.0) for term in terms()])
        found[key] = biases.get(key, 0.0) + matrix @ column
    return found


def learn_labelled(matrix: Any, labels: Matrix) -> Told:
    """What words say by the labels 0, 1 and 2; nothing where hardly a paper is of the field."""
    true = labels >= 1
    if true.sum() <= 1:
        return np.zeros(matrix.shape[1]), 0.0
    counts = np.where(labels == 1, BORDER, 1.0)
    model_ = LogisticRegression(C=PENALTY, solver="liblinear", max_iter=300)
    learnt = model_.fit(matrix, true, sample_weight=counts)
    return learnt.coef_[0], float(learnt.intercept_[0])


def unseen(matrix: Any, labels: Matrix) -> Matrix:
    """What `learn_labelled` says of each paper that it was not shown."""
    told = np.zeros(len(labels))
    for inside, out in KFold(FOLDS, shuffle=True, random_state=3).split(np.arange(len(labels))):
        column, bias = learn_labelled(matrix[inside], labels[inside])
        told[out] = matrix[out] @ column + bias
    return told


def write_labelled(learnt: dict[str, Told], folder: Path) -> None:
    """Writes labelled.tsv."""
    told = _told(np.array([learnt[key][0] for key in CODES]).T, LEAST_LABELLED)
    lines = [
        "# term, and hundredths that it counts for a field.",
        "# Learnt by scripts/train_fields.py from labelled papers.",
        *(f"{term}\t{weights}" for term, weights in zip(terms(), told, strict=True) if weights),
    ]
    (folder / "labelled.tsv").write_text("\n".join(lines) + "\n")
