"""One edition composed for one subscriber: what they read, in which order, and what they do not.

Pure: the caller fetches the announcements, places them (`digest.fields.place`) and later adds the
summaries of what is shown (`with_summaries`), so that only these are ever written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

from digest import fields
from digest.models import Digest, Entry, Receipt, Section
from digest.shelves import Shelves
from digest.taste import moved

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from digest.fields.ranking import Worth
    from digest.models import Announcement, Edition, Part, Subscriber, Summary
    from digest.shelves import Placed, Shelf


def compose(
    edition: Edition,
    subscriber: Subscriber,
    announcements: Iterable[Announcement],
    placed: Placed,
    *,
    parts: Sequence[Part] = (),
    pending: Sequence[str] = (),
    late: Iterable[tuple[date, Announcement]] = (),
) -> Digest:
    """The digest of `edition` for one `subscriber`; for more of them, see `composed`.

    Args:
        edition: its day, and what is missing from it.
        subscriber: their fields, language and size.
        announcements: of this edition; replacements and repetitions are ignored.
        placed: over at least the subscriber's fields, late papers included.
        parts: what is stored of each archive, for the receipt.
        pending: archives still on their way.
        late: (edition's day, announcement) of papers that came after that edition was published
            and that this reader has not had.
    """
    shelves = Shelves(edition, announcements, placed, parts=parts, pending=pending, late=late)
    return composed(shelves, subscriber)


def composed(
    shelves: Shelves,
    subscriber: Subscriber,
    *,
    rest: bool = True,
    leans: Mapping[str, float] | None = None,
) -> Digest:
    """The digest of an edition, sorted already, for `subscriber`.

    Each paper stands once, under the rarest of the reader's fields that it belongs to, so that a
    niche field keeps its papers; near-duplicates stand together, with the tags of all of them. The
    fields take turns until `subscriber.size` entries are shown. A stored key that means no field
    any more is left out, and named in the receipt.

    Args:
        shelves: the edition; the subscriber's fields are placed.
        subscriber: their fields, language and size.
        rest: whether the papers that are not shown are wanted, too: most of the work.
        leans: paper id → how far the reader leans towards it, for one who has a taste: it orders
            the papers of a field, and neither takes papers in nor leaves any out.
    """
    found = {key: shelves.of(key) for key in dict.fromkeys(subscriber.fields)}
    own = [shelf for shelf in found.values() if shelf]
    if leans:
        queues = [_tasted(queue, leans) for queue in _queues(shelves, own, None)]
    else:
        queues = _queues(shelves, own, None if rest else subscriber.size)
    shown = _share(queues, subscriber.size)
    sections = tuple(
        Section(queue.key, queue.brings, tuple(map(queue.entry, queue.waiting[: shown[queue.key]])))
        for queue in queues
        if queue.waiting
    )
    unreadable = tuple([key for key, shelf in found.items() if shelf is None])
    return Digest(
        edition=shelves.edition,
        language=subscriber.language,
        sections=sections,
        receipt=_receipt(shelves, own, sections, unreadable),
        rest=_rest(queues, shown) if rest else (),
        view=subscriber.view,
    )


def _rest(queues: Sequence[_Queue], shown: Mapping[str, int]) -> tuple[Entry, ...]:
    """What is not shown, best first."""
    waiting = ((queue, each) for queue in queues for each in queue.waiting[shown[queue.key] :])
    return tuple(queue.entry(each) for queue, each in sorted(waiting, key=lambda pair: pair[1][0]))


def _tasted(queue: _Queue, leans: Mapping[str, float]) -> _Queue:
    """The same papers in the order of a reader's taste; a story goes by its best one."""

    def sought(waiting: tuple[Worth, int | Entry]) -> tuple[Worth, int | Entry]:
        worth, which = waiting
        one = which.all if isinstance(which, Entry) else (queue.shelves.candidates[which],)
        best = max(leans.get(each.paper.id, 0.0) for each in one)
        return fields.shifted(worth, moved(0.0, best)), which

    waiting = sorted(map(sought, queue.waiting), key=itemgetter(0))
    return replace(queue, waiting=waiting)


def with_summaries(digest: Digest, summaries: Mapping[str, Summary], *, model: bool) -> Digest:
    """The digest with the summaries (by paper id) that there are; `model`: one is configured."""

    def told(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(
            replace(entry, summary=summaries.get(entry.paper.id, entry.summary))
            for entry in entries
        )

    sections = tuple(replace(each, entries=told(each.entries)) for each in digest.sections)
    return replace(digest, sections=sections, rest=told(digest.rest), model=model)


def unfolded(digest: Digest) -> Digest:
    """The digest with each companion as an entry of its own, behind the one it stood with."""
    sections = tuple(replace(each, entries=_unfolded(each)) for each in digest.sections)
    return replace(digest, sections=sections)


def _unfolded(section: Section) -> tuple[Entry, ...]:
    alone = (replace(one, companions=()) for entry in section.entries for one in entry.all)
    return tuple(
        replace(one, fields=tuple(dict.fromkeys((section.field, *one.fields)))) for one in alone
    )


@dataclass(frozen=True, slots=True)
class _Queue:
    """The papers that stand under one field, best first.

    Attributes:
        key: the field's.
        brings: how many papers, companions included.
        waiting: what each is sorted by, and its number or its story.
    """

    shelves: Shelves
    own: Sequence[Shelf]
    key: str
    brings: int
    waiting: Sequence[tuple[Worth, int | Entry]]

    def entry(self, waiting: tuple[Worth, int | Entry]) -> Entry:
        """As it is shown."""
        which = waiting[1]
        return _entry(self.shelves, which, self.own, self.key) if isinstance(which, int) else which


def _queues(shelves: Shelves, own: Sequence[Shelf], most: int | None) -> list[_Queue]:
    """The papers of each field, `most` of them; each story in one of them only."""
    matched = taken = 0
    for shelf in own:
        matched |= shelf.mask
    rare = sorted(own, key=lambda shelf: shelf.size)  # equally rare ones in the reader's order
    stories: dict[str, list[Entry]] = {}
    for numbers in shelves.stories(matched):
        together = sum(1 << number for number in numbers)
        taken |= together
        touched = tuple(shelf for shelf in own if shelf.mask & together)
        home = next(shelf.key for shelf in rare if shelf in touched)
        shared = (numbers, *(shelf.key for shelf in touched))  # all that it depends on
        told = shelves.once(shared, partial(_story, shelves, numbers, touched, home))
        stories.setdefault(home, []).append(told)
    queues = {}
    for shelf in rare:
        queues[shelf.key] = _queue(shelves, own, shelf, taken, stories.get(shelf.key, ()), most)
        taken |= shelf.mask
    return [queues[shelf.key] for shelf in own]


def _queue(
    shelves: Shelves,
    own: Sequence[Shelf],
    shelf: Shelf,
    taken: int,
    stories: Sequence[Entry],
    most: int | None,
) -> _Queue:
    """What stands under one field: its papers that stand nowhere else, and its stories."""
    mine = shelf.mask & ~taken
    alone = (number for number in shelf.best if mine >> number & 1)
    waiting: list[tuple[Worth, int | Entry]] = [
        (shelf.worths[number], number) for number in islice(alone, most)
    ]
    if stories:
        waiting += [(_worth(entry), entry) for entry in stories]
        waiting.sort(key=itemgetter(0))
    brings = mine.bit_count()
    for story in stories:
        brings += len(story.all)
    return _Queue(shelves, own, shelf.key, brings, waiting)


def _story(shelves: Shelves, told: Sequence[int], own: Sequence[Shelf], home: str) -> Entry:
    """One entry: the paper that fits the section best, with the others as its companions."""
    entries = sorted((_entry(shelves, number, own, home) for number in told), key=_worth)
    lead = next(entry for entry in entries if entry.fields[0] == home)
    companions = tuple(entry for entry in entries if entry is not lead)
    tags = {key for entry in entries for key in entry.fields}
    others = (shelf.key for shelf in own if shelf.key in tags and shelf.key != home)
    return replace(lead, fields=(home, *others), companions=companions)


def _entry(shelves: Shelves, number: int, own: Sequence[Shelf], home: str) -> Entry:
    """A paper by itself; one that is not of the section's field has its own first."""
    bit = 1 << number
    tags = [shelf.key for shelf in own if shelf.mask & bit]
    first = home if home in tags else tags[0]
    if tags[0] != first:
        tags.remove(first)
        tags.insert(0, first)
    return shelves.entry(number, tuple(tags))


def _worth(entry: Entry) -> Worth:
    """Sorts the best first; at like worth new before cross, then the order of submission."""
    return fields.worth(entry.score, entry.kind, entry.paper.id)


def _share(queues: Sequence[_Queue], size: int) -> dict[str, int]:
    """How many of each field are shown: the fields take turns, the best waiting paper first."""
    shown = {queue.key: 0 for queue in queues}
    left, turn = size, 0
    while left > 0 and (waiting := [queue for queue in queues if len(queue.waiting) > turn]):
        if len(waiting) > left:
            waiting = sorted(waiting, key=lambda queue: queue.waiting[turn][0])[:left]
        for queue in waiting:
            shown[queue.key] += 1
        left, turn = left - len(waiting), turn + 1
    return shown


def _receipt(
    shelves: Shelves, own: Sequence[Shelf], sections: Sequence[Section], unreadable: tuple[str, ...]
) -> Receipt:
    edition, parts, pending = shelves.edition, shelves.parts, shelves.pending
    shown = sum(section.shown for section in sections)
    late = _late(sections) if shelves.has_late else 0
    matched, concern = 0, frozenset[str]()
    for shelf in own:
        matched |= shelf.mask
        concern |= shelf.archives
    standing = {section.field for section in sections}
    nothing = [
        shelf for shelf in own if not shelf.mask & shelves.fresh and shelf.key not in standing
    ]
    missing = tuple([each for each in shelves.missing if each[0] in concern])
    away = {*pending, *[archive for archive, number in missing if number < 0]}
    unsettled = tuple([shelf.key for shelf in nothing if not away.isdisjoint(shelf.archives)])
    return Receipt(
        announced=shelves.announced,
        matched=(matched & shelves.fresh).bit_count(),
        shown=shown - late,
        empty=tuple([shelf.key for shelf in nothing if shelf.key not in unsettled]),
        open=unsettled,
        archives=_here(edition, parts, concern, pending),
        pending=tuple(archive for archive in pending if archive in concern),
        missing=missing,
        elsewhere=sum(archive not in concern for archive in pending),
        late=late,
        unreadable=unreadable,
    )


def _late(sections: Sequence[Section]) -> int:
    """How many papers shown came too late for another edition."""
    entries = (entry for section in sections for entry in section.entries)
    return sum(one.late is not None for entry in entries for one in entry.all)


def _here(
    edition: Edition, parts: Sequence[Part], concern: frozenset[str], pending: Sequence[str]
) -> tuple[str, ...]:
    """The archives that are here, where the edition is not whole (yet)."""
    if edition.published and not pending:
        return ()
    return tuple(part.archive for part in parts if part.archive in concern)
