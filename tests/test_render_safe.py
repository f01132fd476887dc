"""What an author wrote cannot play tricks on the reader's screen."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.render.blocks import Block, Role, Span, Style, abstract_url, bold, line, marked
from digest.render.safe import harmless
from tests.fakes.visible import TRICKY


def test_terminal_escapes_are_taken_out() -> None:
    assert harmless("\x1b[31mRed\x1b[0m \x07bell\x9b1m") == "[31mRed[0m bell1m"


def test_a_title_stays_on_one_line() -> None:
    assert harmless("two\r\nlines\u2028three\x0bfour\x85five") == "two lines three four five"


def test_reversed_writing_order_is_taken_out() -> None:
    assert harmless("safe\u202egpj.exe\u202c \u2066x\u2069") == "safegpj.exe x"


def test_right_to_left_words_stay_as_they_are() -> None:
    assert harmless("שלום مرحبا") == "שלום مرحبا"


def test_invisible_characters_do_not_part_a_word() -> None:
    assert harmless("in\u200bvis\ufeffi\u00adble\U000e0041") == "invisible"


def test_letters_that_show_nothing_become_a_space() -> None:
    assert harmless("a\u3164\u3164b") == "a b"


def test_joined_emoji_and_persian_words_keep_their_joiners() -> None:
    assert harmless("👩\u200d🔬 می\u200cخواهم क्\u200dष") == "👩\u200d🔬 می\u200cخواهم क्\u200dष"


def test_a_joiner_between_latin_letters_is_taken_out() -> None:
    assert harmless("ad\u200dmin\u200c") == "admin"


def test_piled_accents_are_cut_to_four() -> None:
    assert harmless("Z" + "\u0335" * 40 + "a\u0301") == "Z" + "\u0335" * 4 + "a\u0301"


def test_half_a_character_is_shown_as_unreadable() -> None:
    assert harmless("a\ud800b") == "a\ufffdb"


@settings(max_examples=150, deadline=None)
@given(st.text(st.one_of(st.sampled_from(TRICKY), st.characters()), max_size=40))
def test_any_text_comes_out_harmless_and_a_second_time_unchanged(text: str) -> None:
    shown = harmless(text)
    shown.encode("utf-8")
    assert not any(unicodedata.category(c) in {"Cc", "Zl", "Zp"} for c in shown)
    assert not set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b\ufeff") & set(shown)
    assert harmless(shown) == shown


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org/",
        "http://arxiv.org/abs/2602.02489",
        "https://arxiv.org/abs/2602.02489)",
        "https://arxiv.org/abs/2602.02489?x=1",
        "https://arxiv.org/abs/../login",
        "https://arxiv.org/abs/2602.02489\n",
        "https://arxiv.org/pdf/2602.02489",
        "javascript:alert(1)",
    ],
)
def test_a_span_links_to_abstract_pages_only(link: str) -> None:
    with pytest.raises(ValueError, match="not an abstract page"):
        Span("here", link=link)


def test_ids_of_all_times_have_an_abstract_page() -> None:
    assert abstract_url("2602.02489") == "https://arxiv.org/abs/2602.02489"
    assert abstract_url("0704.0001") == "https://arxiv.org/abs/0704.0001"
    assert abstract_url("hep-th/9901001") == "https://arxiv.org/abs/hep-th/9901001"
    assert abstract_url("math.GT/0309136v2") == "https://arxiv.org/abs/math.GT/0309136v2"


def test_invented_ids_have_none() -> None:
    assert abstract_url("9913.00412") == ""
    assert abstract_url("x](https://example.org)") == ""


def test_an_entry_s_number_stands_before_its_title() -> None:
    entry = Block((line(bold("Cold starts")), line("gist")), Role.ENTRY, mark="7")
    assert [each.text for each in marked(entry)] == ["7 Cold starts", "gist"]
    assert marked(entry)[0].spans == (bold("7 Cold starts"),)


def test_a_number_goes_before_a_line_that_is_not_bold_too() -> None:
    assert marked(Block((line("plain"),), mark="7"))[0].text == "7 plain"
    assert marked(Block((), mark="7"))[0].text == "7 "
    assert marked(Block((line("plain"),)))[0].spans == (Span("plain", Style.PLAIN),)
