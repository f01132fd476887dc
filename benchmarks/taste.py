"""How well likes re-rank a reader's own papers.

    python benchmarks/taste.py --data ../shared/data/fields/dev.jsonl.gz [--json FILE]

A simulated reader follows `ai` and likes one narrower field inside it. Of the papers that `ai` has
for them, 5 that clearly belong (label 2) to the narrower field are drawn and liked; the others are
ranked as a digest ranks them. `ndcg_gain` is the nDCG@10 of that order less the one of the order
by `score(paper, ai)`, as the mean over 4 fields and 20 seeds; a hit is a paper labelled 2. Beside
it, a plain TF-IDF centroid under the same rules.

`update_ms` is one like (unpacked, text read, learnt, packed; one in twenty takes longer), `bytes`
the fullest taste as it is stored, twice: of now, and of the last edition. `rank_ms` is a full taste
on an edition of 1,000 papers that are read already, `read_ms` the reading of one of these, once
for all readers. Times are of the processor.

Nothing was chosen by these papers: see docs/taste.md. `--labels FILE` takes the labels from another
file ({id, labels} by line), for papers that are not held out.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from datetime import date
from math import log, log2, sqrt
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.fields import paper, rows  # noqa: E402 - the repository's root comes first
from digest import fields, taste  # noqa: E402 - same
from digest.fields import model  # noqa: E402 - same
from digest.fields.words import read  # noqa: E402 - same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.models import Paper

    Row = dict[str, Any]
    Order = Callable[[Sequence[int]], Sequence[float]]
    """The numbers of liked papers → a score for each paper."""

LIKED = ("cv", "ag", "sec", "rl")
SEEDS = 20
LIKES = 5
DEPTH = 10
EDITION = 1000
DAY = date(2026, 2, 3)


class Papers:
    """The papers that `ai` has for its reader, read once."""

    def __init__(self, told: Sequence[Row]) -> None:
        field = fields.by_key("ai")
        scored = [(row, each, fields.score(each, field)) for row in told for each in [paper(row)]]
        members = [each for each in scored if each[2] >= fields.THRESHOLD]
        self.labels = [row["labels"] for row, _, _ in members]
        self.papers = [each for _, each, _ in members]
        self.fits = [fit for _, _, fit in members]
        self.features = [taste.features(each) for each in self.papers]
        self.plain = [_plain(each) for each in self.papers]

    def by_fit(self, _liked: Sequence[int]) -> Sequence[float]:
        """The order without taste."""
        return self.fits

    def by_taste(self, liked: Sequence[int]) -> Sequence[float]:
        """The order of a digest."""
        weighed = taste.weights(_learnt([self.features[n] for n in liked]))
        return [
            taste.moved(fit, taste.leaning(weighed, of))
            for fit, of in zip(self.fits, self.features, strict=True)
        ]

    def by_centroid(self, liked: Sequence[int]) -> Sequence[float]:
        """What a plain TF-IDF centroid of the liked papers says."""
        middle: dict[str, float] = {}
        for number in liked:
            for term, share in self.plain[number].items():
                middle[term] = middle.get(term, 0.0) + share
        return [sum(middle.get(t, 0.0) * x for t, x in each.items()) for each in self.plain]

    def quality(self, order: Order, key: str) -> float:
        """The mean nDCG@10 over the seeds, for readers who like one field."""
        hits = [int(labels.get(key, 0) == fields.BELONGS) for labels in self.labels]
        liked_field = [number for number, hit in enumerate(hits) if hit]
        found = []
        for seed in range(SEEDS):
            liked = random.Random(seed).sample(liked_field, LIKES)
            scores = order(liked)
            rest = sorted(set(range(len(hits))) - set(liked))
            ranked = sorted(rest, key=lambda n: (-scores[n], self.papers[n].id))
            found.append(ndcg([hits[number] for number in ranked]))
        return fmean(found)


def ndcg(hits: Sequence[int]) -> float:
    """nDCG@10 of a ranking of hits and misses."""
    best = _gain(sorted(hits, reverse=True))
    return _gain(hits) / best if best else 0.0


def _gain(hits: Sequence[int]) -> float:
    return sum(hit / log2(rank + 2) for rank, hit in enumerate(hits[:DEPTH]))


def _plain(each: Paper) -> dict[str, float]:
    """Words and pairs by TF-IDF, of length 1."""
    known = model.words()
    counted = model.grams(read(each))
    found = {t: (1 + log(n)) * known[t][0] for t, n in counted.items() if t in known}
    length = sqrt(sum(share * share for share in found.values())) or 1.0
    return {term: share / length for term, share in found.items()}


def _learnt(liked: Sequence[taste.Features]) -> taste.Taste | None:
    found = None
    for each in liked:
        found = taste.learnt(found, each, likes=True, day=DAY)
    return found


def quality(papers: Papers) -> dict[str, float]:
    """Prints a line for each liked field, and returns the figures."""
    orders = {"fit": papers.by_fit, "centroid": papers.by_centroid, "taste": papers.by_taste}
    print(f"{len(papers.papers)} papers of ai\n{'':5}" + "".join(f"{name:>10}" for name in orders))
    found: dict[str, list[float]] = {name: [] for name in orders}
    for key in LIKED:
        for name, order in orders.items():
            found[name].append(papers.quality(order, key))
        print(f"{key:5}" + "".join(f"{each[-1]:10.3f}" for each in found.values()))
    means = {name: fmean(each) for name, each in found.items()}
    figures = {f"ndcg_{name}": mean for name, mean in means.items()}
    figures["ndcg_gain"] = means["taste"] - means["fit"]
    return figures | {"ndcg_gain_centroid": means["centroid"] - means["fit"]}


def costs(papers: Papers) -> dict[str, float]:
    """What one like and one edition take; the taste is of a reader who liked all papers."""
    found: taste.Taste | None = None
    updates, size = [], 0
    for number, each in enumerate(papers.papers):
        began = time.process_time()
        before = taste.unpack(taste.pack(found)) if found else None
        found = taste.learnt(before, taste.features(each), likes=number % 4 > 0, day=DAY)
        size = max(size, 2 * len(taste.pack(found)))
        updates.append(1000 * (time.process_time() - began))
    edition = [papers.features[n % len(papers.features)] for n in range(EDITION)]
    ranks = []
    for _ in range(9):
        began = time.process_time()
        weighed = taste.weights(found)
        scores = [taste.leaning(weighed, each) for each in edition]
        sorted(range(EDITION), key=lambda n: -scores[n])
        ranks.append(1000 * (time.process_time() - began))
    began = time.process_time()
    for one in papers.papers[:200]:
        taste.features(one)
    read_ms = 1000 * (time.process_time() - began) / len(papers.papers[:200])
    slowest = sorted(updates)[-len(updates) // 20]
    figures = {"update_ms": slowest, "bytes": size, "rank_ms": median(ranks)}
    return figures | {"read_ms": read_ms}


def main() -> None:
    """Reads the arguments, prints, and writes the figures."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--data", type=Path, required=True)
    wanted.add_argument("--labels", type=Path)
    wanted.add_argument("--json", type=Path)
    told = wanted.parse_args()
    data = rows(told.data)
    if told.labels:
        labels = {row["id"]: row["labels"] for row in rows(told.labels)}
        data = [row | {"labels": labels[row["id"]]} for row in data if row["id"] in labels]
    papers = Papers(data)
    figures = quality(papers) | costs(papers)
    for name, value in figures.items():
        print(f"{name} {value:.3f}")
    if told.json:
        told.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
