"""What is typed, and what is answered: on any platform, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands.book import COMMANDS
from bot.commands.following import MOST_FIELDS, separate
from digest.models import Subscriber
from tests.fakes.papers import DAY, paper
from tests.fakes.talk import Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import App
    from tests.conftest import Opened
    from tests.fakes.arxiv import FakeArxiv

CLOUD = paper(4, categories=("cs.DC",))
READER = Subscriber("console", "local", fields=("ai",))


@pytest.fixture
async def app(arxiv: FakeArxiv, opened: Opened) -> AsyncIterator[App]:
    arxiv.announce(DAY, CLOUD, replace(paper(1), id="2602.02489", submitted=date(2026, 2, 2)))
    async with opened() as running:
        yield running


@pytest.fixture
def talk(app: App) -> Talk:
    return Talk(app, READER)


@pytest.mark.parametrize(
    "typed", ["/field databases", "field databases", "／field　databases", " / FIELD@bot databases"]
)
async def test_the_slash_is_optional_and_may_be_full_width(talk: Talk, typed: str) -> None:
    assert "databases" in (await talk.say(typed)).casefold()
    assert talk.reader.fields == ("ai", "db")


@pytest.mark.parametrize(
    "typed", ["/field 云计算，存储", "/field cloud computing; storage", "订阅云计算、存储"]
)
async def test_several_fields_are_separated(talk: Talk, typed: str) -> None:
    await talk.say(typed)
    assert talk.reader.fields == ("ai", "cl", "st")


def test_quotes_hold_a_phrase_together() -> None:
    assert separate('"red, green", AI、 \n“a，b”;') == ['"red, green"', "AI", "“a，b”"]


async def test_fields_are_kept(talk: Talk) -> None:
    await talk.say("/field cs.DB")
    stored = await talk.app.store.subscribers.find("console", "local")
    assert stored is not None
    assert stored.fields == ("ai", "cs.DB")


async def test_a_field_followed_twice_stands_once(talk: Talk) -> None:
    assert "already" in await talk.say("/field AI")
    assert talk.reader.fields == ("ai",)


async def test_a_mistyped_field_is_answered_with_what_it_may_be(talk: Talk) -> None:
    assert "云计祘" in await talk.say("/field 云计祘")
    assert talk.commands == ["/field cl", '/field "云计祘"']
    assert talk.reader.fields == ("ai",)


async def test_a_code_that_may_be_meant_is_offered_with_its_name(talk: Talk) -> None:
    await talk.say("/field CO")
    assert talk.reply is not None
    assert talk.reply.choices[1].label == "math.CO (Combinatorics)"
    assert talk.commands[1] == "/field math.CO"


async def test_unknown_text_may_be_followed_as_a_phrase(talk: Talk) -> None:
    await talk.say("/field spot instance bidding")
    if talk.reader.fields == ("ai",):
        await talk.say(talk.commands[-1])
    assert any("spot" in key for key in talk.reader.fields)


async def test_a_sentence_is_followed_at_once_and_the_field_it_speaks_of_offered(
    talk: Talk,
) -> None:
    said = await talk.say("/field papers on making serverless functions start faster")
    assert 'You follow "papers on making serverless functions start faster" now.' in said
    assert talk.reader.fields[1:] == ('"papers on making serverless functions start faster"',)
    assert talk.commands == ["/field cl", "/today"]
    await talk.say("/field graph neural networks for traffic prediction")
    assert talk.commands == ["/today"]


async def test_a_phrase_that_no_abstract_has_is_said_to_find_nothing(talk: Talk) -> None:
    assert "Abstracts on arXiv are in English" in await talk.say('/field "向量索引"')
    assert talk.reader.fields == ("ai", '"向量索引"')
    assert "are in English" not in await talk.say('/field "vector 索引"')
    talk.reader = replace(talk.reader, language="zh")
    assert "请改用英文" in await talk.say('/field "向量索引"')


async def test_a_field_without_name_shows_what_there_is(talk: Talk) -> None:
    assert "Your fields" in await talk.say("/field")
    assert "/field cl" in talk.commands
    assert "/field ai" not in talk.commands


async def test_there_is_an_end_to_following(talk: Talk) -> None:
    talk.reader = replace(talk.reader, fields=tuple(f'"word{n}"' for n in range(MOST_FIELDS)))
    assert "more than 50" in await talk.say("/field AI")


async def test_a_field_can_be_left(talk: Talk) -> None:
    await talk.say("/field 云计算")
    assert "no longer" in await talk.say("/unfield 云计算")
    assert talk.reader.fields == ("ai",)


async def test_leaving_the_last_field_offers_others(talk: Talk) -> None:
    assert "no field yet" in await talk.say("/unfield AI")
    assert "no field yet" in await talk.say("/today")
    assert "/field ai" in talk.commands
    assert "no field yet" in await talk.say("/date 2026-02-03")


async def test_a_field_that_is_not_followed_cannot_be_left(talk: Talk) -> None:
    assert "do not follow" in await talk.say("/unfield databases")
    await talk.say("/unfield")
    assert talk.commands == ["/unfield ai"]


async def test_what_is_understood_no_longer_is_shown_and_can_be_left(talk: Talk) -> None:
    talk.reader = replace(talk.reader, fields=("ai", "--", "  "))
    assert "AI, -- and ?" in await talk.say("/fields")
    await talk.say("/unfield")
    assert talk.commands == ["/unfield ai", "/unfield ?"]
    assert "no longer follow -- and ?" in await talk.say("/unfield ?")
    assert talk.reader.fields == ("ai",)


async def test_today_shows_the_newest_papers(talk: Talk) -> None:
    await talk.say("/field cs.DC")
    assert CLOUD.title in await talk.say("今天")


async def test_a_date_may_stand_alone(talk: Talk) -> None:
    await talk.say("/field cs.DC")
    assert CLOUD.title in await talk.say("2026-02-03")
    assert CLOUD.title in await talk.say("/date 2月3号")


async def test_today_with_a_day_is_that_day(talk: Talk) -> None:
    await talk.say("/field cs.DC")
    assert "no such day" in await talk.say("/today 2026-02-30")
    assert "1 January 2027 is still to come" in await talk.say("/today 2027-01-01")
    assert CLOUD.title in await talk.say("/today please")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/date", "Which day?"),
        ("/date someday", "not a date"),
        ("/date 2026-02-30", "no such day"),
        ("2026-02-30", "no such day"),
        ("/date 2027-01-01", "1 January 2027 is still to come"),
        ("/date 2026-02-04", "not out yet; it is due Wednesday 01:00"),
        ("/date 2026-02-07", "not at weekends"),
        ("/field 🎉", "no word to look for"),
        ("/field -survey", "“-survey” only says what to leave out"),
        ('/field -"red sheep" －survey', 'or follow it: /field "red sheep survey"'),
        ("/date 1990-01-01", "14 August 1991"),
        ("/date 2026-01-31", "not at weekends"),
        ("/date 2026-01-20", "Martin Luther King"),
        ("/paper", "Which paper?"),
        ("/paper hello", "no arXiv id"),
        ("/paper 2602.99999", "not on arXiv"),
        ("/language", "Which language?"),
        ("/language Klingon", "“Klingon”"),
        ("/size", "up to 10"),
        ("/size ten", "from 1 to 50"),
        ("/size 0", "from 1 to 50"),
        ("/size 51", "from 1 to 50"),
        ("/size -3", "from 1 to 50"),
        ("/size " + "9" * 5000, "from 1 to 50"),
        ("/size 000010" + "9" * 20, "from 1 to 50"),
        ("/size " + "0" * 5000, "from 1 to 50"),
        ("/filed AI", "Did you mean"),
        ("/xyzzy", "no command /xyzzy"),
        ("what is this?", "did not understand"),
        ("🎉", "did not understand"),
        ("مرحبا بالعالم", "did not understand"),
        ("a" * 10_000, "did not understand"),
        ("/field " + "b" * 10_000, "no field"),
        ("", "What you can send"),
        ("/", "What you can send"),
        ("quantum computing", "is a field"),
    ],
)
async def test_every_wrong_or_empty_input_has_its_answer(
    talk: Talk, typed: str, words: str
) -> None:
    answered = await talk.say(typed)
    assert words.casefold() in answered.casefold()
    assert len(answered) < 2500
    assert talk.reader == READER


async def test_a_holiday_offers_the_day_before(talk: Talk) -> None:
    await talk.say("/date 2026-01-31")
    assert talk.commands == ["/date 2026-01-30"]


async def test_a_typo_is_one_choice_away(talk: Talk) -> None:
    await talk.say("/filed databases")
    assert talk.commands == ["/field databases"]


@pytest.mark.parametrize(
    "typed",
    [
        "/paper 2602.02489",
        "2602.02489",
        "https://arxiv.org/abs/2602.02489v1",
        "看看这篇：arXiv：2602.02489，好吗",
        "论文2602.02489",
        "paper ２６０２．０２４８９",
    ],
)
async def test_a_paper_is_found_in_whatever_is_typed(talk: Talk, typed: str) -> None:
    assert paper(1).title in await talk.say(typed)


async def test_further_papers_in_a_text_are_choices(talk: Talk) -> None:
    assert paper(1).title in await talk.say("compare 2602.02489 and 2602.02490")
    assert talk.choices == {"2602.02490": "/paper 2602.02490"}


async def test_a_silent_arxiv_is_told_in_a_sentence(talk: Talk, arxiv: FakeArxiv) -> None:
    arxiv.stop()
    assert "cannot be reached" in await talk.say("/paper 2602.02489")
    assert "cannot be reached" in await talk.say("/date 2026-02-02")


async def test_the_language_changes_at_once(talk: Talk) -> None:
    assert "中文" in await talk.say("/language 中文")
    assert "您的设置" in await talk.say("/settings")


async def test_the_size_changes_the_digest(talk: Talk) -> None:
    await talk.say("/size ３")
    assert talk.reader.size == 3


async def test_settings_name_everything(talk: Talk) -> None:
    words = await talk.say("/settings")
    assert all(each in words for each in ("AI", "English", "10", "UTC"))


async def test_help_names_every_command_and_fits_a_screen(talk: Talk) -> None:
    words = await talk.say("/help")
    assert all(f"/{command.name}" in words for command in COMMANDS if not command.hidden)
    assert len(words.splitlines()) <= 24


async def test_a_sentence_that_begins_like_a_command_is_none(talk: Talk) -> None:
    assert "did not understand" in await talk.say("today was a good day")


async def test_a_full_disk_is_a_sentence_and_loses_nothing(opened: Opened) -> None:
    async with opened() as app:
        talk = Talk(app, await app.store.subscribers.save(READER))
        await app.store.close()
        before = talk.reader
    async with opened() as app:
        talk = Talk(app, before)
        assert await app.store.subscribers.find("console", "local") == before


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200))
async def test_nothing_that_is_typed_breaks_it(talk: Talk, text: str) -> None:
    await talk.say(text)


@pytest.mark.parametrize("now", [datetime(2026, 2, 3, 17, tzinfo=UTC)])
async def test_yesterday_is_where_the_reader_is(
    opened: Opened, arxiv: FakeArxiv, now: datetime
) -> None:
    arxiv.announce(DAY, CLOUD)
    reader = replace(READER, timezone="Pacific/Auckland", fields=("cs.DC",))
    async with opened(lambda: now) as app:
        assert CLOUD.title in await Talk(app, reader).say("/date yesterday"), "it is the 4th there"


async def test_a_day_that_only_the_reader_lives_in_is_not_out_yet(
    opened: Opened, arxiv: FakeArxiv
) -> None:
    arxiv.announce(DAY, CLOUD)
    reader = replace(READER, timezone="Asia/Shanghai", fields=("cs.DC",))
    async with opened() as app:  # it is 01:00 on the 4th there
        assert "not out yet" in await Talk(app, reader).say("/date 今天")


async def test_an_old_day_that_cannot_be_rebuilt_is_not_called_empty(opened: Opened) -> None:
    async with opened(lambda: datetime(2026, 11, 20, 17, tzinfo=UTC)) as app:
        said = await Talk(app, READER).say("/date 2020-05-05")
    assert "cannot be put together again" in said
    assert "2020" in said


async def test_a_long_phrase_is_followed_whole(talk: Talk) -> None:
    words = "methods that make serverless functions start faster on machines with slow disks"
    await talk.say(f"/field {words}")
    if talk.reader.fields == ("ai",):
        await talk.say(talk.commands[-1])
    assert any("disks" in key for key in talk.reader.fields)
