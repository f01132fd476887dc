"""Updates to commands, each chat's in their order.

Nothing that a reader sends can raise, and no log line holds what they wrote: readers are named by
their internal number, an unexpected error by its type and place.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog
from telegram.constants import ChatType
from telegram.ext import CallbackQueryHandler, ChatMemberHandler, MessageHandler, filters

from bot.channels.telegram import HELLO
from bot.channels.telegram_buttons import CHANNEL
from bot.channels.telegram_exchange import exchanged
from bot.channels.telegram_heard import SLASHES, heard, is_present, tapped
from bot.channels.telegram_inline import Inline
from bot.channels.telegram_quiet import Quiet
from bot.channels.telegram_readers import Newcomers, Readers
from bot.channels.telegram_replies import Replies
from bot.channels.telegram_rights import refusal
from bot.channels.telegram_taps import Tap
from bot.channels.telegram_tending import invitation, is_setting, order, place_for, tended
from bot.channels.telegram_turns import A_MINUTE_EACH, Allowance, Alone, Turns, Verdict
from bot.commands import Choice, Reply
from bot.logs import place
from digest.errors import ChannelError, PaperboyError, ReaderGone
from digest.locale import say
from digest.models import State, Subscriber
from digest.render.notices import notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import ChatMemberUpdated, Update
    from telegram.ext import BaseHandler

    from bot.channels.telegram import Telegram
    from bot.channels.telegram_heard import Heard
    from bot.channels.telegram_inline import Offer
    from bot.channels.telegram_tending import Order
    from bot.commands import Command

log = structlog.get_logger()

Answer = Callable[[Subscriber, str], Awaitable[tuple[Subscriber, "Reply"]]]
"""`bot.commands.book.answer` with its desk."""


class Conversations:
    """All chats with all readers."""

    def __init__(
        self,
        telegram: Telegram,
        readers: Readers,
        answer: Answer,
        *,
        newcomers: Newcomers | None = None,
        replies: Replies | None = None,
        clock: Callable[[], float] = time.monotonic,
        meant: Callable[[str], Command | None] = lambda _: None,
        cards: Offer | None = None,
        alone: Alone | None = None,
    ) -> None:
        """Takes part in nothing until `serve` feeds it.

        Args:
            telegram: for its buttons and its name.
            readers: the store's subscribers.
            answer: what answers a line of text; it stores whoever it answers as a reader.
            newcomers: what somebody new starts with.
            replies: how answers go back; directly through `telegram` unless something paces them.
            clock: seconds that never go back.
            meant: the command that a line of text is; see `bot.commands.book`.
            cards: what there is to share in other chats; nothing is offered there without.
            alone: keeps other processes out of a chat, where several answer.
        """
        self._telegram = telegram
        self._readers = readers
        self._answer = answer
        self._newcomers = newcomers or Newcomers()
        self._replies = replies or Replies(telegram.bot, telegram)
        self._clock = clock
        self._meant = meant
        self._allowance = Allowance()
        self._persons = Allowance(A_MINUTE_EACH)
        self._inline = cards and Inline(telegram, readers, cards, clock, self._newcomers)
        self.turns = Turns(alone)

    def handlers(self) -> tuple[BaseHandler[Any, Any, Any], ...]:
        """What python-telegram-bot's Application calls."""
        return (
            MessageHandler(filters.UpdateType.MESSAGE, self._on_message),
            CallbackQueryHandler(self._on_tap),
            ChatMemberHandler(self._on_membership, ChatMemberHandler.MY_CHAT_MEMBER),
            *([self._inline.handler()] if self._inline else []),
        )

    # What comes. Nothing is waited for before a turn is taken: that keeps a chat's order.

    async def _on_message(self, update: Update, _context: object) -> None:
        message = update.message
        assert message is not None
        said = heard(message, self._telegram.bot.username)
        if message.migrate_to_chat_id:
            await self._moved(said.address, str(message.migrate_to_chat_id))
        elif message.forum_topic_reopened:
            await self._is_back(said.address)
        elif self._is_for_us(said, has_more=bool(message.effective_attachment)):
            await self._hear(said)

    def _is_for_us(self, said: Heard, *, has_more: bool) -> bool:
        """Whether it is answered: in a group not what may be meant for its other bots."""
        if not said.is_shared:
            return bool(said.text) or has_more
        if said.is_named or not said.text.startswith(SLASHES):
            return bool(said.text)
        command = self._meant(said.text)
        return command is not None and not command.for_admins  # nobody learns that there are such

    async def _on_tap(self, update: Update, _context: object) -> None:
        query = update.callback_query
        assert query is not None
        below = query.message
        tap = Tap(self._telegram.bot, query, self._replies.settled_within_s)
        async with tap.in_time():
            if below is None:
                tap.settle(self._stale(query.from_user.language_code))
            else:
                await self._hear(tapped(below, query.data or "", query.from_user, tap))

    async def _on_membership(self, update: Update, _context: object) -> None:
        changed = update.my_chat_member
        assert changed is not None
        address = str(changed.chat.id)
        async with self.turns.turn(address):
            with Quiet("telegram.membership"):
                is_active = is_present(changed.new_chat_member)
                for reader in await self._all_at(address, changed.chat.type):
                    await self._set_active(reader, active=is_active)
                if is_active and not is_present(changed.old_chat_member):
                    await self._greet(changed)

    async def _greet(self, changed: ChatMemberUpdated) -> None:
        """Whoever took us into a channel is told in private how it is set up."""
        if changed.chat.type != ChatType.CHANNEL:
            return
        own = await self._readers.find(CHANNEL, str(changed.from_user.id))
        if own is not None and own.state is not State.GONE:
            title = changed.chat.title or str(changed.chat.id)
            words = invitation(str(changed.chat.id), title, own.language)
            await self._replies.show(own.address, words)

    async def _all_at(self, address: str, kind: str) -> Sequence[Subscriber]:
        """Who reads in a chat; only a group has topics, and looking for them takes longer."""
        if kind != ChatType.PRIVATE:
            return await self._readers.at(CHANNEL, address)
        found = await self._readers.find(CHANNEL, address)
        return (found,) if found else ()

    async def _moved(self, address: str, new: str) -> None:
        """A group became a supergroup: it reads on under its new address."""
        async with self.turns.turn(address), self.turns.turn(new):
            with Quiet("telegram.moved"):
                await self._move(await self._readers.find(CHANNEL, address), new)

    async def _is_back(self, address: str) -> None:
        """A topic was opened again."""
        async with self.turns.turn(address):
            with Quiet("telegram.reopened"):
                if reader := await self._readers.find(CHANNEL, address):
                    await self._set_active(reader, active=True)

    def _stale(self, spoken: str | None) -> str:
        return say("telegram.stale_button", self._newcomers.spoken(spoken))

    # What is done with it

    async def _hear(self, said: Heard) -> None:
        name = self._name(said)
        if self.turns.is_repeated(said.address, name):
            return
        verdict = self._verdict(said)
        if verdict is Verdict.FINE:
            async with self.turns.turn(said.address, name) as is_first:
                if is_first:
                    await self._converse(said)
        elif verdict is Verdict.WARN:
            await self._tell(said, "telegram.slow_down", self._newcomers.spoken(said.spoken))

    def _name(self, said: Heard) -> str:
        """What is the same if it comes twice: of what depends on who says it, from the same."""
        command = self._meant(said.text)
        is_anybodys = said.tap is None and not (
            command and (command.configures or command.personal)
        )
        return said.text if is_anybodys or not said.is_shared else f"{said.own} {said.text}"

    def _verdict(self, said: Heard) -> Verdict:
        now = self._clock()
        if said.is_shared and said.own:
            verdict = self._persons.ask(f"{said.chat} {said.own}", now)
            if verdict is not Verdict.FINE:
                return verdict
        return self._allowance.ask(str(said.chat), now)

    async def _tell(self, said: Heard, key: str, language: str) -> None:
        """Says a sentence: to whoever tapped, over the chat; else in it."""
        if said.tap is None or not said.tap.settle(say(key, language)):
            await self._replies.say(said.address, key, language)

    async def _converse(self, said: Heard) -> None:
        reader = self._newcomers.subscriber(said.address, said.spoken)
        try:
            text = await self._asked(said)
            if text is None:
                return
            if found := await self._reader(said, text, reader):
                reader = found
                await self._serve(said, text, reader)
        except ReaderGone as gone:
            await self._gone(reader, gone)
        except ChannelError as error:
            log.warning("telegram.unanswered", reader=reader.id, error=str(error))
        except PaperboyError as error:
            await self._replies.say(said.address, error.key, reader.language, **error.params)
        except Exception as error:  # noqa: BLE001 - nothing that a reader sends may stop the others
            log.error("telegram.failed", reader=reader.id, **place(error))  # noqa: TRY400 - quotes readers
            await self._replies.say(said.address, PaperboyError.key, reader.language)

    async def _asked(self, said: Heard) -> str | None:
        """What was typed, or what the button says; None where that is nothing."""
        if said.tap is None:
            return "/start" if said.text == f"/start {HELLO}" else said.text
        command = await self._telegram.buttons.command(said.address, said.text)
        if command is None:
            said.tap.settle(self._stale(said.spoken))
        return command or None

    async def _reader(self, said: Heard, text: str, newcomer: Subscriber) -> Subscriber | None:
        """Who is asking: the chat, or whoever tapped, of what is theirs; None for a stranger."""
        if not self._is_theirs(said, text):
            known = await self._readers.find(CHANNEL, said.address)
            return known or newcomer
        own = await self._readers.find(CHANNEL, said.own)
        if own is not None and own.state is not State.GONE:
            return own
        if said.tap is None or not said.tap.settle(url=self._telegram.start_url(text)):
            spoken = self._newcomers.spoken(said.spoken)
            here = Choice(say("telegram.open_chat", spoken), link=self._telegram.start_url(text))
            words = notice(say("telegram.in_private", spoken))
            await self._replies.show(said.address, Reply(words, (here,)))
        return None

    def _is_theirs(self, said: Heard, text: str) -> bool:
        """Whether it is answered to whoever asks, alone: a channel is no place to talk."""
        if not said.is_shared:
            return False
        command = self._meant(text)
        return said.kind == ChatType.CHANNEL or bool(command and command.personal)

    async def _serve(self, said: Heard, text: str, reader: Subscriber) -> None:
        if not text:
            await self._replies.say(said.address, "telegram.text_only", reader.language)
            return
        if not said.is_shared and (ordered := order(text)):
            await self._tend(said, ordered, reader)
            return
        is_elsewhere = reader.address != said.address
        if not is_elsewhere and (key := await self._refused(said, text)):
            spoken = self._newcomers.spoken(said.spoken) if said.tap else reader.language
            await self._tell(said, key, spoken)
            return
        async with self._replies.typing(reader.address):
            reader, reply = await self._answer(reader, text)
        if reply.forgotten:
            self._telegram.buttons.forget(reader.address)
        if is_elsewhere:
            await self._show_alone(said, reader, reply)
        else:
            reply = await exchanged(self._telegram.buttons, said, reply)
            await self._replies.show(said.address, reply, said.tap)

    async def _tend(self, said: Heard, ordered: Order, own: Subscriber) -> None:
        """Does for a channel what one of its admins says in private."""
        if not ordered.channel or said.who is None:
            await self._replies.say(said.address, "telegram.channel_how", own.language)
            return
        place = await place_for(self._telegram.bot, ordered.channel, said.who)
        key = place.refusal
        known = None if key else await self._readers.find(CHANNEL, place.address)
        text = ordered.text or ("/settings" if known and known.fields else "/pick")
        if not key and not is_setting(self._meant(text)):
            key = "telegram.channel_settings"
        if key:
            await self._tell(said, key, own.language)
            return
        async with self.turns.turn(place.address, text):
            newcomer = replace(own, id=None, address=place.address, fields=(), state=State.ACTIVE)
            reader = await self._readers.find(CHANNEL, place.address)
            _, reply = await self._answer(reader or newcomer, text)
        await self._replies.show(said.address, tended(reply, place, self._meant), said.tap)

    async def _refused(self, said: Heard, text: str) -> str:
        """Why somebody may not do this here, as a text's key."""
        command = self._meant(text)
        configures = command is not None and command.configures
        return await refusal(self._telegram.bot, said) if configures else ""

    async def _show_alone(self, said: Heard, reader: Subscriber, reply: Reply) -> None:
        """Shows it to whoever asked among others: over the chat, or where we are alone."""
        tap, is_shown = said.tap, False
        if tap is not None and reply.toast:
            is_shown = tap.settle(reply.toast)
        if not is_shown or not reply.in_place:
            left = replace(reply, in_place=False, toast="" if is_shown else reply.toast)
            await self._replies.show(reader.address, left)
        if tap is not None:
            tap.settle(say("telegram.sent_to_you", reader.language))

    async def _gone(self, reader: Subscriber, gone: ReaderGone) -> None:
        with Quiet("telegram.gone"):
            if reader.id is None:  # they were new when they asked
                reader = await self._readers.find(CHANNEL, reader.address) or reader
            log.info("telegram.gone", reader=reader.id, reason=gone.params.get("reason"))
            if moved_to := gone.params.get("migrate_to"):
                await self._move(reader, moved_to)
            else:
                await self._set_active(reader, active=False)

    async def _move(self, reader: Subscriber | None, address: str) -> None:
        if reader is not None and reader.id is not None:
            await self._readers.move(reader.id, address)

    async def _set_active(self, reader: Subscriber, *, active: bool) -> None:
        if reader.id is not None:
            await self._readers.set_active(reader.id, active)
