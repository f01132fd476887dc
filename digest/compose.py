"""One edition composed for one subscriber: what they read, in which order, and what they do not.

Pure: the caller fetches the announcements, places them (`digest.fields.place`) and later adds the
summaries of what is shown (`with_summaries`), so that only these are ever written.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest import fields
from digest.models import (
    Announcement,
    Digest,
    Edition,
    Entry,
    Kind,
    Paper,
    Part,
    Receipt,
    Section,
    Subscriber,
    Summary,
)

if TYPE_CHECKING:
    from datetime import date

_RANKS = {kind: kind.rank for kind in Kind}

Placed = Mapping[str, Mapping[str, float]]
"""Paper id to {field key: how well it fits}; members only."""


@dataclass(frozen=True, slots=True)
class _Match:
    """A paper that is in at least one of the reader's fields."""

    paper: Paper
    kind: Kind
    scores: Mapping[str, float]
    late: date | None = None


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
    """The digest of `edition` for `subscriber`.

    Each paper stands once, under the rarest of the reader's fields that it belongs to, so that a
    niche field keeps its papers; near-duplicates stand together, with the tags of all of them. The
    fields take turns until `subscriber.size` entries are shown. A stored key that means no field
    any more is left out, and named in the receipt.

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
    followed = dict.fromkeys(subscriber.fields)
    unreadable = tuple(key for key in followed if fields.known(key) is None)
    keys = tuple(key for key in followed if key not in unreadable)
    fresh = _fresh(announcements)
    today = _matches(fresh.values(), placed, keys)
    before = [
        replace(match, late=day)
        for day, announcement in late
        if announcement.paper.id not in fresh
        for match in _matches([announcement], placed, keys)
    ]
    queues = _queues([*today, *_once(before)], keys)
    shown = _share(queues, subscriber.size)
    sections, rest = _sections(queues, shown)
    receipt = _receipt(edition, keys, fresh, today, sections, parts=parts, pending=pending)
    return Digest(
        edition=edition,
        language=subscriber.language,
        sections=sections,
        receipt=replace(receipt, unreadable=unreadable),
        rest=rest,
    )


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


def _fresh(announcements: Iterable[Announcement]) -> dict[str, Announcement]:
    """New and cross papers by id, each with its strongest kind, in the order of arrival."""
    fresh: dict[str, Announcement] = {}
    for announcement in announcements:
        if not announcement.kind.is_fresh:
            continue
        known = fresh.get(announcement.paper.id)
        if known is None or announcement.kind.rank < known.kind.rank:
            fresh[announcement.paper.id] = announcement
    return fresh


def _matches(
    announcements: Iterable[Announcement], placed: Placed, keys: tuple[str, ...]
) -> list[_Match]:
    matches = []
    for announcement in announcements:
        scores = placed.get(announcement.paper.id, {})
        own = {key: scores[key] for key in keys if key in scores}
        if own:
            matches.append(_Match(announcement.paper, announcement.kind, own))
    return matches


def _once(matches: Iterable[_Match]) -> Iterable[_Match]:
    """Each paper once, as it was first announced."""
    by_id: dict[str, _Match] = {}
    for match in matches:
        by_id.setdefault(match.paper.id, match)
    return by_id.values()


def _queues(matches: Iterable[_Match], keys: tuple[str, ...]) -> dict[str, list[Entry]]:
    """The papers of each field, best first; each story in one of them only."""
    by_id = {match.paper.id: match for match in matches}
    members = Counter(key for match in by_id.values() for key in match.scores)
    rarity = {key: (members[key], keys.index(key)) for key in keys}
    queues: dict[str, list[Entry]] = {key: [] for key in keys}
    for story in fields.folded(by_id[paper_id].paper for paper_id in sorted(by_id)):
        told = [by_id[paper.id] for paper in story]
        tags = {key for match in told for key in match.scores}
        home = min(tags, key=rarity.__getitem__)
        queues[home].append(_story(told, home, [key for key in keys if key in tags]))
    return {key: sorted(queue, key=_worth) for key, queue in queues.items()}


def _story(told: Sequence[_Match], home: str, tags: Sequence[str]) -> Entry:
    """One entry: the paper that fits the section best, with the others as its companions."""
    entries = sorted((_entry(match, home) for match in told), key=_worth)
    lead = next(entry for entry in entries if entry.fields[0] == home)
    companions = tuple(entry for entry in entries if entry is not lead)
    if not companions:
        return lead
    others = (key for key in tags if key != home)
    return replace(lead, fields=(home, *others), companions=companions)


def _entry(match: _Match, home: str) -> Entry:
    """A paper by itself; one that is not of the section's field has its own first."""
    first = home if home in match.scores else next(iter(match.scores))
    others = tuple(key for key in match.scores if key != first)
    return Entry(match.paper, match.kind, (first, *others), match.scores[first], late=match.late)


def _worth(entry: Entry) -> tuple[float, int, float, str]:
    """Sorts the best first; at like worth new before cross, then the order of submission."""
    return fields.worth(entry.score, entry.kind, entry.paper.id)


def _share(queues: Mapping[str, Sequence[Entry]], size: int) -> dict[str, int]:
    """How many of each field are shown: the fields take turns, the best waiting paper first."""
    shown = dict.fromkeys(queues, 0)
    waiting = {key: deque(queue) for key, queue in queues.items() if queue}
    left = size
    while left > 0 and waiting:
        turns = sorted(waiting, key=lambda key: _worth(waiting[key][0]))[:left]
        for key in turns:
            shown[key] += 1
            waiting[key].popleft()
        left -= len(turns)
        waiting = {key: queue for key, queue in waiting.items() if queue}
    return shown


def _sections(
    queues: Mapping[str, Sequence[Entry]], shown: Mapping[str, int]
) -> tuple[tuple[Section, ...], tuple[Entry, ...]]:
    sections = tuple(
        Section(key, matched=_brought(queue), entries=tuple(queue[: shown[key]]))
        for key, queue in queues.items()
        if queue
    )
    rest = (entry for key, queue in queues.items() for entry in queue[shown[key] :])
    return sections, tuple(sorted(rest, key=_worth))


def _brought(entries: Iterable[Entry]) -> int:
    """How many papers entries bring: companions count."""
    return sum(len(entry.all) for entry in entries)


def _receipt(
    edition: Edition,
    keys: tuple[str, ...],
    fresh: Mapping[str, Announcement],
    today: Sequence[_Match],
    sections: Sequence[Section],
    *,
    parts: Sequence[Part],
    pending: Sequence[str],
) -> Receipt:
    entries = [one for section in sections for entry in section.entries for one in entry.all]
    late = sum(entry.late is not None for entry in entries)
    met = {key for match in today for key in match.scores} | {each.field for each in sections}
    homes = {key: fields.archives(fields.by_key(key)) for key in keys}
    concern = frozenset[str]().union(*homes.values())
    missing = _missing(edition, parts, concern)
    away = {*pending, *(archive for archive, number in missing if number < 0)}
    nothing = [key for key in keys if key not in met]
    unsettled = tuple(key for key in nothing if not away.isdisjoint(homes[key]))
    return Receipt(
        announced=len(fresh),
        matched=len(today),
        shown=len(entries) - late,
        empty=tuple(key for key in nothing if key not in unsettled),
        open=unsettled,
        archives=_here(edition, parts, concern, pending),
        pending=tuple(archive for archive in pending if archive in concern),
        missing=missing,
        elsewhere=sum(archive not in concern for archive in pending),
        late=late,
    )


def _here(
    edition: Edition, parts: Sequence[Part], concern: frozenset[str], pending: Sequence[str]
) -> tuple[str, ...]:
    """The archives that are here, where the edition is not whole (yet)."""
    if edition.published and not pending:
        return ()
    return tuple(part.archive for part in parts if part.archive in concern)


def _missing(
    edition: Edition, parts: Sequence[Part], concern: frozenset[str]
) -> tuple[tuple[str, int], ...]:
    """What fell short among the archives that can hold papers of the reader's fields."""
    here = {part.archive for part in parts}
    short = [(part.archive, part.missing) for part in parts if part.missing]
    absent = [(archive, -1) for archive in edition.missing if archive not in here]
    return tuple(each for each in (*short, *absent) if each[0] in concern)
