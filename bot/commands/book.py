"""All commands, how a line of text becomes one, and what answers it.

The slash may be missing or full-width; a typo is answered with the nearest command; an arXiv id or
link alone is /paper, a date alone is /date.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from bot.commands import (
    Choice,
    Command,
    Reply,
    admin,
    corrections,
    days,
    exporting,
    finding,
    following,
    months,
    mornings,
    papers,
    preferences,
    saving,
    tasting,
    weekly,
    welcome,
)
from bot.commands.following import short
from digest import fields, ids
from digest.errors import PaperboyError
from digest.locale import say
from digest.render.notices import heading, notice

if TYPE_CHECKING:
    from bot.commands import Answer, Desk
    from digest.models import Subscriber

log = structlog.get_logger()

LONGEST = 4096
"""More than anybody types on purpose; what is beyond is not looked at, in characters."""


async def help_(_desk: Desk, reader: Subscriber, _argument: str) -> Answer:
    """What there is to say."""
    spoken = reader.language
    lines = [
        say(
            "commands.help_line",
            spoken,
            command=" ".join(filter(None, (f"/{each.name}", _argument_of(each, spoken)))),
            about=say(f"commands.about.{each.name}", spoken),
        )
        for each in COMMANDS
        if not each.hidden
    ]
    return reader, Reply(
        (
            *heading(say("commands.help_title", spoken)),
            *notice("\n".join(lines)),
            *notice(say("commands.help_more", spoken)),
        )
    )


def _argument_of(command: Command, language: str) -> str:
    return say(command.argument, language) if command.argument else ""


COMMANDS = (
    Command("today", days.today, words=("今天", "今日", "最新")),
    Command(
        "field",
        following.field,
        "commands.argument.field",
        ("follow", "订阅", "关注", "訂閱"),
        configures=True,
    ),
    Command(
        "unfield",
        following.unfield,
        "commands.argument.field",
        ("unfollow", "取消订阅"),
        configures=True,
    ),
    Command("fields", following.show, words=("领域", "我的领域")),
    Command("date", days.on_date, "commands.argument.date", ("日期",)),
    Command("calendar", months.month, "commands.argument.month", ("日历", "日曆"), hidden=True),
    Command("rest", days.rest, "commands.argument.date", ("其余", "其餘"), hidden=True),
    Command("paper", papers.paper, "commands.argument.paper", ("论文", "論文")),
    Command("author", finding.author, "commands.argument.field", ("作者", "by"), hidden=True),
    Command("similar", finding.similar, "commands.argument.paper", ("相似",), hidden=True),
    Command("search", finding.search, "commands.argument.search", ("搜索", "搜", "find", "查找")),
    Command(
        "source", papers.source, "commands.argument.paper", ("依据", "來源", "来源"), hidden=True
    ),
    Command(
        "again", corrections.again, "commands.argument.paper", ("重新生成", "重写"), hidden=True
    ),
    Command(
        "mistake", corrections.mistake, "commands.argument.paper", ("报告错误", "纠错"), hidden=True
    ),
    Command("time", mornings.at_time, "commands.argument.time", ("时间", "時間"), configures=True),
    Command(
        "timezone",
        mornings.in_zone,
        "commands.argument.timezone",
        ("tz", "时区", "時區"),
        hidden=True,
        configures=True,
    ),
    Command(
        "pause",
        mornings.pause,
        "commands.argument.pause",
        ("mute", "暂停", "暫停"),
        hidden=True,
        configures=True,
    ),
    Command(
        "resume",
        mornings.resume,
        words=("unmute", "恢复", "恢復"),
        hidden=True,
        configures=True,
    ),
    Command(
        "language",
        preferences.language,
        "commands.argument.language",
        ("lang", "语言"),
        hidden=True,
        configures=True,
    ),
    Command(
        "size",
        preferences.size,
        "commands.argument.size",
        ("数量",),
        hidden=True,
        configures=True,
    ),
    Command("view", preferences.view, words=("显示", "顯示"), hidden=True, configures=True),
    Command(
        "notices",
        preferences.notices,
        words=("通知", "quiet", "安静"),
        hidden=True,
        configures=True,
    ),
    Command(
        "saved",
        saving.saved,
        "commands.argument.saved",
        ("我的收藏", "收藏夹"),
        personal=True,
    ),
    Command(
        "save",
        saving.save,
        "commands.argument.paper",
        ("收藏", "keep", "bookmark"),
        hidden=True,
        personal=True,
    ),
    Command(
        "unsave",
        saving.unsave,
        "commands.argument.paper",
        ("取消收藏",),
        hidden=True,
        personal=True,
    ),
    Command(
        "note",
        saving.note,
        "commands.argument.paper",
        ("笔记", "筆記"),
        hidden=True,
        personal=True,
    ),
    Command(
        "export",
        exporting.export,
        "commands.argument.export",
        ("导出", "匯出"),
        personal=True,
    ),
    Command(
        "weekly",
        weekly.weekly,
        "commands.argument.weekly",
        ("周报", "週報", "recap"),
        hidden=True,
        configures=True,
    ),
    Command("bibtex", exporting.cite, "commands.argument.paper", ("cite", "引用"), hidden=True),
    Command("taste", tasting.show, words=("口味", "我的口味"), personal=True),
    Command(
        "like",
        tasting.like,
        "commands.argument.paper",
        ("喜欢", "喜歡", "赞", "讚"),
        hidden=True,
        personal=True,
    ),
    Command(
        "dislike",
        tasting.dislike,
        "commands.argument.paper",
        ("不喜欢", "不喜歡", "踩"),
        hidden=True,
        personal=True,
    ),
    Command("settings", preferences.settings, words=("设置", "設定")),
    Command("stop", mornings.stop, words=("退订", "退訂", "unsubscribe"), configures=True),
    Command("forget", mornings.forget, words=("忘记我", "忘記我"), configures=True),
    Command("help", help_, words=("帮助", "幫助", "?", "？")),
    Command("admin", admin.admin, words=("管理",), hidden=True, for_admins=True),
    Command("start", welcome.start, words=("开始", "開始"), hidden=True, configures=True),
    Command("pick", welcome.pick, words=("选", "選"), hidden=True, configures=True),
    Command("share", welcome.share, words=("分享",), hidden=True),
)

_BY_WORD = {word: command for command in COMMANDS for word in (command.name, *command.words)}


_PUBLIC = {word for word, command in _BY_WORD.items() if not command.for_admins}

_GLUED = sorted((word for word in _BY_WORD if not word.isascii()), key=len, reverse=True)


def _split(text: str) -> tuple[str, str, bool]:
    """(first word, the rest, whether there was a slash); `/field@bot AI` is `/field AI`."""
    slash = re.match(r"\s*[/／]\s*", text)
    body = text[slash.end() :] if slash else text.strip()
    pieces = body.split(None, 1)
    word = unicodedata.normalize("NFKC", pieces[0]).casefold().partition("@")[0] if pieces else ""
    if word not in _BY_WORD:  # Chinese needs no space: 论文2602.02489
        for glued in _GLUED:
            if body.startswith(glued):
                return glued, body.removeprefix(glued).strip(), bool(slash)
    return word, (pieces[1].strip() if len(pieces) > 1 else ""), bool(slash)


def meant(text: str) -> Command | None:
    """The command that a line of text is, where it says so; None for anything else."""
    word, rest, slash = _split(text)
    command = _BY_WORD.get(word)
    return command if command and (slash or _plausible(command, rest)) else None


async def answer(desk: Desk, reader: Subscriber, text: str) -> Answer:
    """Answers one line of text, and saves what the reader changed by it; never raises."""
    try:
        changed, reply = await _answered(desk, reader, text[:LONGEST])
        if changed != reader and not reply.forgotten:
            changed = await desk.store.subscribers.save(changed)
        reply = _offered(reply)
    except PaperboyError as error:
        log.info("refused", error=error.key)
        return reader, Reply(notice(say(error.key, reader.language, **error.params)))
    except Exception:  # a mistake of ours: logged whole, told in a sentence, and the talk goes on
        log.exception("command_failed", reader=reader.id)
        return reader, Reply(notice(say("errors.internal", reader.language)))
    return changed, reply


def _offered(reply: Reply) -> Reply:
    """The reply without choices of commands that there are not, and without empty rows."""
    rows = (tuple(filter(_is_there, row)) for row in reply.rows)
    return replace(
        reply,
        choices=tuple(filter(_is_there, reply.choices)),
        rows=tuple(row for row in rows if row),
    )


def _is_there(choice: Choice) -> bool:
    if not choice.command.startswith("/"):
        return True
    return choice.command[1:].partition(" ")[0] in _BY_WORD


async def _answered(desk: Desk, reader: Subscriber, text: str) -> Answer:
    word, rest, slash = _split(text)
    if not word:
        return await help_(desk, reader, "")
    if (command := meant(text)) and (desk.is_admin(reader) or not command.for_admins):
        return await command.handler(desk, reader, rest)
    if not slash and (wanted := ids.find(text)):
        return await papers.paper(desk, reader, str(wanted[0]) if len(wanted) == 1 else text)
    if not slash and days.says_when(text, desk.today(reader)):
        return await days.on_date(desk, reader, text)
    return reader, _unclear(reader, word, rest, text, slash=slash)


def _plausible(command: Command, rest: str) -> bool:
    """Without a slash, `today` is a command and `today is a good day` is not."""
    return bool(command.argument) or not rest


def _unclear(reader: Subscriber, word: str, rest: str, text: str, *, slash: bool) -> Reply:
    spoken = reader.language
    near = difflib.get_close_matches(word, _PUBLIC, n=1, cutoff=0.7 if slash else 0.75)
    if near:
        meant = f"/{_BY_WORD[near[0]].name} {rest if word not in _PUBLIC else ''}".strip()
        key = "commands.perhaps" if word in _PUBLIC else "commands.meant"
        words = say(key, spoken, text=short(f"/{word}" if slash else word))
        return Reply(notice(words), (Choice(short(meant), meant),))
    if slash:
        return Reply(notice(say("commands.unknown_command", spoken, text=short(f"/{word}"))))
    found = fields.resolve(text)
    if found.field:
        label = say("commands.choice_follow", spoken, name=fields.name(found.field, spoken))
        words = say("commands.is_a_field", spoken, name=fields.name(found.field, spoken))
        return Reply(
            notice(words), (Choice(label, f"/field {found.field.key}"), *_search(text, spoken))
        )
    return Reply(notice(say("commands.not_understood", spoken)), _search(text, spoken))


def _search(text: str, language: str) -> tuple[Choice, ...]:
    """A text that is no command may be what somebody looks for."""
    words = " ".join(text.split())[: finding.LONGEST]
    if not finding.has_word(words):
        return ()
    return (Choice(say("search.choice_search", language, words=short(words)), f"/search {words}"),)
