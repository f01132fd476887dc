"""The bundled edition: invented, complete in both languages, and nowhere taken for real."""

from __future__ import annotations

import re
from datetime import date

import pytest

from digest import fields, sample
from digest.compose import compose, with_summaries
from digest.ids import parse
from digest.locale import languages
from digest.models import Announcement, Kind, Source, Subscriber
from digest.render.blocks import abstract_url
from digest.render.digest import blocks
from digest.render.plain import text
from digest.text.tex import readable

SAMPLE = sample.load()
PAPERS = [announcement.paper for announcement in SAMPLE.announcements]


def words(text: str) -> int:
    return len(text.split())


def test_it_is_one_edition_of_about_two_dozen_papers() -> None:
    kinds = [announcement.kind for announcement in SAMPLE.announcements]
    assert len(kinds) == 25
    assert set(kinds) == {Kind.NEW, Kind.CROSS, Kind.REPLACE}
    assert SAMPLE.edition.source is Source.SAMPLE
    assert len({paper.id for paper in PAPERS}) == len(PAPERS)


def test_it_can_be_dated_as_any_day() -> None:
    assert sample.load(date(2030, 1, 7)).edition.day == date(2030, 1, 7)


def test_its_ids_are_nobody_s() -> None:
    for paper in PAPERS:
        known = parse(paper.id)
        assert known is not None
        assert known.is_sample
        assert abstract_url(paper.id) == ""


@pytest.mark.parametrize("announcement", SAMPLE.announcements, ids=lambda each: each.paper.id)
def test_each_paper_is_told_in_both_languages_at_the_length_of_a_real_one(
    announcement: Announcement,
) -> None:
    paper = announcement.paper
    assert 80 <= words(paper.abstract) <= 150
    english, chinese = SAMPLE.told("en")[paper.id], SAMPLE.told("zh")[paper.id]
    assert 60 <= words(english.text) <= 120
    assert 80 <= len(chinese.text) <= 180
    for told in (english, chinese):
        assert all((told.title, told.gist, told.background, told.innovation, told.conclusion))
        assert told.writer == sample.WRITER
    assert re.search("[一-鿿]", chinese.title)
    assert not re.search("[一-鿿]", english.title)


def test_a_language_without_summaries_of_its_own_is_given_the_english_ones() -> None:
    assert SAMPLE.told("fr") == SAMPLE.told("en")
    assert set(SAMPLE.summaries) == set(languages())


def test_it_shows_what_real_days_have() -> None:
    everything = " ".join(f"{paper.title} {paper.abstract}" for paper in PAPERS)
    assert "$O(1)$" in everything
    authors = {name for paper in PAPERS for name in paper.authors}
    assert any(re.search("[一-鿿]", name) for name in authors)
    assert "Hanna Löwenstern" in {readable(name) for name in authors}
    assert "Rémi Valcourt" in {readable(name) for name in authors}
    assert any(paper.version == 2 for paper in PAPERS)
    assert not re.search(r"[\\$]", "".join(readable(each.title) for each in PAPERS))


def test_its_papers_are_found_by_at_least_eight_named_fields() -> None:
    placed = fields.place(PAPERS, fields.named())
    found = {key for scores in placed.values() for key in scores}
    assert len(found) >= 8
    of_categories = fields.place(PAPERS, map(fields.by_key, ("cs.DB", "cs.DC", "cs.OS")))
    assert any(len(scores) == 3 for scores in of_categories.values())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_its_digest_says_at_every_paper_that_it_is_a_sample(language: str) -> None:
    follows = ("cs.AI", "cs.DC", "cs.DB")
    reader = Subscriber("console", "here", language=language, fields=follows)
    placed = fields.place(PAPERS, [fields.by_key(key) for key in follows])
    digest = compose(SAMPLE.edition, reader, SAMPLE.announcements, placed)
    shown = text(blocks(with_summaries(digest, SAMPLE.told(language), model=False)))
    assert len(digest.entries) == 10
    mark = {"en": "· sample · 9913.", "zh": "· 示例 · 9913."}[language]
    assert shown.count(mark) == 10
    assert "http" not in shown
    assert {"en": "no model", "zh": "未配置模型"}[language] not in shown
