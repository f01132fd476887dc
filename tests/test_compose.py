"""What a subscriber is given of a day: which papers, under which field, in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.compose import compose, with_summaries
from digest.models import (
    Announcement,
    Count,
    Digest,
    Edition,
    Kind,
    Part,
    Source,
    Subscriber,
    Summary,
)
from tests.fakes.papers import DAY, cross, new, paper, papers, replaced

MONDAY = date(2026, 2, 2)
EDITION = Edition(DAY)


def reader(*fields: str, size: int = 10) -> Subscriber:
    return Subscriber("console", "here", fields=fields, size=size)


def shown(digest: Digest) -> dict[str, list[int]]:
    """Field to the numbers of the papers shown under it."""
    return {
        section.field: [number(entry.paper.id) for entry in section.entries]
        for section in digest.sections
    }


def number(paper_id: str) -> int:
    return int(paper_id.partition(".")[2])


def day_of(
    placed: dict[int, dict[str, float]],
) -> tuple[list[Announcement], dict[str, dict[str, float]]]:
    announced = [new(paper(n)) for n in placed]
    return announced, {paper(n).id: scores for n, scores in placed.items()}


def test_papers_stand_by_field_in_the_reader_s_order_best_first() -> None:
    announced, placed = day_of({1: {"st": 0.6}, 2: {"ai": 0.7}, 3: {"ai": 0.9}})
    digest = compose(EDITION, reader("ai", "st"), announced, placed)
    assert shown(digest) == {"ai": [3, 2], "st": [1]}
    assert digest.language == "en"
    assert digest.receipt.announced == digest.receipt.matched == digest.receipt.shown == 3


def test_a_paper_in_three_fields_stands_once_in_the_rarest_and_names_all() -> None:
    announced, placed = day_of(
        {1: {"ai": 0.9, "st": 0.6, "cl": 0.8}, 2: {"ai": 0.8, "cl": 0.8}, 3: {"ai": 0.7}}
    )
    digest = compose(EDITION, reader("ai", "cl", "st"), announced, placed)
    assert shown(digest) == {"ai": [3], "cl": [2], "st": [1]}
    assert digest.sections[2].entries[0].fields == ("st", "ai", "cl")
    assert digest.sections[2].entries[0].score == 0.6


def test_fields_that_the_reader_does_not_follow_are_not_named() -> None:
    announced, placed = day_of({1: {"ai": 0.9, "qc": 0.9}, 2: {"qc": 0.9}})
    digest = compose(EDITION, reader("ai"), announced, placed)
    assert [entry.fields for entry in digest.entries] == [("ai",)]
    assert digest.receipt.matched == 1


def test_equally_rare_fields_go_by_the_reader_s_order() -> None:
    announced, placed = day_of({1: {"ai": 0.9, "st": 0.9}})
    assert shown(compose(EDITION, reader("st", "ai"), announced, placed)) == {"st": [1]}


def test_at_equal_worth_new_goes_before_cross_and_then_by_id() -> None:
    announced = [cross(paper(1)), new(paper(3)), new(paper(2))]
    placed = {paper(n).id: {"ai": 0.8} for n in (1, 2, 3)}
    assert shown(compose(EDITION, reader("ai"), announced, placed)) == {"ai": [2, 3, 1]}


def test_a_niche_field_keeps_its_papers_beside_a_busy_one() -> None:
    scores = {n: {"ai": 0.9} for n in range(1, 31)} | {40: {"st": 0.5}, 41: {"st": 0.55}}
    digest = compose(EDITION, reader("ai", "st", size=6), *day_of(scores))
    assert shown(digest) == {"ai": [1, 2, 3, 4], "st": [41, 40]}
    assert [section.matched for section in digest.sections] == [30, 2]
    assert len(digest.rest) == 26
    assert digest.receipt.shown == 6


def test_with_less_room_than_fields_the_best_papers_win_and_no_field_is_forgotten() -> None:
    announced, placed = day_of({1: {"ai": 0.6}, 2: {"st": 0.9}, 3: {"cl": 0.7}})
    digest = compose(EDITION, reader("ai", "st", "cl", size=2), announced, placed)
    assert shown(digest) == {"ai": [], "st": [2], "cl": [3]}
    assert [number(entry.paper.id) for entry in digest.rest] == [1]


def test_the_rest_is_best_first_over_all_fields() -> None:
    announced, placed = day_of({1: {"ai": 0.9}, 2: {"st": 0.7}, 3: {"ai": 0.6}, 4: {"st": 0.8}})
    digest = compose(EDITION, reader("ai", "st", size=0), announced, placed)
    assert [number(entry.paper.id) for entry in digest.rest] == [1, 4, 2, 3]


def test_a_paper_announced_twice_counts_once_as_new() -> None:
    announced = [cross(paper(1)), new(paper(1)), cross(paper(1)), replaced(paper(2))]
    digest = compose(EDITION, reader("ai"), announced, {paper(1).id: {"ai": 0.8}})
    assert digest.receipt.announced == 1
    assert [entry.kind for entry in digest.entries] == [Kind.NEW]


def test_fields_without_papers_are_told() -> None:
    announced, placed = day_of({1: {"ai": 0.9}})
    assert compose(EDITION, reader("st", "ai", "qc"), announced, placed).receipt.empty == (
        "st",
        "qc",
    )


def test_a_field_whose_papers_all_stand_elsewhere_is_not_called_empty() -> None:
    announced, placed = day_of({1: {"ai": 0.9, "llm": 0.9}, 2: {"ai": 0.9, "llm": 0.9}})
    digest = compose(EDITION, reader("ai", "llm"), announced, placed)
    assert list(shown(digest)) == ["ai"]
    assert digest.receipt.empty == ()


def test_a_field_followed_twice_has_one_section() -> None:
    announced, placed = day_of({1: {"ai": 0.9}})
    assert shown(compose(EDITION, reader("ai", "ai"), announced, placed)) == {"ai": [1]}


def test_a_reader_without_fields_is_told_what_was_announced() -> None:
    digest = compose(EDITION, reader(), [new(paper(1))], {})
    assert digest.sections == ()
    assert digest.receipt.announced == 1


def test_late_papers_come_along_marked_and_are_not_counted_as_today_s() -> None:
    announced, placed = day_of({1: {"ai": 0.9}})
    late = [(MONDAY, new(paper(7))), (MONDAY, cross(paper(7))), (MONDAY, new(paper(8)))]
    placed |= {paper(7).id: {"ai": 0.95}}
    digest = compose(EDITION, reader("ai"), announced, placed, late=late)
    assert [(number(e.paper.id), e.late, e.kind) for e in digest.entries] == [
        (7, MONDAY, Kind.NEW),
        (1, None, Kind.NEW),
    ]
    assert (digest.receipt.matched, digest.receipt.shown, digest.receipt.late) == (1, 1, 1)


def test_a_late_paper_that_is_announced_again_today_is_today_s() -> None:
    announced = [cross(paper(1))]
    placed = {paper(1).id: {"ai": 0.9}}
    digest = compose(EDITION, reader("ai"), announced, placed, late=[(MONDAY, new(paper(1)))])
    assert [entry.late for entry in digest.entries] == [None]


def part(archive: str, count: int, listed: int | None = None) -> Part:
    says = None if listed is None else Count(listed, 0)
    return Part(DAY, archive, Source.FEED, Count(count, 0), says)


def test_archives_on_their_way_are_told_apart_by_whether_they_matter_to_the_reader() -> None:
    receipt = compose(
        EDITION,
        reader("cs.AI", "math.GT"),
        [],
        {},
        parts=[part("cs", 5), part("quant-ph", 5)],
        pending=["math", "hep-th", "econ"],
    ).receipt
    assert receipt.archives == ("cs",)
    assert receipt.pending == ("math",)
    assert receipt.elsewhere == 2


def test_when_all_is_here_no_archive_is_named() -> None:
    whole = replace(EDITION, published=datetime(2026, 2, 3, 5, tzinfo=UTC))
    receipt = compose(whole, reader("cs.AI"), [], {}, parts=[part("cs", 5)]).receipt
    assert (receipt.archives, receipt.pending, receipt.elsewhere) == ((), (), 0)


def test_an_edition_that_is_not_whole_names_the_archives_that_are_here() -> None:
    receipt = compose(EDITION, reader("cs.AI"), [], {}, parts=[part("cs", 5)]).receipt
    assert receipt.archives == ("cs",)


def test_what_fell_short_is_told_where_it_matters_to_the_reader() -> None:
    edition = replace(EDITION, missing=("stat", "math", "econ", "cs"))
    receipt = compose(
        edition,
        reader("cs.AI", "stat.ML", "math.GT"),
        [],
        {},
        parts=[part("cs", 5, 8), part("stat", 3, 3), part("econ", 1, 2)],
    ).receipt
    assert receipt.missing == (("cs", 3), ("math", -1))


def test_summaries_are_put_to_their_papers_shown_or_not() -> None:
    announced, placed = day_of({1: {"ai": 0.9}, 2: {"ai": 0.8}})
    told = {paper(1).id: Summary(paper(1).id, "en", "model-x", "Title", "Gist.")}
    digest = compose(EDITION, reader("ai", size=1), announced, placed)
    with_them = with_summaries(digest, told, model=True)
    assert with_them.entries[0].summary == told[paper(1).id]
    assert with_them.rest[0].summary is None
    assert with_them.model
    again = with_summaries(with_them, {}, model=True)
    assert again.entries[0].summary == told[paper(1).id]


KEYS = ("ai", "st", "cl", "qc")
scores = st.dictionaries(
    st.sampled_from(KEYS), st.sampled_from((0.5, 0.7, 0.9)), min_size=0, max_size=4
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(scores, max_size=25),
    st.lists(st.sampled_from(KEYS), max_size=4, unique=True),
    st.integers(0, 12),
)
def test_every_day_is_complete_fair_and_the_same_in_any_order(
    members: list[dict[str, float]], follows: list[str], size: int
) -> None:
    day = papers(len(members))
    announced = [new(each) for each in day]
    placed = {each.id: found for each, found in zip(day, members, strict=True)}
    digest = compose(EDITION, reader(*follows, size=size), announced, placed)
    mine = {key for key in placed if placed[key].keys() & set(follows)}
    everything = [entry.paper.id for entry in (*digest.entries, *digest.rest)]
    assert sorted(everything) == sorted(mine)
    assert len(digest.entries) == min(size, len(mine))
    assert digest.receipt.matched == len(mine) == sum(s.matched for s in digest.sections)
    counts = [(len(s.entries), s.matched) for s in digest.sections]
    most = max((shown for shown, _ in counts), default=0)
    assert all(shown >= min(matched, most - 1) for shown, matched in counts)
    backwards = reversed(announced)
    assert compose(EDITION, reader(*follows, size=size), backwards, placed) == digest
