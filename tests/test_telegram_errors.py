"""Every answer that Telegram gives to a page, and what Paperboy makes of it."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels.telegram import Telegram
from bot.channels.telegram_http import Timeouts
from digest.errors import (
    Ambiguous,
    AnotherPoller,
    ChannelError,
    ChannelUnreachable,
    PageRefused,
    ReaderGone,
    TokenRefused,
    TryLater,
)
from digest.render.entities import Entity, Page
from tests.fakes.telegram import TOKEN, FakeTelegram, logged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

PAGE = Page("Cold starts in 9 ms", (Entity("bold", 0, 4),))
IMPATIENT = Timeouts(connect=1, read=0.2, write=0.1, pool=0.1)


@pytest.fixture(autouse=True)
def token_is_kept(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    caplog.set_level("DEBUG", "telegram")
    yield
    shown = capfd.readouterr()
    assert TOKEN not in shown.out + shown.err + logged(caplog)


@pytest.fixture
async def telegram(fake: FakeTelegram) -> AsyncIterator[Telegram]:
    async with Telegram(TOKEN, api_url=fake.url, timeouts=IMPATIENT) as opened:
        yield opened


def everything_of(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error) + repr(error.__context__)


ROWS: list[tuple[int, str, dict[str, Any], type[ChannelError], dict[str, Any]]] = [
    (429, "Too Many Requests: retry after 7", {"retry_after": 7}, TryLater, {"retry_after": 7}),
    (429, "Too Many Requests", {}, TryLater, {"retry_after": 5}),
    (403, "Forbidden: bot was blocked by the user", {}, ReaderGone, {"reason": "blocked"}),
    (403, "Forbidden: user is deactivated", {}, ReaderGone, {"reason": "deactivated"}),
    (
        403,
        "Forbidden: bot was kicked from the supergroup chat",
        {},
        ReaderGone,
        {"reason": "kicked"},
    ),
    (
        403,
        "Forbidden: bot is not a member of the channel chat",
        {},
        ReaderGone,
        {"reason": "kicked"},
    ),
    (
        403,
        "Forbidden: bot can't initiate conversation with a user",
        {},
        ReaderGone,
        {"reason": "forbidden"},
    ),
    (400, "Bad Request: chat not found", {}, ReaderGone, {"reason": "not_found"}),
    (400, "Bad Request: group chat was deactivated", {}, ReaderGone, {"reason": "deactivated"}),
    (
        400,
        "Bad Request: not enough rights to send text messages to the chat",
        {},
        ReaderGone,
        {"reason": "no_rights"},
    ),
    (
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": -1009},
        ReaderGone,
        {"reason": "migrated", "migrate_to": "-1009"},
    ),
    (400, "Bad Request: message is too long", {}, PageRefused, {"reason": "Message is too long"}),
    (
        400,
        "Bad Request: can't parse entities: x",
        {},
        PageRefused,
        {"reason": "Can't parse entities: x"},
    ),
    (
        400,
        "Bad Request: message is not modified",
        {},
        PageRefused,
        {"reason": "Message is not modified"},
    ),
    (401, "Unauthorized", {}, TokenRefused, {}),
    (404, "Not Found", {}, TokenRefused, {}),
    (409, "Conflict: terminated by other getUpdates request", {}, AnotherPoller, {}),
    (500, "Internal Server Error", {}, Ambiguous, {"reason": "Internal Server Error"}),
    (502, "Bad Gateway", {}, Ambiguous, {"reason": "Bad Gateway"}),
]


@pytest.mark.parametrize(
    ("status", "words", "parameters", "kind", "params"), ROWS, ids=lambda v: str(v)[:40]
)
async def test_what_telegram_answers_tells_what_to_do(
    fake: FakeTelegram,
    telegram: Telegram,
    status: int,
    words: str,
    parameters: dict[str, Any],
    kind: type[ChannelError],
    params: dict[str, Any],
) -> None:
    fake.refuse(status, words, method="sendMessage", **parameters)
    with pytest.raises(ChannelError) as caught:
        await telegram.send("5", PAGE)
    assert type(caught.value) is kind
    assert params.items() <= caught.value.params.items()
    assert TOKEN not in everything_of(caught.value)


LOST: list[tuple[str, Callable[[FakeTelegram], None], int]] = [
    (
        "an HTML page of a gateway",
        lambda fake: fake.answer("<html>502 Bad Gateway</html>", status=502),
        0,
    ),
    ("an HTML page with 200", lambda fake: fake.answer("<html>welcome</html>"), 0),
    ("something else's JSON", lambda fake: fake.answer('["ok"]'), 0),
    ("an answer without a message", lambda fake: fake.answer('{"ok": true, "result": true}'), 0),
    ("no answer in time", lambda fake: fake.hang(), 0),
    ("a reset before delivery", lambda fake: fake.reset(), 0),
    ("a reset after delivery", lambda fake: fake.reset(after=True), 1),
]


@pytest.mark.parametrize(("what", "fail", "delivered"), LOST, ids=[row[0] for row in LOST])
async def test_nobody_knows_whether_it_arrived(
    fake: FakeTelegram,
    telegram: Telegram,
    what: str,
    fail: Callable[[FakeTelegram], None],
    delivered: int,
) -> None:
    fail(fake)
    with pytest.raises(Ambiguous) as caught:
        await telegram.send("5", PAGE)
    assert len(fake.messages(5)) == delivered, what
    assert TOKEN not in everything_of(caught.value)
    assert await telegram.send("5", PAGE), "the next page goes out"


async def test_a_connection_that_never_was_may_be_tried_at_once(fake: FakeTelegram) -> None:
    telegram = Telegram(TOKEN, api_url=fake.url)
    await fake.stop()
    await telegram.bot.request.initialize()
    with pytest.raises(TryLater) as caught:
        await telegram.send("5", PAGE)
    await telegram.bot.request.shutdown()
    assert caught.value.params["retry_after"] <= 1
    assert TOKEN not in everything_of(caught.value)


async def test_a_page_arrives_as_text_and_entities(fake: FakeTelegram, telegram: Telegram) -> None:
    assert await telegram.send("5", PAGE) == str(fake.messages(5)[0].message_id)
    assert await telegram.send(
        "@channel",
        Page("x", (Entity("text_link", 0, 1, "https://arxiv.org/abs/2602.02489"),)),
        silent=True,
    )
    loud, quiet = fake.called("sendMessage")
    assert loud.params == {
        "chat_id": 5,
        "text": "Cold starts in 9 ms",
        "entities": [{"type": "bold", "offset": 0, "length": 4}],
        "link_preview_options": {"is_disabled": True},
    }
    assert quiet.params["disable_notification"] is True
    assert quiet.params["entities"][0]["url"] == "https://arxiv.org/abs/2602.02489"
    assert quiet.params["chat_id"] == "@channel"


async def test_a_paid_broadcast_is_asked_for_by_who_chose_it(fake: FakeTelegram) -> None:
    for paid in (False, True):
        async with Telegram(TOKEN, api_url=fake.url, paid=paid) as telegram:
            await telegram.send("5", PAGE)
    free, bought = fake.called("sendMessage")
    assert "allow_paid_broadcast" not in free.params
    assert bought.params["allow_paid_broadcast"] is True


async def test_a_page_of_exactly_the_limits_is_taken_and_one_more_unit_is_not(
    telegram: Telegram,
) -> None:
    many = tuple(Entity("bold", at, 1) for at in range(telegram.limits.entities))
    assert await telegram.send("5", Page("𝛼" * (telegram.limits.units // 2), many))
    with pytest.raises(PageRefused):
        await telegram.send("5", Page("𝛼" * (telegram.limits.units // 2) + "x"))


@pytest.mark.parametrize("token", ["", "  ", "1:no/good", "1:unknown"])
async def test_a_wrong_token_is_told_at_start(fake: FakeTelegram, token: str) -> None:
    with pytest.raises(TokenRefused) as caught:
        async with Telegram(token, api_url=fake.url):
            pass
    assert str(caught.value) == "errors.token_refused"


async def test_a_right_token_is_in_no_error_about_it(fake: FakeTelegram) -> None:
    fake.token = "2:another"
    with pytest.raises(TokenRefused) as caught:
        async with Telegram(TOKEN, api_url=fake.url):
            pass
    assert TOKEN not in everything_of(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        "<html>",
        '{"ok": true, "result": true}',
        '{"ok": true, "result": {"id": "x"}}',
        '{"ok": false, "error_code": 1}',
    ],
)
async def test_somebody_else_at_the_address_of_the_api_is_no_telegram(
    fake: FakeTelegram, body: str
) -> None:
    fake.answer(body, method="getMe")
    with pytest.raises(ChannelUnreachable) as caught:
        async with Telegram(TOKEN, api_url=fake.url):
            pass
    assert TOKEN not in everything_of(caught.value)


async def test_no_network_at_start_is_told(fake: FakeTelegram) -> None:
    await fake.stop()
    with pytest.raises(ChannelUnreachable):
        async with Telegram(TOKEN, api_url=fake.url + "/"):
            pass


async def test_a_start_that_is_broken_off_leaves_nothing_open(fake: FakeTelegram) -> None:
    fake.hang(method="getMe")
    telegram = Telegram(TOKEN, api_url=fake.url)
    starting = asyncio.create_task(telegram.__aenter__())
    await fake.until(lambda: fake.called("getMe"))
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    with pytest.raises(TryLater):
        await telegram.send("5", PAGE)


def test_nothing_prints_the_token() -> None:
    telegram = Telegram(TOKEN)
    assert TOKEN not in repr(telegram) + repr(telegram.application) + repr(telegram.bot) + str(
        telegram.bot
    )
