"""The press: digests of one edition as pages; what readers share is set once for all of them. Pure.

A reader's pages depend on their fields, size and language, and a million readers make hundreds of
thousands of such combinations; but the entries in them are a few thousand. So an entry is rendered
once, for all who see it with the same tags in the same language, and a page is pasted from that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Generic, TypeVar

from digest.models import Digest, Section
from digest.render import digest as digest_page
from digest.render.blocks import Block, Role
from digest.render.entities import Sheet, pages, paste, sentence, strip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from digest.models import Entry, Summary
    from digest.render.entities import Limits, Marked, Strip

SET = 10_000
"""Entries kept in type, of 2 kB or less each."""

LINES = 5_000
"""Headings kept in type, and as many notes."""


ALIKE = 7000
"""Pages kept for readers who share fields, size and language; of 10 kB each."""

MET = 100_000
"""Readers' choices remembered until the same are met again: then their pages are kept."""

Item = TypeVar("Item")


class Kept(Generic[Item]):
    """What was made twice, for whoever wants it again; the longest unused makes room.

    Most of what readers choose is chosen by nobody else: it would only push out what many want.

    Args:
        most: how many are kept.
        met: how many keys are remembered that came once.
    """

    def __init__(self, most: int = ALIKE, met: int = MET) -> None:
        self._most = most
        self._most_met = met
        self._met: set[int] = set()
        self._items: dict[object, Item] = {}

    def get(self, key: object) -> Item | None:
        """What is kept for `key`."""
        found = self._items.pop(key, None)
        if found is not None:
            self._items[key] = found
        return found

    def made(self, key: object, item: Item) -> None:
        """Keeps it if it was made before."""
        if hash(key) not in self._met:
            if len(self._met) >= self._most_met:
                self._met.clear()
            self._met.add(hash(key))
            return
        if len(self._items) >= self._most:
            del self._items[next(iter(self._items))]
        self._items[key] = item

    def clear(self) -> None:
        """Forgets what is kept."""
        self._items.clear()


@dataclass(frozen=True, slots=True)
class Printed:
    """A digest without its rest, and its pages."""

    digest: Digest
    pages: tuple[Sheet, ...]


class Press:
    """Prints digests of one edition.

    Args:
        model: whether one is configured.
        kept: how many entries are kept in type.
    """

    def __init__(self, *, model: bool, kept: int = SET) -> None:
        self._model = model
        self._kept = kept
        self._set: dict[tuple[int, str, str], tuple[Entry, Entry, Sequence[Strip]]] = {}
        self._tops: dict[tuple[str, int | None], Strip] = {}
        self._heading = lru_cache(LINES)(_heading)
        self._note = lru_cache(LINES)(_note)

    def printed(
        self,
        digest: Digest,
        summaries: Mapping[str, Summary],
        limits: Limits,
        *,
        today: date | None = None,
    ) -> Printed:
        """What `with_summaries`, `render.digest.blocks` and `pages` make of it.

        Args:
            digest: of this press's edition; its rest is not looked at.
            summaries: by paper id; the same ones for a language each time.
            limits: of a page.
            today: the year is written where the edition is of another.
        """
        told, body = self._body(digest, summaries)
        first = self._first(told, today)
        notes = ((self._note(sentence), "") for sentence in digest_page.notes(told))
        pasted = paste([*first, *body, *notes], limits)
        if pasted is None:  # some block is longer than a page
            divided = pages(digest_page.blocks(told, today=today), limits)
            pasted = tuple(Sheet(page.text, page.entities) for page in divided)
        return Printed(told, pasted)

    def clear(self) -> None:
        """Forgets the entries that are set: fields have other papers now."""
        self._set.clear()

    def _body(
        self, digest: Digest, summaries: Mapping[str, Summary]
    ) -> tuple[Digest, list[Marked]]:
        """The digest with its summaries, and its sections, numbered through."""
        language, sample = digest.language, digest_page.is_sample(digest)
        numbers = map(str, count(1))
        sections: list[Section] = []
        body: list[Marked] = []
        for each in digest.sections:
            ready = [
                self._entry(one, (language, digest.view), summaries, sample=sample)
                for one in each.entries
            ]
            if ready:
                body.append((self._heading(each.field, each.shown, each.matched, language), ""))
            for (_, _, strips), number in zip(ready, numbers, strict=False):
                body.append((strips[0], number))
                body += [(more, "") for more in strips[1:]]
            sections.append(Section(each.field, each.matched, tuple([each[1] for each in ready])))
        told = tuple(sections)
        told_of = (digest.edition, language, told, digest.receipt)
        return Digest(*told_of, model=self._model, view=digest.view), body

    def _entry(
        self,
        entry: Entry,
        shape: tuple[str, str],
        summaries: Mapping[str, Summary],
        *,
        sample: bool,
    ) -> tuple[Entry, Entry, Sequence[Strip]]:
        """The entry, with its summary, and as it is set, with one digit for a mark.

        Shelves give out the same entry each time: it is known by its identity, and kept. One with
        reasons is of one reader only.
        """
        if entry.reasons:
            return self._ready(entry, shape, summaries, sample=sample)
        ready = self._set.get((id(entry), *shape))
        if ready is None or ready[0] is not entry:
            if len(self._set) >= self._kept:
                del self._set[next(iter(self._set))]  # all at once would hold the loop for 0.1 s
            ready = self._ready(entry, shape, summaries, sample=sample)
            self._set[id(entry), *shape] = ready
        return ready

    def _ready(
        self,
        entry: Entry,
        shape: tuple[str, str],
        summaries: Mapping[str, Summary],
        *,
        sample: bool,
    ) -> tuple[Entry, Entry, Sequence[Strip]]:
        told = replace(entry, summary=summaries.get(entry.paper.id, entry.summary))
        blocks = digest_page.entries([told], shape[0], sample=sample, view=shape[1])
        return entry, told, [strip(each) for each in blocks]

    def _first(self, digest: Digest, today: date | None) -> tuple[Marked, Marked]:
        """The header's lines, set as a heading and what stands under it."""
        key = (digest.language, today.year if today else None)
        if key not in self._tops:
            self._tops[key] = strip(Block(digest_page.top(digest, today), Role.HEADING))
        return (self._tops[key], ""), (sentence(digest_page.receipt(digest), Role.HEADER), "")


def _heading(field: str, shown: int, matched: int, language: str) -> Strip:
    return strip(digest_page.heading(field, shown, matched, language))


def _note(sentence: str) -> Strip:
    return strip(digest_page.note(sentence))
