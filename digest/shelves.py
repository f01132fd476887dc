"""An edition's papers on shelves, one for each field: sorted once, for any number of readers.

What does not depend on who reads is done here, at first use: which papers a field has (a bit each,
so that "mine, and not on a rarer shelf" is one operation on whole numbers), their order within it,
and which of them may be one story.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest import fields
from digest.fields.ranking import work
from digest.models import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from digest.fields import Field
    from digest.fields.ranking import Worth
    from digest.models import Announcement, Edition, Kind, Paper, Part

    Placed = Mapping[str, Mapping[str, float]]
    """Paper id to {field key: how well it fits}; members only."""

_ENTRIES = 20_000  # remembered, of some 200 bytes
_STORIES = 1000  # remembered, as they stand for readers of different fields; a day has a few


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that somebody may be shown; `late`: the edition it came too late for."""

    paper: Paper
    kind: Kind
    late: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """The papers of one field; an edition has one for each.

    Attributes:
        key: the field's.
        mask: a bit for each paper, by its number.
        best: their numbers, best first.
        worths: what they are sorted by.
        archives: those whose announcements hold the field's papers.
    """

    key: str
    mask: int
    best: tuple[int, ...]
    worths: Mapping[int, Worth]
    archives: frozenset[str]

    @property
    def size(self) -> int:
        """How many papers there are."""
        return len(self.best)


class Shelves:
    """One edition, ready to be composed for anybody.

    Attributes:
        edition: its day, and what is missing from it.
        parts: what is stored of each archive.
        pending: archives still on their way.
        candidates: by number; the numbers follow the ids.
        announced: how many of them are of this edition.
        fresh: their mask; the others are late.
        has_late: whether there are others.
        missing: (archive, how many papers) that arXiv lists and that did not arrive; -1 for all.
    """

    def __init__(
        self,
        edition: Edition,
        announcements: Iterable[Announcement],
        placed: Placed,
        *,
        parts: Sequence[Part] = (),
        pending: Sequence[str] = (),
        late: Iterable[tuple[date, Announcement]] = (),
    ) -> None:
        """Reads no text yet.

        Args:
            edition: its day, and what is missing from it.
            announcements: of this edition; replacements and repetitions are ignored.
            placed: late papers included; what is placed later is seen by shelves built later.
            parts: what is stored of each archive, for the receipt.
            pending: archives still on their way.
            late: (edition's day, announcement) of papers that came after that edition was
                published.
        """
        self.edition = edition
        self.parts = tuple(parts)
        self.pending = tuple(pending)
        self._placed = placed
        fresh = _fresh(announcements)
        found = {paper_id: Candidate(each.paper, each.kind) for paper_id, each in fresh.items()}
        for day, each in late:
            found.setdefault(each.paper.id, Candidate(each.paper, each.kind, day))
        self.candidates = tuple(found[paper_id] for paper_id in sorted(found))
        self.announced = len(fresh)
        self.fresh = sum(1 << n for n, each in enumerate(self.candidates) if each.late is None)
        self._shelves: dict[str, Shelf | None] = {}
        self._works: dict[str, int] = defaultdict(int)
        self._known = self._akin = 0
        self._stories: dict[int, tuple[tuple[int, ...], ...]] = {}
        self._once: dict[tuple[object, ...], Entry] = {}
        self._entries: dict[tuple[int, tuple[str, ...]], Entry] = {}
        self.has_late = len(fresh) < len(found)
        self.missing = _missing(edition, self.parts)

    def of(self, key: str) -> Shelf | None:
        """The shelf of a field that is placed; None where the key means no field (any more)."""
        if key not in self._shelves:
            field = fields.known(key)
            self._shelves[key] = self._built(key, field) if field else None
        return self._shelves[key]

    def papers(self, keys: Iterable[str]) -> list[Paper]:
        """The papers on some shelves."""
        mask = 0
        for shelf in map(self.of, keys):
            mask |= shelf.mask if shelf else 0
        return [each.paper for n, each in enumerate(self.candidates) if mask >> n & 1]

    def entry(self, number: int, tags: tuple[str, ...]) -> Entry:
        """A candidate with these tags, the section's first; the same one each time."""
        found = self._entries.get((number, tags))
        if found is None:
            if len(self._entries) >= _ENTRIES:
                del self._entries[next(iter(self._entries))]  # all at once would hold the loop
            of = self.candidates[number]
            score = self._placed[of.paper.id][tags[0]]
            found = Entry(of.paper, of.kind, tags, score, late=of.late)
            self._entries[number, tags] = found
        return found

    def stories(self, mask: int) -> tuple[tuple[int, ...], ...]:
        """The stories of several papers among some candidates: each paper's number, by id."""
        akin = mask & self._akin
        if akin not in self._stories:
            if len(self._stories) >= _STORIES:
                self._stories.clear()
            self._stories[akin] = self._told_together(akin)
        return self._stories[akin]

    def once(self, key: tuple[object, ...], compose: Callable[[], Entry]) -> Entry:
        """The entry that was composed for `key` before; composed now, where none was."""
        if key not in self._once:
            if len(self._once) >= _STORIES:
                self._once.clear()
            self._once[key] = compose()
        return self._once[key]

    def rebuild(self, key: str) -> None:
        """Forgets a field's shelf: other papers are placed there now."""
        self._shelves.pop(key, None)
        self._once.clear()
        self._entries.clear()

    def _built(self, key: str, field: Field) -> Shelf:
        worths = {
            number: fields.worth(score, each.kind, each.paper.id)
            for number, each in enumerate(self.candidates)
            if (score := self._placed.get(each.paper.id, {}).get(key)) is not None
        }
        best = tuple(sorted(worths, key=worths.__getitem__))
        for number in best:
            self._remember(number)
        archives = frozenset(fields.archives(field))
        return Shelf(key, sum(1 << number for number in best), best, worths, archives)

    def _remember(self, number: int) -> None:
        """Notes which work a paper is of; two papers of one work may be one story."""
        bit = 1 << number
        if self._known & bit:
            return
        self._known |= bit
        of = work(self.candidates[number].paper.title)
        if not of:
            return
        self._works[of] |= bit
        if self._works[of] != bit:
            self._akin |= self._works[of]

    def _told_together(self, akin: int) -> tuple[tuple[int, ...], ...]:
        numbers = {each.paper.id: n for n, each in enumerate(self.candidates) if akin >> n & 1}
        stories = fields.folded(self.candidates[number].paper for number in numbers.values())
        return tuple(tuple(numbers[p.id] for p in story) for story in stories if len(story) > 1)


def read_titles(papers: Iterable[Paper]) -> None:
    """Reads which work each paper is of, so that shelves need not: 65 µs each, for a thread."""
    for paper in papers:
        work(paper.title)


def _missing(edition: Edition, parts: Sequence[Part]) -> tuple[tuple[str, int], ...]:
    """What fell short: (archive, how many papers), -1 for all of them."""
    here = {part.archive for part in parts}
    short = [(part.archive, part.missing) for part in parts if part.missing]
    return (*short, *((archive, -1) for archive in edition.missing if archive not in here))


def _fresh(announcements: Iterable[Announcement]) -> dict[str, Announcement]:
    """New and cross papers by id, each with its strongest kind."""
    fresh: dict[str, Announcement] = {}
    for announcement in announcements:
        if not announcement.kind.is_fresh:
            continue
        known = fresh.get(announcement.paper.id)
        if known is None or announcement.kind.rank < known.kind.rank:
            fresh[announcement.paper.id] = announcement
    return fresh
