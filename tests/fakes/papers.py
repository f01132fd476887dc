"""Invented papers, announcements and batches.

Ids are outside arXiv's range (month 13: `9913.00001`), so nobody is sent to a stranger's paper.

    paper(7)                                  one paper, id 9913.00007
    paper(7, title="…", categories=("cs.DC",))
    papers(30, categories=("cs.AI", "cs.LG")) thirty different ones
    new(paper(7)), cross(paper(8)), replaced(paper(9, version=2))
    batch(new(paper(7)), cross(paper(8)), subject="cs", day=date(2026, 2, 3))
"""

from __future__ import annotations

from datetime import date

from digest.models import Announcement, Batch, Count, Kind, Paper, Source

DAY = date(2026, 2, 3)  # a Tuesday

_TITLES = (
    "Cold Starts of Serverless Functions in {n} ms",
    "A Planner that Reads {n} Recipes before It Cooks",
    "Snapshots of Deduplicated Disks, {n} at a Time",
    "Counting Sheep with {n} Qubits",
)
_ABSTRACTS = (
    (
        "Serverless functions start slowly. We share page-cache snapshots between {n} functions. "
        "The median start falls from 240 ms to 9 ms on three clouds, and memory grows by 4%."
    ),
    (
        "Robots follow one recipe at a time. We present a planner that reads {n} recipes at once. "
        "It needs 31% fewer steps than the best published one, and it never burns the rice."
    ),
    (
        "Backups copy what they have. We propose an index of $O(\\log n)$ for {n} snapshots. "
        "Experiments show that restoring takes half the time."
    ),
    (
        "Sheep are hard to count. We introduce a circuit with {n} qubits that counts them. "
        "Our results suggest that shepherds may sleep."
    ),
)


def paper(
    number: int = 1,
    *,
    title: str | None = None,
    abstract: str | None = None,
    authors: tuple[str, ...] = ("Ada Example", "Bo Sample"),
    categories: tuple[str, ...] = ("cs.AI",),
    version: int | None = 1,
    comment: str = "",
    submitted: date | None = None,
) -> Paper:
    """One invented paper; the same number gives the same paper."""
    which = number % len(_TITLES)
    return Paper(
        id=f"9913.{number:05d}",
        version=version,
        title=_TITLES[which].format(n=number) if title is None else title,
        abstract=_ABSTRACTS[which].format(n=number) if abstract is None else abstract,
        authors=authors,
        categories=categories,
        comment=comment,
        submitted=submitted,
    )


def papers(
    count: int, *, start: int = 1, categories: tuple[str, ...] = ("cs.AI",)
) -> tuple[Paper, ...]:
    """`count` different papers, numbered from `start`."""
    return tuple(paper(n, categories=categories) for n in range(start, start + count))


def new(announced: Paper) -> Announcement:
    return Announcement(announced, Kind.NEW)


def cross(announced: Paper) -> Announcement:
    return Announcement(announced, Kind.CROSS)


def replaced(announced: Paper, *, crossed: bool = False) -> Announcement:
    return Announcement(announced, Kind.REPLACE_CROSS if crossed else Kind.REPLACE)


def batch(
    *announcements: Announcement,
    subject: str = "cs",
    day: date = DAY,
    source: Source = Source.FEED,
    listed: Count | None = None,
    etag: str = "",
) -> Batch:
    """What one archive announced on one day."""
    return Batch(subject, day, source, announcements, listed, etag)
