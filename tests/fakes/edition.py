"""An invented digest of one day, with one of everything that a report has to say.

Built by hand, so that what it shows depends on no scorer: a translation, an extract in the place
of a failed summary, a paper without abstract, a cross-list, a late paper, a second version, a
field without papers, an archive that did not arrive, and a title full of markup.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from digest.models import Digest, Edition, Entry, Kind, Paper, Receipt, Section, Summary
from digest.text.tex import readable
from tests.fakes.papers import DAY, paper

MODEL = "small-model"
PUBLISHED = datetime(2026, 2, 3, 1, 30, tzinfo=UTC)

_ENGLISH = {
    "title": "Cold starts in 3 ms",
    "gist": "Shared snapshots cut cold starts from 240 ms to 3 ms.",
    "text": "Serverless functions start slowly. Shared snapshots bring them up in 3 ms.",
    "background": "Serverless functions start slowly.",
    "innovation": "Snapshots are shared between functions.",
    "conclusion": "The median start falls from 240 ms to 3 ms.",
}
_CHINESE = {
    "title": "把冷启动降到 3 毫秒",
    "gist": "共享快照把冷启动从 240 毫秒降到 3 毫秒。",
    "text": "无服务器函数启动慢；共享快照后只需 3 毫秒。",
    "background": "无服务器函数启动慢。",
    "innovation": "函数之间共享快照。",
    "conclusion": "启动中位数从 240 毫秒降到 3 毫秒。",
}


def told(of: Paper, language: str) -> Summary:
    """What a model wrote."""
    words = _CHINESE if language == "zh" else _ENGLISH
    return Summary(
        of.id,
        language,
        MODEL,
        title=words["title"],
        gist=words["gist"],
        text=words["text"],
        background=words["background"],
        innovation=words["innovation"],
        conclusion=words["conclusion"],
        version=of.version,
    )


def extract(of: Paper, *, fallback: bool = False) -> Summary:
    """What the offline writer found: no innovation."""
    first, *_, last = of.abstract.split(". ")
    return Summary(
        of.id,
        "en",
        "extract",
        title=readable(of.title),
        gist=last,
        background=f"{first}.",
        conclusion=last,
        fallback=fallback,
    )


def of_day(language: str) -> Digest:
    """The digest; of nine papers announced four are in its fields, and one more came late."""
    cloud, ai = "cl", "ai"
    snapshots = paper(4, authors=_many(5), categories=("cs.DC", "cs.OS"))
    planner = paper(5, version=2)
    hostile = paper(
        6,
        title="A | B: *[Click](https://example.org)* <b>`$x$`</b> [^1] #1 mail@example.org",
        authors=("Eve | _Example_",),
        categories=("cs.CR",),
    )
    sheep = paper(7, title="Counting $10^{3}$ Sheep", abstract="", authors=())
    late = paper(9, categories=("stat.ML",))
    sections = (
        Section(
            cloud,
            2,
            (
                Entry(snapshots, Kind.NEW, (cloud, ai), 0.9, told(snapshots, language)),
                Entry(hostile, Kind.CROSS, (cloud,), 0.5, extract(hostile, fallback=True)),
            ),
        ),
        Section(
            ai,
            3,
            (
                Entry(planner, Kind.NEW, (ai,), 0.8, extract(planner)),
                Entry(sheep, Kind.NEW, (ai,), 0.7, _empty(sheep)),
                Entry(late, Kind.NEW, (ai,), 0.6, told(late, language), late=date(2026, 2, 2)),
            ),
        ),
    )
    receipt = Receipt(9, 4, 4, empty=("st",), missing=(("math", 3),), late=1)
    return Digest(Edition(DAY, PUBLISHED), language, sections, receipt, model=True)


def of_field(language: str) -> Digest:
    """The same, of its second field alone."""
    whole = of_day(language)
    receipt = replace(whole.receipt, matched=2, shown=2, empty=())
    return replace(whole, sections=whole.sections[1:], receipt=receipt)


def _many(count: int) -> tuple[str, ...]:
    return tuple(f"{chr(ord('A') + number)}. Example" for number in range(count))


def _empty(of: Paper) -> Summary:
    return Summary(of.id, "en", "extract", title=readable(of.title), gist="")
