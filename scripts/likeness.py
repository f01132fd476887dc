"""How alike marks are, learnt from abstracts that nobody labelled: for `train_extract.py`.

A word is known by its company: where in an abstract it stands, how its sentence and those around it
begin, which words are beside it. Counts of such company, as pointwise mutual information without
what is below chance, are cut down to a few numbers for each mark (a truncated SVD); marks that
labelled sentences rarely show then learn from those that are like them.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain, pairwise, repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds

from digest.summarize.features import heads, stem, taken_apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RAREST_MARK, RAREST_COMPANY = 5, 20
DIMENSIONS = 150
SMOOTHING = 0.75  # of chance, so that rare company does not count too much

Array = Any


def kind(mark: str) -> int:
    """0 for a word, 1 for two words, 2 for a head."""
    return 2 if mark[0] == "^" else int(" " in mark)


def company(sentences: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each mark of an abstract's sentences, and what it is with."""
    words_of = taken_apart(sentences, "").words
    heads_of = [heads(words)[:2] for words in words_of]
    count = len(sentences)
    for at, words in enumerate(words_of):
        place = [f"rel{10 * at // count}"] * 2
        place += [f"first{min(at, 2)}", f"last{min(count - 1 - at, 2)}"]
        place += [f"before {head}" for head in (heads_of[at - 1] if at else ())]
        place += [f"behind {head}" for head in chain.from_iterable(heads_of[at + 1 : at + 2])]
        under = [*place, *(f"under {head}" for head in heads_of[at])]
        stems = ["<", "<", *map(stem, words), ">", ">"]
        for here, word in enumerate(stems[2:-2]):
            left2, left, _, right, right2 = stems[here : here + 5]
            beside = [f"left {left}", f"right {right}", f"left2 {left2}", f"right2 {right2}"]
            yield word, under + beside
        yield from zip(map(" ".join, pairwise(words)), repeat(under))
        yield from zip(heads(words), repeat(place))


def likeness(abstracts: Iterable[list[str]]) -> tuple[dict[str, int], Array, Counter[str]]:
    """A row for each mark that is not too rare, the rows, and how often each mark is there."""
    seen = [pair for sentences in abstracts for pair in company(sentences)]
    counts = Counter(mark for mark, _ in seen)
    companies = Counter(chain.from_iterable(with_it for _, with_it in seen))
    known = {m: at for at, m in enumerate(m for m, n in counts.items() if n >= RAREST_MARK)}
    columns = {c: at for at, c in enumerate(c for c, n in companies.items() if n >= RAREST_COMPANY)}
    rows = np.fromiter((known.get(m, -1) for m, with_it in seen for _ in with_it), np.int32)
    others = np.fromiter((columns.get(c, -1) for _, with_it in seen for c in with_it), np.int32)
    both = (rows >= 0) & (others >= 0)
    shape = (len(known), len(columns))
    table = csr_matrix((np.ones(both.sum()), (rows[both], others[both])), shape=shape)
    return known, vectors(table), counts


def vectors(table: csr_matrix) -> Array:
    """The rows of counts cut down to `DIMENSIONS`; their mean length is 1."""
    table.sum_duplicates()
    chance = np.asarray(table.sum(0)).ravel() ** SMOOTHING
    chance /= chance.sum()
    cells = table.tocoo()
    often = np.asarray(table.sum(1)).ravel()[cells.row]
    information = np.log(cells.data / (often * chance[cells.col]))
    information *= cells.data / (cells.data + 1)  # what was seen once may be chance
    told = information > 0
    places = cells.row[told], cells.col[told]
    left, values, _ = svds(csr_matrix((information[told], places), shape=table.shape), DIMENSIONS)
    found = left * np.sqrt(values)
    return found / np.linalg.norm(found, axis=1).mean()
