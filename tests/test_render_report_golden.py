"""The four shapes of a report in both languages, as whole files.

After a change that is meant:  .venv/bin/python -m tests.test_render_report_golden
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from digest.locale import languages
from digest.render import report
from digest.render.report import Shape
from tests.fakes import edition

GOLDEN = Path(__file__).parent / "golden"
CASES = list(product(Shape, languages()))


def written(shape: Shape, language: str) -> str:
    digest = (edition.of_field if shape is Shape.FIELD else edition.of_day)(language)
    return report.text(digest, shape)


def file_of(shape: Shape, language: str) -> Path:
    return GOLDEN / f"{shape.value}.{language}.md"


@pytest.mark.parametrize(("shape", "language"), CASES)
def test_a_report_is_the_file_that_somebody_read(shape: Shape, language: str) -> None:
    assert written(shape, language) == file_of(shape, language).read_text(encoding="utf-8")


if __name__ == "__main__":
    for each in CASES:
        file_of(*each).write_text(written(*each), encoding="utf-8")
