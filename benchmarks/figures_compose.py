"""What a million readers' digests cost to compose and render, against one by one; how much memory.

The naive loop composes and renders for each reader from the announcements; it is measured on a
sample, with the papers placed for nothing. Paperboy's round is measured whole: placing, sorting,
composing, rendering. The sample's pages have to be the same, byte for byte.

A thousand papers are stirred together from the bundled sample edition. Readers follow one to five
fields, most of them named ones and most of them the popular ones, half of them in the order of the
menu and half in one of their own, in two languages and three sizes; some follow their own phrase.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import accumulate, islice
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.heart import heart
from digest import fields, sample
from digest.arxiv import feed
from digest.arxiv.apart import Apart
from digest.compose import compose, with_summaries
from digest.models import Announcement, Batch, Count, Edition, Kind, Paper, Part, Source, Subscriber
from digest.render.digest import blocks
from digest.render.entities import TELEGRAM, Sheet, pages
from digest.round import Round
from digest.store import Store
from digest.summarize.extract import Extract
from digest.telling import Telling
from tests.fakes.arxiv_documents import rss

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence


AIMS = {
    "compose_million_vs_naive": "≤ 0.01",
    "compose_million_peak_mb": "≤ 150",
    "compose_same_pages": "1",
    "loop_held_ms": "≤ 20",
}

READERS, PAPERS, SAMPLE, SLICE = 1_000_000, 1000, 200, 1000
ITEMS = 2000
NAMED = (
    "ai", "llm", "cv", "nlp", "rl", "rob", "se", "sec", "db", "cl", "st", "ag", "rec", "bio", "qc"
)  # fmt: skip
"""The named fields, the most popular first."""

OWN = 1000
"""So many phrases are somebody's own."""

DAY = sample.load().edition.day


def figures(quick: float = 1.0) -> Iterator[tuple[str, float]]:
    """Measures in a process of its own; `quick` is the share of the readers."""
    count = max(SLICE, round(READERS * quick))
    command = [sys.executable, __file__, str(count)]
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    found["loop_held_parsing_ms"] = asyncio.run(parsing())
    found["loop_held_ms"] = max(found["loop_held_parsing_ms"], found["loop_held_composing_ms"])
    yield from found.items()


def morning(count: int = PAPERS) -> list[Announcement]:
    """Announcements of papers that nobody wrote, always the same ones."""
    chance = random.Random(3)
    known = [each.paper for each in sample.load().announcements if each.kind.is_fresh]
    return [
        Announcement(
            _stirred(number, known, chance),
            Kind.CROSS if number % 5 == 0 else Kind.NEW,
        )
        for number in range(count)
    ]


def _stirred(number: int, known: Sequence[Paper], chance: random.Random) -> Paper:
    """A paper of one's subject, with something of another's."""
    one, other = chance.sample(known, 2)
    words, more = one.title.split(), other.title.split()
    sentences = one.abstract.split(". ") + other.abstract.split(". ")[:2]
    chance.shuffle(sentences)
    return Paper(
        f"9913.{number:05d}",
        1,
        " ".join((*words[: len(words) * 2 // 3], *more[len(more) // 2 :], f"in {number} Steps")),
        ". ".join(sentences),
        (f"A. Example{number}", *one.authors),
        tuple(dict.fromkeys((*one.categories, other.primary))),
    )


def crowd(count: int) -> Iterator[tuple[tuple[str, ...], int, str]]:
    """(fields, size, language) of each reader, always the same ones."""
    chance = random.Random(7)
    codes = [each.key for each in fields.categories()]
    chance.shuffle(codes)
    own = [f'"{one} {other}"' for one in ("neural", "robust", "open") for other in range(OWN // 3)]
    kinds = ((NAMED, _popular(NAMED)), (codes, _popular(codes)), (own, _popular(own)))
    menu = [*NAMED, *codes, *own]
    for _ in range(count):
        wanted = chance.choices((1, 2, 3, 4, 5), (30, 25, 20, 15, 10))[0]
        follows: dict[str, None] = {}
        while len(follows) < wanted:
            keys, weights = chance.choices(kinds, (80, 19, 1))[0]
            follows[chance.choices(keys, cum_weights=weights)[0]] = None
        own_order = chance.random() < 0.5
        chosen = tuple(follows) if own_order else tuple(sorted(follows, key=menu.index))
        size = chance.choices((10, 5, 20), (70, 15, 15))[0]
        yield chosen, size, chance.choices(("zh", "en"), (60, 40))[0]


def _popular(keys: Sequence[str]) -> list[float]:
    """The second is followed half as often as the first, the third a third as often."""
    return list(accumulate(1 / rank for rank in range(1, len(keys) + 1)))


def reader(of: tuple[tuple[str, ...], int, str]) -> Subscriber:
    """A subscriber who follows that."""
    follows, size, language = of
    return Subscriber("telegram", "1", language=language, size=size, fields=follows)


PARTS = tuple(Part(DAY, name, Source.FEED, Count(200, 50)) for name in fields.ARCHIVES)


async def made(store: Store, announcements: list[Announcement]) -> None:
    """Stores and publishes the edition, each paper told in both languages."""
    batch = Batch("*", DAY, Source.FEED, tuple(announcements))
    now = datetime(2026, 2, 3, 1, tzinfo=UTC)
    await store.editions.store(batch, PARTS, now)
    await store.editions.publish(DAY, now, approximate=False, missing=())
    for language in ("en", "zh"):
        await Telling(store, Extract()).tell([each.paper for each in announcements], language)


async def shared(store: Store, count: int) -> tuple[float, list[tuple[Sheet, ...]]]:
    """CPU of printing for everybody, in seconds; the pages of the first readers."""
    began = time.process_time()
    work = await Round.begin(store, Telling(store, Extract()), DAY)
    spent = time.process_time() - began
    first: list[tuple[Sheet, ...]] = []
    readers = map(reader, crowd(count))
    while some := [each async for each in in_turns(islice(readers, SLICE))]:
        began = time.process_time()
        await work.place({key for each in some for key in each.fields})
        for each in some:
            made = await work.printed(each, TELEGRAM, DAY, attrgetter("pages"))
            if len(first) < SAMPLE:
                first.append(made)
        spent += time.process_time() - began
    return spent, first


async def in_turns(readers: Iterable[Subscriber]) -> AsyncIterator[Subscriber]:
    """Inventing readers is not what holds the event loop."""
    for number, each in enumerate(readers):
        if number % 20 == 0:
            await asyncio.sleep(0)
        yield each


async def parsing() -> float:
    """So long the event loop is held while a feed of 2,000 items is parsed, in milliseconds."""
    document = rss("cs", DAY, morning(ITEMS)).encode()
    apart = Apart()
    await apart.run(feed.parse, document, "cs")  # starts the parser, as the morning's first feed
    async with heart() as beats:
        batch = await apart.run(feed.parse, document, "cs")
    await apart.close()
    assert len(batch.announcements) == ITEMS
    return max(beats) * 1000


async def one_by_one(store: Store) -> tuple[float, list[tuple[Sheet, ...]]]:
    """CPU of the naive loop for the first readers, in seconds, and their pages."""
    edition = await store.editions.get(DAY) or Edition(DAY)
    announcements = await store.editions.announcements(DAY)
    parts = tuple((await store.editions.parts(DAY)).values())
    papers = [each.paper for each in announcements]
    summaries = {
        language: await Telling(store, Extract()).tell(papers, language)
        for language in ("en", "zh")
    }
    readers = [reader(each) for each in crowd(SAMPLE)]
    keys = dict.fromkeys(key for each in readers for key in each.fields)
    placed = fields.place(papers, map(fields.by_key, keys))
    began, alone = time.process_time(), []
    for each in readers:
        digest = compose(edition, each, announcements, placed, parts=parts)
        digest = with_summaries(digest, summaries[each.language], model=False)
        laid = pages(blocks(digest, today=DAY))
        alone.append(tuple(Sheet(page.text, page.entities) for page in laid))
    return time.process_time() - began, alone


def resident_mb(name: str) -> float:
    """VmRSS or VmHWM of this process, in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


def idle_mb() -> float:
    """What is resident now; the peak counts from here. The rest is as `paperboy run` does it."""
    gc.freeze()
    Path("/proc/self/clear_refs").write_text("5")
    return resident_mb("VmRSS")


async def measured(count: int) -> dict[str, float]:
    """All figures of so many readers."""
    async with Store.open("sqlite:///:memory:") as store:
        announcements = morning()
        await made(store, announcements)
        idle = idle_mb()
        async with heart() as beats:
            spent, first = await shared(store, count)
        peak = resident_mb("VmHWM")
        naive, alone = await one_by_one(store)
    return {
        "compose_reader_us": spent / count * 1e6,
        "compose_naive_reader_us": naive / SAMPLE * 1e6,
        "compose_million_vs_naive": spent / count / (naive / SAMPLE),
        "compose_million_peak_mb": peak - idle,
        "compose_same_pages": float(alone == first),
        "loop_held_composing_ms": max(beats) * 1000,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measured(int(sys.argv[1])))))
