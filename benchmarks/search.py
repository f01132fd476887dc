"""How fast papers are found, and how much room the index takes: 200,000 papers.

    python benchmarks/search.py [--data ../shared/data/papers_*.jsonl.gz] [--papers 200000]
        [--url sqlite:///FILE] [--json FILE]

The recorded days come again and again with fresh ids and dates. A third of the papers has a Chinese
summary, put together from the clauses of the catalogue's Chinese sentences and, where it is there,
of recorded reports, so that words are as frequent as they are in such texts. With `--url` an empty
database of that address is used, PostgreSQL's too.

    newest_ms, newest_p95_ms    a search, newest first; median and 95 % of QUERIES, each the best of
                                seven
    ranked_ms, ranked_p95_ms    the same by rank
    similar_ms                  the papers most like one
    short_words_found           of 50 Chinese words of one or two characters and acronyms: whose
                                newest eight hits have them, or their English names
    index_mb, index_share       what the index takes, and as a share of all the rest
    newest_cpu_ms, ranked_cpu_ms, similar_cpu_ms    the medians in CPU: the machine may be shared
    day_cpu_s                   to index a day's 1,000 papers, in seconds of CPU; the mean
    merge_cpu_s                 to put together what 200,000 papers had left apart, of which a day
                                is a 200th
    longest_ms                  of it, the longest that the event loop was held
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import ColumnElement, func, insert, literal, select
from sqlalchemy import text as sql

from benchmarks import recorded
from benchmarks.heart import heart
from bot import collector
from digest import calendar, fields, finding, query, terms, widening
from digest.models import Announcement, Batch, Kind, Paper, Source, Summary
from digest.store import Store, layers, search_tables, tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from digest.store.database import Database
    from digest.store.layers import Layer

FIRST, FRIDAY = date(2026, 1, 5), 4
A_DAY = 1000
REAL_DAYS, MONTH = 10, "9913"  # so many days are recorded; their papers' ids begin so
TURN = 14  # calendar days in which there are so many of arXiv's
SHELF = search_tables.search_shelves.c.shelf
TOLD = 3  # one of so many has a summary in Chinese
MB = 1_000_000
SHORT = (
    "云", "推理", "模型", "学习", "训练", "数据", "图", "视频", "语言", "机器", "控制", "策略",
    "优化", "量子", "安全", "隐私", "检索", "生成", "扩散", "注意", "存储", "缓存", "图像", "分布",
    "强化", "代码", "推荐", "医学", "检测", "对齐",
    "RL", "3D", "C++", "AI", "LLM", "GPU", "RAG", "MoE", "ViT", "GAN", "CNN", "6G", "IoT", "2D",
    "QA", "LLMs", "RLHF", "VLM", "NLP", "SQL",
)  # fmt: skip
QUERIES = (
    "learning", "model", "world model", '"world model"', "reinforcement learning", "RL", "云",
    "推理",
    "diffusion policy", "quantum error correction", "large language model reasoning",
    "graph neural network -survey", "cold start serverless", "C++", "3D Gaussian splatting",
    "强化学习", "大模型 推理", "Kubernetes", "Schrödinger equation",
    "retrieval-augmented generation",
    "vector database", '"mixture of experts" routing', "black hole thermodynamics", "zebrafish",
    "the role of memory in agents", "transformer attention efficient long context inference",
)  # fmt: skip
RUNS = 7
Taken = tuple[float, float]  # wall clock and CPU
SIMILAR = 30  # papers of the newest day


def clauses(folder: Path) -> list[str]:
    """Pieces of Chinese sentences."""
    texts = [fields.describe(each, "zh") for each in (*fields.named(), *fields.categories())]
    reports = folder / "summaries" / "existing_reports_parsed.jsonl"
    if reports.is_file():
        lines = reports.read_text(encoding="utf-8").splitlines()
        texts += [json.loads(line).get("summary_zh", "") for line in lines]
    found = [piece for each in texts for piece in each.replace("。", "，").split("，")]
    return [piece for piece in found if len(piece) > 1]


class World:
    """Days without end."""

    def __init__(self, rows: list[dict[str, Any]], pieces: list[str]) -> None:
        self._rows = itertools.cycle(rows)
        self._pieces = pieces
        self._random = random.Random(7)
        self._numbers = itertools.count()

    def paper(self) -> Paper:
        """The next paper, under another id; its words as they are."""
        return recorded.paper(next(self._rows), f"{MONTH}.{next(self._numbers):05d}")

    def summary(self, paper: Paper) -> Summary:
        """About 150 characters; its gist and its parts are of the same length as a model's."""
        drawn = self._random.choices(self._pieces, k=8)
        return Summary(
            paper_id=paper.id,
            language="zh",
            writer="a-model",
            title=drawn[0][:24],
            gist=drawn[1] + "。",
            text="，".join(drawn[2:7]) + "。",
            background=drawn[7],
            version=1,
        )


async def fill(store: Store, world: World, count: int) -> dict[str, Any]:
    """Stores and indexes the recorded days; then copies of them, until there are enough."""
    days: list[date] = []
    day, cpu, held = FIRST, [], 0.0
    for _ in range(min(REAL_DAYS, count // A_DAY)):
        day = following(day)
        days.append(day)
        await announce(store, world, day)
        begun = time.process_time()
        async with heart() as beats:
            while await store.indexing.step():
                await store.indexing.tidy()
        cpu.append(time.process_time() - begun)
        held = max(held, beats[0])
        print(f"{day} indexed", file=sys.stderr)
    merged = await copies(store, days, count // (A_DAY * len(days)) - 1)
    return {
        "day_cpu_s": round(statistics.mean(cpu), 2),
        "merge_cpu_s": round(merged, 2),
        "longest_ms": round(held * 1000),
    }


async def copies(store: Store, days: list[date], count: int) -> float:
    """Stores the recorded days again and again; how much CPU it took to merge their layers."""
    taken = 0.0
    async with database(store).write() as connection:
        there = await layers.lock(connection)
        query_ = select(search_tables.search_shelves).where(SHELF != layers.LIST)
        shelves = [tuple(row) for row in await connection.execute(query_)]
    for copy in range(1, count + 1):
        later = timedelta(days=TURN * copy)
        async with database(store).write() as connection:
            await copied(connection, days, later, copy)
            await copied_layers(connection, there, shelves, later)
        begun = time.process_time()
        await store.indexing.tidy()
        taken += time.process_time() - begun
        print(f"{(copy + 1) * len(days) * A_DAY} papers", file=sys.stderr)
    return taken


def following(day: date) -> date:
    """The next day on which arXiv announces papers."""
    return day + timedelta(days=3 if day.weekday() == FRIDAY else 1)


async def announce(store: Store, world: World, day: date) -> None:
    """Stores a day, with the summaries of what is shown."""
    papers = [world.paper() for _ in range(A_DAY)]
    at = calendar.out_at(day)
    new = tuple(Announcement(each, Kind.NEW) for each in papers)
    await store.editions.store(Batch("all", day, Source.FEED, new), (), at)
    saved = (
        store.summaries.save(world.summary(each), asked="zh", prompt="1", at=at)
        for each in papers[::TOLD]
    )
    await asyncio.gather(*saved)


async def copied(
    connection: AsyncConnection, days: list[date], later: timedelta, copy: int
) -> None:
    """Stores every recorded day once more, some days later and with ids of its own."""
    prefix = literal(str(int(MONTH) + copy))

    def renamed(name: ColumnElement[str]) -> ColumnElement[str]:
        return prefix + func.substr(name, len(MONTH) + 1)

    named = (tables.papers.c.id, tables.summaries.c.paper_id)
    for name in named:
        columns: list[Any] = [renamed(each) if each is name else each for each in name.table.c]
        mine = name.like(f"{MONTH}.%")
        some = select(*columns).where(mine)
        await connection.execute(insert(name.table).from_select(list(name.table.c), some))
    for day in days:
        await one_day(connection, day, day + later, renamed)


async def copied_layers(
    connection: AsyncConnection,
    some: list[Layer],
    shelves: list[tuple[int, bytes]],
    later: timedelta,
) -> None:
    """Stores the layers of the recorded days once more: in them, days count from the newest."""
    there = await layers.lock(connection)
    numbers: dict[int, int] = {}
    for each in some:
        new = replace(each, number=layers.free(there), newest=each.newest + later.days)
        numbers |= {each.at(at): new.at(at) for at in range(each.shelves)}
        there.append(new)
    rows = [{"shelf": numbers[shelf], "entries": entries} for shelf, entries in shelves]
    await connection.execute(insert(search_tables.search_shelves), rows)
    await layers.put(connection, there)


async def one_day(
    connection: AsyncConnection,
    before: date,
    day: date,
    renamed: Callable[[ColumnElement[str]], ColumnElement[str]],
) -> None:
    """Stores one day's announcements and places once more."""
    edition, new_ones = tables.editions.c, tables.announcements.c
    volumes, places = search_tables.search_volumes.c, search_tables.search_papers.c
    old, new = before.toordinal(), day.toordinal()
    rows = (
        (edition, {edition.day: literal(day)}, edition.day == before),
        (new_ones, {new_ones.day: literal(day), new_ones.paper_id: renamed(new_ones.paper_id)},
         new_ones.day == before),
        (volumes, {volumes.volume: literal(new)}, volumes.volume == old),
        (places, {places.volume: literal(new), places.paper_id: renamed(places.paper_id)},
         places.volume == old),
    )  # fmt: skip
    for columns, changed, where in rows:
        every: list[Any] = list(columns)
        some = select(*(changed.get(each, each) for each in every)).where(where)
        await connection.execute(insert(every[0].table).from_select(every, some))


def database(store: Store) -> Database:
    """The store's own: what is measured here is no noun's."""
    return store.papers._database  # noqa: SLF001 - see above


def now() -> Taken:
    """Wall clock and CPU, in seconds."""
    return time.perf_counter(), time.process_time()


def since(begun: Taken) -> Taken:
    """Both since then, in milliseconds."""
    wall, cpu = now()
    return (wall - begun[0]) * 1000, (cpu - begun[1]) * 1000


async def timed(store: Store, texts: tuple[str, ...], *, by_rank: bool) -> list[Taken]:
    """How long each search takes, the best of some runs: the machine is shared."""
    taken: list[Taken] = []
    for text in texts:
        wanted, runs = query.understand(text), []
        for _ in range(RUNS):
            begun = now()
            hits = await store.search.find(wanted, by_rank=by_rank)
            runs.append(since(begun))
        taken.append((min(wall for wall, _ in runs), min(cpu for _, cpu in runs)))
        print(
            f"{text:55} {'rank' if by_rank else 'new'} {taken[-1][0]:7.2f} ms,"
            f" CPU {taken[-1][1]:7.2f} {hits.total}",
            file=sys.stderr,
        )
    return taken


async def similar(store: Store) -> list[Taken]:
    """How long it takes to find what is like a paper."""
    hits = await store.search.find(query.understand("learning"), limit=SIMILAR)
    taken: list[Taken] = []
    for hit in hits.hits:
        begun = now()
        await finding.similar(store, hit.paper, limit=8)
        taken.append(since(begun))
    return taken


async def short_words(store: Store) -> float:
    """The share of the short words whose newest hits have them, as far as a look at the texts says.

    A word for which nothing is found is not found, even if no text should have it.
    """
    found = 0
    for word in SHORT:
        asked = widening.widened(query.understand(word))
        names = {name for each in asked.wanted for name in each.instead}
        hits = await store.search.find(asked, limit=8)
        known = await store.summaries.get([hit.paper.id for hit in hits.hits], "zh")
        texts = [f"{hit.paper} {known.get(hit.paper.id, '')}".casefold() for hit in hits.hits]
        stem = word.casefold().removesuffix("s")
        said = {" ".join(terms.read(name).words) for name in names}
        right = bool(texts) and all(stem in text or says(text, said) for text in texts)
        found += right
        print(f"{word}: {hits.total}{'' if right else ' WRONG'}", file=sys.stderr)
    return found / len(SHORT)


def says(text: str, names: set[str]) -> bool:
    """Whether a text has one of some English names, in whatever form."""
    return any(name in " ".join(terms.read(text).words) for name in names)


def told(name: str, taken: list[Taken]) -> dict[str, float]:
    """The figures of some runs: the median, and the time that one in twenty is over."""
    wall, cpu = sorted(each[0] for each in taken), [each[1] for each in taken]
    return {
        f"{name}_ms": round(statistics.median(wall), 2),
        f"{name}_p95_ms": round(wall[int(len(wall) * 0.95)], 2),
        f"{name}_cpu_ms": round(statistics.median(cpu), 2),
    }


async def sizes(store: Store) -> dict[str, float]:
    """What the index takes, in megabytes; and all the rest."""
    async with database(store).read() as connection:
        if connection.dialect.name == "sqlite":
            query_ = "SELECT name LIKE '%search_%', sum(pgsize) FROM dbstat GROUP BY 1"
        else:
            query_ = (
                "SELECT relname LIKE 'search_%', sum(pg_total_relation_size(oid)) FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace GROUP BY 1"
            )
        found = {bool(row[0]): float(row[1]) for row in await connection.execute(sql(query_))}
    return {
        "index_mb": round(found[True] / MB, 1),
        "index_share": round(found[True] / found[False], 3),
    }


async def measured(
    url: str, rows: list[dict[str, Any]], pieces: list[str], count: int
) -> dict[str, Any]:
    """All figures."""
    world = World(rows, pieces)
    async with Store.open(url) as store:
        figures = await fill(store, world, count)
        figures |= await sizes(store)
        figures |= told("newest", await timed(store, QUERIES, by_rank=False))
        figures |= told("ranked", await timed(store, QUERIES, by_rank=True))
        figures |= told("similar", await similar(store))
        figures["short_words_found"] = await short_words(store)
    return figures


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="../shared/data/papers_*.jsonl.gz")
    parser.add_argument("--papers", type=int, default=200_000)
    parser.add_argument("--url", default="")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    pattern = Path(asked.data)
    rows = list(recorded.rows(pattern.parent.glob(pattern.name)))
    if not rows:
        sys.exit(f"No recorded papers at {asked.data}: nothing was measured.")
    collector.spare()  # as `run` does; to look through what was recorded takes 0.1 s
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{folder}/search.db"
        figures = asyncio.run(measured(url, rows, clauses(pattern.parent), asked.papers))
    written = json.dumps(figures, indent=2)
    print(written)
    if asked.json:
        asked.json.write_text(written + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
