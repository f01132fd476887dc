"""What a reader may write to name a paper, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import ids
from digest.ids import PaperId

ONE = PaperId("2602.02489")
SECOND = PaperId("2602.02489", 2)

WHOLE = {
    "2602.02489": ONE,
    "2602.02489v2": SECOND,
    "  2602.02489V2\n": SECOND,
    "0704.0001": PaperId("0704.0001"),
    "1412.9999": PaperId("1412.9999"),
    "1501.00001": PaperId("1501.00001"),
    "hep-th/9901001": PaperId("hep-th/9901001"),
    "math.GT/0309136": PaperId("math/0309136"),
    "Cond-Mat.mes-hall/0309136v3": PaperId("cond-mat/0309136", 3),
    "arXiv:2602.02489": ONE,
    "ARXIV: 2602.02489v2": SECOND,
    "arxiv2602.02489": ONE,
    "arXiv:math.GT/0309136": PaperId("math/0309136"),
    "arXiv:2602.02489v2 [cs.CL]": SECOND,
    "<2602.02489>": ONE,
    "《2602.02489》": ONE,
    "https://arxiv.org/abs/2602.02489": ONE,
    "http://www.arxiv.org/abs/2602.02489v2": SECOND,
    "arxiv.org/pdf/2602.02489v2.pdf": SECOND,
    "https://arxiv.org/pdf/2602.02489.pdf?download=1#page=2": ONE,
    "https://arxiv.org/html/2602.02489v2#S1": SECOND,
    "https://arxiv.org/ps/hep-th/9901001": PaperId("hep-th/9901001"),
    "https://arxiv.org/abs/hep-th%2F9901001": PaperId("hep-th/9901001"),
    "https://export.arxiv.org/abs/2602.02489/": ONE,
    "https://www.alphaxiv.org/abs/2602.02489": ONE,
    "https://huggingface.co/papers/2602.02489": ONE,
    "10.48550/arXiv.2602.02489": ONE,
    "doi:10.48550/arXiv.2602.02489": ONE,
    "https://doi.org/10.48550/arXiv.2602.02489": ONE,
    "2602.02489v2.pdf": SECOND,
    "ＡｒＸｉｖ：２６０２．０２４８９": ONE,
    "２６０２．０２４８９ｖ２": SECOND,
    "ｈｅｐ－ｔｈ／９９０１００１": PaperId("hep-th/9901001"),
    "9913.00412": PaperId("9913.00412"),
}


@pytest.mark.parametrize(("text", "paper"), WHOLE.items())
def test_a_paper_is_understood_in_every_form_that_people_write(text: str, paper: PaperId) -> None:
    assert ids.parse(text) == paper
    assert ids.find(text) == (paper,)


@pytest.mark.parametrize(
    "text",
    [
        "请看2602.02489v2怎么样",
        "论文https://arxiv.org/abs/2602.02489v2，如何？",
        "（２６０２．０２４８９ｖ２）",
        "See 2602.02489v2.",
        "is 2602.02489v2, the second version, better?",
        "https://example.org/?id=2602.02489v2&from=mail",
        "2602.02489v2 and again arXiv:2602.02489v2",
    ],
)
def test_a_paper_is_found_inside_a_sentence(text: str) -> None:
    assert ids.find(text) == (SECOND,)


def test_several_papers_are_found_in_the_order_of_the_text() -> None:
    found = ids.find("比较2602.02490和hep-th/9901001，还有 2602.02489,2602.02491")
    assert [paper.id for paper in found] == [
        "2602.02490",
        "hep-th/9901001",
        "2602.02489",
        "2602.02491",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "3.14159",
        "2026.02.03",
        "2026-02-03",
        "20260203",
        "1.2602.02489",
        "v1.2602.02489",
        "2602.02489.1",
        "2602.024891",
        "12602.02489",
        "2602.0248",
        "0711.12345",
        "1412.00001",
        "0703.0001",
        "2600.12345",
        "2613.00001",
        "9912.0001",
        "9913.0001",
        "212.555.0123",
        "+49 0711.1234",
        "+0711.1234",
        "0711.1234-56",
        "$1203.4567",
        "￥1203.4567",
        "1203.4567%",
        "1203.4567kg",
        "10.1145/1203.4567",
        "me@2602.02489",
        "2602.02489@example.org",
        "word2602.02489",
        "2602.02489v2beta",
        "math/0313136",
        "math/0300136",
        "hep-zz/9901001",
        "x-hep-th/9901001",
    ],
)
def test_numbers_dates_prices_and_versions_are_no_papers(text: str) -> None:
    assert ids.find(text) == ()
    assert ids.parse(text) is None


@pytest.mark.parametrize(
    "text", ["see 2602.02489", "2602.02489,2602.02490", "看2602.02489", "a/2602.02489 b"]
)
def test_a_sentence_is_not_taken_for_an_id_alone(text: str) -> None:
    assert ids.parse(text) is None


def test_a_paper_links_to_its_abstract_page() -> None:
    assert ONE.url == "https://arxiv.org/abs/2602.02489"
    assert SECOND.url == "https://arxiv.org/abs/2602.02489v2"
    assert PaperId("math/0309136").url == "https://arxiv.org/abs/math/0309136"
    assert not ONE.is_sample
    assert not PaperId("math/0309136").is_sample


def test_an_invented_paper_links_nowhere() -> None:
    invented = PaperId("9913.00412")
    assert invented.is_sample
    assert invented.url == ""


@settings(max_examples=60)
@given(
    st.integers(7, 98),
    st.integers(1, 12),
    st.integers(0, 9999),
    st.text("，。！请看论文（）「」 \n", max_size=8),
)
def test_any_id_is_found_between_chinese_characters(
    year: int, month: int, number: int, around: str
) -> None:
    written = f"{year:02}{month:02}.{number:0{5 if year >= 15 else 4}}"
    expected = () if written < "0704" else (PaperId(written),)
    assert ids.find(f"{around}{written}{around}") == expected


def test_a_long_text_full_of_ids_is_read_at_once() -> None:
    text = ",".join(f"2602.{n:05}" for n in range(2000))
    assert len(ids.find(text)) == 2000


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert (ids.parse(text) is None) or len(ids.find(text)) == 1
