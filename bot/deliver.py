"""Delivery: a published edition → subscribers who are due → pages, frozen in the outbox.

What is due is decided without I/O by `digest.due`; here each decision is carried out once: in the
one transaction that stores a digest's pages, its subscriber is marked as having had it. Sending the
pages is `bot.sending`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from bot import absences, besides, bulletins, lateness, recaps
from bot.logs import place
from bot.sending import Tally
from digest import due
from digest.due import Send, Turn, Wait
from digest.errors import StoreError
from digest.models import Digest, State
from digest.round import Round
from digest.store.looks import LOOK
from digest.store.outbox import Frozen, PageState, Written
from digest.store.subscribers import next_look

if TYPE_CHECKING:
    from bot.channels import Channel
    from bot.deadletters import DeadLetters
    from bot.offers import Kept
    from bot.sending import Sending
    from digest.models import Edition, Standing, Subscriber
    from digest.press import Printed
    from digest.reading import Reading
    from digest.render.entities import Limits, Page, Sheet
    from digest.store.looks import Seen
    from digest.store.revisions import Revision
    from digest.store.shards import Shard

log = structlog.get_logger()

NEWEST = 7
"""Published editions that are looked at: more than a reader's last hour can be due for."""

SLICE = 200
"""Subscribers read at once; the first are frozen, and may be sent, before the last are read."""

TOGETHER = 50
"""Digests that are frozen in one transaction, of some milliseconds."""

FAILED_AGAIN = timedelta(minutes=5)
"""When a subscriber whose digest failed is looked at again."""

A_ROUND = timedelta(minutes=1)
"""So long several shards are served from one reading of an edition, in one process."""

SEEN_FOR = timedelta(minutes=90)
"""So long a look at arXiv tells what it shows now; the watch looks each hour at least."""

Below = Callable[[Digest], "Kept"]
"""What to tap below a digest's last page, as the outbox keeps it."""


def _nothing(_digest: Digest) -> Kept:
    return ()


@dataclass(slots=True)
class World:
    """What decides about everybody in one go, and what is shared while it lasts.

    Attributes:
        editions: the newest published ones.
        looks: what was written down of arXiv and of the channel, by kind.
        begun: when its rounds were.
        keys: the fields of those who are looked at now: placed together, they cost a third.
        rounds: the editions that somebody is due for.
        revisions: new versions of saved papers that those who are looked at are to hear of.
        beginning: held while one of them is begun, or papers are placed.
        frozen: digests that are composed and not stored yet.
    """

    now: datetime
    editions: tuple[Edition, ...]
    looks: Mapping[str, Seen]
    begun: datetime
    keys: set[str] = field(default_factory=set)
    rounds: dict[date, Round] = field(default_factory=dict)
    revisions: Mapping[int, Sequence[Revision]] = field(default_factory=dict)
    beginning: asyncio.Lock = field(default_factory=asyncio.Lock)
    frozen: list[Frozen] = field(default_factory=list)

    @property
    def look(self) -> Seen | None:
        """When arXiv was last seen, and the newest listing date that it showed."""
        return self.looks.get(LOOK)


@dataclass(slots=True)
class Delivered:
    """What one round did.

    Attributes:
        composed: digests frozen.
        notices: readers told that a batch is late.
        recaps: weeks frozen.
        failed: subscribers whose digest failed; they are tried again.
        waiting: pages that still wait, on all channels.
    """

    composed: int = 0
    notices: int = 0
    recaps: int = 0
    failed: int = 0
    waiting: int = 0
    pages: Tally = field(default_factory=Tally)


class Delivery:
    """Who is due gets what they are due for, once.

    `total` is what all rounds did since the start.
    """

    def __init__(
        self,
        reading: Reading,
        sendings: Sequence[Sending],
        below: Below = _nothing,
        dead_letters: DeadLetters | None = None,
    ) -> None:
        """Does nothing yet.

        Args:
            reading: composes digests, from a store.
            sendings: one for each channel; subscribers of other channels are passed over.
            below: what to tap below a digest.
            dead_letters: tells somebody of pages that were given up.
        """
        self.reading = reading
        self.store = reading.store
        self.sendings = tuple(sendings)
        self.below = below
        self._dead_letters = dead_letters
        self.total = Delivered()
        self._channels: dict[str, Channel] = {each.channel.name: each.channel for each in sendings}
        self._world: World | None = None
        self._limits = {name: channel.limits for name, channel in self._channels.items()}

    async def tick(self, now: datetime, shard: Shard | None = None) -> Delivered:
        """Freezes what is due at `now`, to everybody or to the readers of a shard.

        It is safe to repeat, and in two processes; ticks of several shards go side by side.
        """
        done = Delivered()
        world: World | None = None
        last: Standing | None = None
        while some := await self.store.subscribers.due(now, last, SLICE, shard):
            world = world or await self._seen(now, shard)
            world.keys = {key for each in some for key in each.subscriber.fields}
            numbers = [each.subscriber.id or 0 for each in some]
            world.revisions = await self.store.revisions.news(numbers)
            waits = []
            for standing in some:
                until = await self._guarded(standing, world, done)
                if until is not None:
                    waits.append((standing, until))
                if len(world.frozen) >= TOGETHER:
                    await self._store_digests(world, done)
            await self._store_digests(world, done)
            await self.store.subscribers.postpone(waits)
            last = some[-1]
        self._note(done)
        return done

    async def send_waiting(self, now: datetime, shard: Shard | None = None) -> Tally:
        """Sends what waits and may be tried by `now`, on all channels at the same time.

        Whoever sends a shard's pages leaves it to others to freeze what the operator writes, and to
        tell what was given up.
        """
        if shard is None:
            await self.freeze_bulletins(now)
        rounds = (each.send_waiting(now, shard) for each in self.sendings)
        sent = total(await asyncio.gather(*rounds))
        day = now.astimezone(UTC).date()
        await self.store.daily.delivered(day, sent=sent.sent, failed=sent.dead)
        if shard is None and not sent.elsewhere:
            await self.tell_of_dead_letters(now)
        return sent

    async def freeze_bulletins(self, now: datetime) -> int:
        """Freezes what the operator writes to everybody; returns for how many readers."""
        return await bulletins.go_on(self.store, self._limits, now)

    async def tell_of_dead_letters(self, now: datetime) -> None:
        """Tells of pages that were given up, where somebody is to hear of them."""
        if self._dead_letters:
            await self._dead_letters.tell(now)

    def stop(self) -> None:
        """Lets what is in flight arrive, and begins nothing more."""
        for sending in self.sendings:
            sending.stop()

    async def _store_digests(self, world: World, done: Delivered) -> None:
        """Freezes what is composed, and marks its readers as having had it."""
        digests, world.frozen = world.frozen, []
        if digests:
            done.composed += await self.store.outbox.freeze_all(digests, world.now)

    def _note(self, done: Delivered) -> None:
        """Adds what a round did, for whoever counts."""
        self.total.composed += done.composed
        self.total.notices += done.notices
        self.total.recaps += done.recaps
        self.total.failed += done.failed

    async def _seen(self, now: datetime, shard: Shard | None) -> World:
        """What decides at `now`; shards that come soon after each other share its rounds."""
        editions = await self.store.editions.published(NEWEST)
        world = World(now, editions, await self.store.looks.last(), begun=now)
        if shard is None:
            return world
        last = self._world
        if last and last.editions == world.editions and now - last.begun < A_ROUND:
            world = replace(last, now=now, looks=world.looks, keys=set(), frozen=[])
        self._world = world
        return world

    async def _guarded(self, standing: Standing, world: World, done: Delivered) -> datetime | None:
        """Serves one subscriber; what goes wrong for one costs the others nothing."""
        try:
            return await self._serve(standing, world, done)
        except StoreError:  # nobody can be served
            raise
        except Exception as error:  # noqa: BLE001 # whatever it is, the next one is served
            log.error("digest_failed", reader=standing.subscriber.id, **place(error))  # noqa: TRY400 # quotes readers
            done.failed += 1
            return world.now + FAILED_AGAIN

    async def _serve(self, standing: Standing, world: World, done: Delivered) -> datetime | None:
        """Gives them what they are due for; returns when to look again, None where it is stored."""
        reader, now = standing.subscriber, world.now
        hour, channel = due.understood(reader.hour), self._channels.get(reader.channel)
        if reader.state is State.PAUSED:  # and it is over: that is what was due
            await self.store.subscribers.save(
                replace(reader, state=State.ACTIVE, paused_until=None)
            )
            return None
        next_at = next_look(reader, now)
        if next_at is None:  # pragma: no cover # nobody without an hour or a Sunday is due
            return None
        if channel is None or not reader.fields:
            return next_at
        if reader.weekly:
            begun = partial(self._begun, world)  # the recap first: a digest settles the hour
            done.recaps += await recaps.serve(
                self.reading, standing, channel.limits, world.editions, begun, now
            )
        if hour is None:
            return next_at
        turn = Turn(hour, reader.timezone, standing.had, standing.settled)
        shown = world.look.day if world.look else None
        answer = due.decide(turn, world.editions, now, shown=shown)
        if isinstance(answer, Wait):
            answer = replace(answer, until=min(answer.until, next_at))
            return await self._wait(standing, answer, channel.limits, world, done)
        written = await self._written(answer.day, reader, channel.limits, world)
        if key := _why_late(answer, world):
            line = lateness.sentence(key, reader, answer.day)
            written = lateness.with_line(written, line, channel.limits)
        revised: Mapping[str, int] = {}
        if news := world.revisions.get(reader.id or 0):
            section, revised = besides.told_of(news, reader.language)
            written = besides.with_section(written, section, channel.limits)
        world.frozen.append(Frozen(reader, answer.day, written, next_at, revised))
        return None

    async def _wait(
        self, standing: Standing, wait: Wait, limits: Limits, world: World, done: Delivered
    ) -> datetime | None:
        """Says once why there is nothing: what is late and whose fault, or that it is a day off."""
        told, reader = standing.told_late, standing.subscriber
        about = wait.without or wait.batch
        if not absences.is_told(wait, reader) or (told and told >= about):
            return wait.until
        page = absences.page(wait, reader, limits, seen=_is_seen(world))
        done.notices += await self.store.outbox.notify(reader, about, page, wait.until, world.now)
        return None

    async def _written(
        self, day: date, reader: Subscriber, limits: Limits, world: World
    ) -> tuple[Written, ...]:
        """The digest's pages; those of a reader who follows the same are the same."""
        today = world.now.astimezone(ZoneInfo(reader.timezone)).date()
        begun = await self._begun(world, day, reader)
        return await begun.printed(reader, limits, today, self._finished)

    async def _begun(self, world: World, day: date, reader: Subscriber) -> Round:
        """The edition of a day, read once for all, with the reader's fields placed."""
        begun = world.rounds.get(day)
        if begun is None or not begun.is_placed(reader.fields):
            async with world.beginning:
                begun = world.rounds.get(day)
                if begun is None:
                    begun = await Round.begin(self.store, self.reading.telling, day)
                    world.rounds[day] = begun
                if not begun.is_placed(reader.fields):
                    await begun.place(world.keys)
        return begun

    def _finished(self, printed: Printed) -> tuple[Written, ...]:
        silent = not printed.digest.entries
        return written(printed.pages, self.below(printed.digest), silent=silent)


def _is_seen(world: World) -> bool:
    """Whether we know what arXiv shows now."""
    return world.look is not None and world.now - world.look.at < SEEN_FOR


def _why_late(answer: Send, world: World) -> str | None:
    """Whose fault it is that this digest comes late: a text's key; None where it does not."""
    if answer.owed is None or world.now - answer.owed < lateness.SAID_AFTER:
        return None
    [edition] = (each for each in world.editions if each.day == answer.day)
    return lateness.why_composed_late(edition, answer.owed, world.now, world.looks)


async def deliver_once(delivery: Delivery, now: datetime) -> Delivered:
    """Sends what is due at `now`, and stops; safe to repeat."""
    done = await delivery.tick(now)
    done.pages = await delivery.send_waiting(now)
    done.waiting = (await delivery.store.outbox.counts())[PageState.WAITING]
    return done


def written(
    laid: Sequence[Page | Sheet], below: Kept = (), *, silent: bool = False
) -> tuple[Written, ...]:
    """Pages to be frozen: one notification, and the choices below the last.

    Args:
        laid: the pages.
        below: what to tap; `bot.offers.frozen` makes it.
        silent: no notification at all: a day without papers wakes nobody.
    """
    return tuple(
        Written(
            page.text,
            page.entities,
            below if number == len(laid) else (),
            silent or number > 1,
        )
        for number, page in enumerate(laid, 1)
    )


def total(tallies: Sequence[Tally]) -> Tally:
    """All channels together."""
    return Tally(
        sum(each.sent for each in tallies),
        sum(each.gone for each in tallies),
        sum(each.later for each in tallies),
        sum(each.dead for each in tallies),
        any(each.elsewhere for each in tallies),
    )
