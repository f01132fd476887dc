"""Train the offline extract: `train_extract.py --shared ../shared`.

Reads the train splits of CSAbstruct (which role a sentence plays) and SciTLDR-A (how authors
tell their paper in one sentence) and the abstracts of recorded days (which marks are alike), and
writes `digest/summarize/weights.tsv`. Dev and test are not opened.
Needs numpy, scipy (with scikit-learn) and rouge-score: `pip install '.[benchmarks]'`. About ten
minutes on one core.

Roles: two linear-chain conditional random fields, each abstract weighted by its annotators'
agreement; one sees marks, the other what they are like, too. The mean of their weights is better
than either (5-fold on train), and no bigger.
Gist: a softmax over all ways to say all sentences of an abstract, towards those with the highest
mean of ROUGE-1, 2 and L.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from likeness import kind, likeness
from rouge_score.rouge_scorer import RougeScorer
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack
from scipy.special import logsumexp

from digest.summarize.extract import analysed, candidates
from digest.summarize.features import marks, taken_apart
from digest.summarize.weights import LANES, MOST, ROLES, ZERO, Weights, packed
from digest.text.sentences import split
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OUT = Path(__file__).parents[1] / "digest" / "summarize" / "weights.tsv"
K = len(ROLES)
RAREST = 4  # a mark seen in fewer sentences is left out
ROLE_MARKS, GIST_MARKS = 9000, 6500  # that stay
LIKENESS = 0.5  # how loud what a mark is like speaks beside the mark itself
ROLE_PENALTY = 60.0
GIST_PENALTY = 30.0
SHARPNESS = 10.0  # of the wish for high ROUGE
FIELDS = ("cs", "stat", "eess")  # of the abstracts that are not labelled
LARGEST = 290_000  # bytes of the file

Array = Any  # numpy's own types are longer than what they say here


@dataclass(frozen=True)
class Chains:
    """Sentences of many abstracts: marks, roles, weights, and where each abstract's rows are."""

    marks: csr_matrix
    roles: Array
    rows: Array
    lengths: Array
    weights: Array


def rows_of(file: Path) -> list[dict[str, Any]]:
    """The rows of a packed file of JSON lines."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def index(rows: list[list[str]], rarest: int) -> dict[str, int]:
    """A column for each mark that is not too rare."""
    counts = Counter(mark for row in rows for mark in set(row))
    return {mark: at for at, mark in enumerate(sorted(m for m, n in counts.items() if n >= rarest))}


def matrix(rows: list[list[str]], known: dict[str, int]) -> csr_matrix:
    """The rows of marks as ones in columns."""
    pairs = [(at, known[mark]) for at, row in enumerate(rows) for mark in row if mark in known]
    ones = np.ones(len(pairs))
    return csr_matrix((ones, tuple(zip(*pairs, strict=True))), shape=(len(rows), len(known)))


def weightiest(
    known: dict[str, int], weights: Array, rows: csr_matrix, most: int
) -> dict[str, int]:
    """The marks that move most sentences most."""
    moved = np.abs(weights).reshape(len(known), -1).max(1) * np.sqrt(
        np.asarray(rows.sum(0)).ravel()
    )
    kept = np.argsort(-moved, kind="stable")[:most]
    names = list(known)
    return {mark: at for at, mark in enumerate(sorted(names[one] for one in kept))}


# Roles


def chains(documents: list[dict[str, Any]], known: dict[str, int], rows: list[list[str]]) -> Chains:
    """The documents as arrays, each weighted by its annotators' agreement."""
    lengths = np.array([len(one["sentences"]) for one in documents])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    table = -np.ones((len(lengths), lengths.max()), dtype=int)
    for at, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        table[at, :length] = np.arange(start, start + length)
    roles = np.array([ROLES.index(label) for one in documents for label in one["labels"]])
    agreement = np.array([np.mean(one["confs"]) for one in documents])
    return Chains(
        matrix(rows, known), np.eye(K)[roles], table, lengths, agreement / agreement.mean()
    )


def fit_roles(data: Chains) -> tuple[Array, Array, Array, Array]:
    """Weights of the marks, of roles following each other, of the first and of the last role."""
    size = data.marks.shape[1] * K
    turned = data.marks.T.tocsr()

    def cost(values: Array) -> tuple[float, Array]:
        own = values[:size].reshape(-1, K)
        loss, errors, rest = chain_cost(data, data.marks @ own, values[size:])
        loss += ROLE_PENALTY * (own**2).sum() / 2 + (values[size:] ** 2).sum() / 2
        slope = turned @ errors + ROLE_PENALTY * own
        return loss, np.concatenate([slope.ravel(), rest + values[size:]])

    start = np.zeros(size + K * K + 2 * K)
    found = minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": 80}).x
    return (found[:size].reshape(-1, K), *apart(found[size:]))


def apart(rest: Array) -> tuple[Array, Array, Array]:
    """How roles follow each other, the first role, the last role."""
    return rest[: K * K].reshape(K, K), rest[K * K : K * K + K], rest[-K:]


def chain_cost(data: Chains, scores: Array, rest: Array) -> tuple[float, Array, Array]:
    """Loss, its slope by score, and by what is in `rest` (forward-backward over all at once)."""
    follows, first, last = apart(rest)
    here = data.rows >= 0
    count, longest = here.shape
    everyone, ends = np.arange(count), data.lengths - 1
    own = np.where(here[:, :, None], scores[data.rows], 0.0)
    own[:, 0] += first
    own[everyone, ends] += last
    ahead = np.zeros(own.shape)
    ahead[:, 0] = own[:, 0]
    for at in range(1, longest):
        reached = logsumexp(ahead[:, at - 1, :, None] + follows, axis=1) + own[:, at]
        ahead[:, at] = np.where(here[:, at, None], reached, ahead[:, at - 1])
    total = logsumexp(ahead[:, -1], axis=1)
    truth = np.where(here[:, :, None], data.roles[data.rows], 0.0)
    back = np.zeros(own.shape)
    pairs = np.zeros((K, K))
    for at in range(longest - 2, -1, -1):
        after = own[:, at + 1] + back[:, at + 1]
        weight = (here[:, at + 1] * data.weights)[:, None, None]
        seen = np.exp(ahead[:, at, :, None] + follows + after[:, None, :] - total[:, None, None])
        pairs += ((seen - truth[:, at, :, None] * truth[:, at + 1, None, :]) * weight).sum(0)
        reached = logsumexp(follows + after[:, None, :], axis=2)
        back[:, at] = np.where(here[:, at + 1, None], reached, 0.0)
    chance = np.exp(ahead + back - total[:, None, None]) * here[:, :, None]
    errors = (chance - truth) * data.weights[:, None, None]
    told = (truth * own).sum((1, 2))
    for at in range(longest - 1):
        told += np.einsum("qa,ab,qb->q", truth[:, at], follows, truth[:, at + 1])
    flat = np.zeros(scores.shape)
    flat[data.rows[here]] = errors[here]
    slope = np.concatenate([pairs.ravel(), errors[:, 0].sum(0), errors[everyone, ends].sum(0)])
    return float((data.weights * (total - told)).sum()), flat, slope


# Gist


def fit_gist(rows: csr_matrix, papers: Array, worth: Array) -> Array:
    """A weight for each mark: a softmax within each paper towards the candidates of most worth."""
    starts = np.searchsorted(papers, np.arange(papers.max() + 1))
    wanted = softmax(worth * SHARPNESS, papers, starts)
    turned = rows.T.tocsr()

    def cost(weights: Array) -> tuple[float, Array]:
        chance = softmax(rows @ weights, papers, starts)
        loss = -(wanted * np.log(chance + 1e-300)).sum() + GIST_PENALTY * (weights @ weights) / 2
        return loss, turned @ (chance - wanted) + GIST_PENALTY * weights

    start = np.zeros(rows.shape[1])
    return minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x


def softmax(scores: Array, papers: Array, starts: Array) -> Array:
    """Chances among each paper's candidates."""
    odds = np.exp(scores - np.maximum.reduceat(scores, starts)[papers])
    return odds / np.add.reduceat(odds, starts)[papers]


def worth_of(text: str, targets: list[str], scorer: RougeScorer) -> float:
    """The mean of ROUGE-1, 2 and L against the best of the authors' sentences."""
    scores = [scorer.score(target, text) for target in targets]
    return max(float(np.mean([one.fmeasure for one in score.values()])) for score in scores)


def gist_data(
    documents: list[dict[str, Any]], weights: Weights
) -> tuple[list[list[str]], Array, Array]:
    """The marks of all candidates of all papers, whose they are, and what they are worth."""
    scorer = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)
    rows, papers, worth = [], [], []
    for at, one in enumerate(documents):
        analysis = analysed(one["source"], one.get("title") or "", weights)
        own = marks(analysis.abstract)
        for candidate in candidates(analysis, range(len(one["source"]))):
            at_once = [*own[candidate.sentence], f"role:{analysis.roles[candidate.sentence]}"]
            rows.append([*at_once, *candidate.marks])
            papers.append(at)
            worth.append(worth_of(candidate.text, one["target"], scorer))
    return rows, np.array(papers), np.array(worth)


# The file


def signs(values: Array, scale: float) -> str:
    """The weights of a mark as the file writes them."""
    whole = np.clip(np.rint(values / scale), -MOST, MOST).astype(int)
    return "".join(chr(ZERO + one) for one in whole)


def scale_of(values: Array) -> float:
    """What a weight of 1 is worth, so that all but a few in 10,000 fit."""
    return float(np.quantile(np.abs(values), 0.9999)) / MOST


def written(marks: dict[str, Array], head: dict[str, Any]) -> str:
    """The file, with as many marks as it may hold, those that matter most first to stay."""
    scales = np.array([head["role_scale"]] * K + [head["gist_scale"]])
    ranked = sorted(marks, key=lambda mark: -float(np.abs(marks[mark] / scales).max()))
    lines, size = [], len(json.dumps(head)) + 1
    for mark in ranked:
        line = f"{mark}\t{signs(marks[mark] / scales, 1.0)}"
        size += len(line.encode()) + 1
        if size > LARGEST or line.endswith(chr(ZERO) * LANES):
            break
        lines.append(line)
    return "\n".join([json.dumps(head), *sorted(lines)]) + "\n"


def unlabelled(shared: Path) -> Iterator[list[str]]:
    """The sentences of recorded abstracts like those that roles are learnt from."""
    for file in sorted(shared.glob("data/papers_*.jsonl.gz")):
        for paper in rows_of(file):
            if paper["primary_category"].startswith(FIELDS):
                yield split(readable(paper["abstract"]))


def weightiest_of(told: dict[str, Array], counts: Counter[str], often: Counter[str]) -> list[str]:
    """The marks that move most sentences most, here or in the abstracts without labels."""
    heads = [mark for mark in often if mark.count(" ") == 2]  # one in each sentence
    share = sum(counts[mark] for mark in heads) / sum(often[mark] for mark in heads)
    moved = {m: np.abs(w).max() * max(counts[m], often[m] * share) ** 0.5 for m, w in told.items()}
    return sorted(told, key=moved.__getitem__)[-ROLE_MARKS:]


def role_weights(
    documents: list[dict[str, Any]], others: Iterable[list[str]]
) -> tuple[dict[str, Array], dict[str, Any]]:
    """Each mark's weight for each role, and the head of the file."""
    rows = [row for one in documents for row in marks(taken_apart(one["sentences"], ""))]
    data = chains(documents, index(rows, RAREST), rows)
    known = index(rows, RAREST)
    alike, found, often = likeness(chain(others, (one["sentences"] for one in documents)))
    seen = matrix(rows, alike)
    kinds = np.eye(3)[[kind(mark) for mark in alike]] * LIKENESS
    like = np.hstack([seen.multiply(one).tocsr() @ found for one in kinds.T])
    plain, *chained = fit_roles(data)
    fuller, *rechained = fit_roles(replace(data, marks=hstack([data.marks, like]).tocsr()))
    told = dict(zip(known, (plain + fuller[: len(known)]) / 2, strict=True))
    for part, one in zip(np.split(fuller[len(known) :], 3), kinds.T, strict=True):
        lent = one[:, None] * (found @ part) / 2
        told.update({m: told.get(m, 0.0) + lent[at] for m, at in alike.items() if one[at]})
    kept = weightiest_of(told, Counter(chain.from_iterable(rows)), often)
    pairs = zip(chained, rechained, strict=True)
    follows, first, last = [(one + other) / 2 for one, other in pairs]
    head = {
        "role_scale": scale_of(np.array([told[mark] for mark in kept])),
        "starts": np.exp(first).round(4).tolist(),
        "ends": np.exp(last).round(4).tolist(),
        "follows": np.exp(follows).round(4).tolist(),
    }
    return {mark: told[mark] for mark in kept}, head


def main() -> None:
    """Train, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    data = asked.shared / "data" / "summaries"
    documents = rows_of(data / "csabstruct_train.jsonl.gz")
    roles, head = role_weights(documents, unlabelled(asked.shared))
    print(f"roles: {len(roles)} marks")
    scale = head["role_scale"]
    weights = Weights(
        marks={m: packed(signs(np.append(w / scale, 0), 1.0)) for m, w in roles.items()},
        gist_scale=1.0,
        role_scale=scale,
        starts=tuple(head["starts"]),
        ends=tuple(head["ends"]),
        follows=tuple(map(tuple, head["follows"])),
    )
    rows, papers, worth = gist_data(rows_of(data / "scitldr_train.jsonl.gz"), weights)
    known = index(rows, RAREST)
    table = matrix(rows, known)
    known = weightiest(known, fit_gist(table, papers, worth), table, GIST_MARKS)
    gist = fit_gist(matrix(rows, known), papers, worth)
    print(f"gist: {len(known)} marks, {len(rows)} candidates")
    head["gist_scale"] = scale_of(gist)
    nothing = np.zeros(K)
    together = {
        mark: np.append(roles.get(mark, nothing), gist[known[mark]] if mark in known else 0.0)
        for mark in {*roles, *known}
    }
    asked.out.write_text(written(together, head), encoding="utf-8")
    print(f"{asked.out}: {asked.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
