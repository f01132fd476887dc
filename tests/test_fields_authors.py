"""Authors: whose name is whose, and what follows them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import fields
from digest.fields import authors
from tests.fakes.papers import paper


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("Yann LeCun", "Yann LeCun"),
        ("LeCun Yann", "Yann LeCun"),
        ("Y. LeCun", "Yann LeCun"),
        ("yann lecun", "Y. LeCun"),
        ("Yann LeCun", "Yann A. LeCun"),
        ("Jose Garcia-Lopez", "José García López"),
        ("Jean-Pierre Muller", "J.-P. Müller"),
        ("LeCun", "Yann LeCun"),
        ("Wei Zhang", "Zhang Wei"),
    ],
)
def test_names_of_the_same(asked: str, written: str) -> None:
    assert authors.same(asked, written)


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("Yann LeCun", "Yvette LeCun"),
        ("Wei Zhang", "Wei Ming Zhang"),
        ("Wei Zhang", "Wen Zhang"),
        ("Y. LeCun", "Yann Example"),
        ("Yann", "Yann LeCun"),
        ("Yann LeCun", ""),
    ],
)
def test_names_of_others(asked: str, written: str) -> None:
    assert not authors.same(asked, written)


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_name_is_compared(one: str, other: str) -> None:
    assert authors.same(one, other) in {True, False}
    if authors.named(one):
        assert authors.same(one, one)


@pytest.mark.parametrize("typed", ["author:Yann LeCun", "Author: Yann  LeCun", "作者：Yann LeCun"])
def test_an_author_is_a_field(typed: str) -> None:
    field = fields.resolve(typed).field
    assert field is not None
    assert field.key == "author:Yann LeCun"
    assert fields.by_key(field.key) == field
    assert fields.name(field, "en") == "author Yann LeCun"
    assert fields.called(field.key, "zh") == "作者 Yann LeCun"
    assert "author" in fields.describe(field, "en")
    assert fields.archives(field) == fields.ARCHIVES
    his = paper(1, authors=("Y. LeCun", "Ada Example"))
    assert fields.place([his, paper(2)], [field]) == {his.id: {field.key: 1.0}}
