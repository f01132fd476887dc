"""A digest and a paper for programs: the names stay."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from digest.compose import compose, with_summaries
from digest.models import Edition, Kind, Source, Subscriber, Summary
from digest.render.data import of_digest, of_paper
from tests.fakes.papers import DAY, cross, new, paper

ONE = paper(1, title="A $5$% Gain", abstract="All of it.", comment="5 pages")
TOLD = Summary("9913.00001", "en", "model-x", "A 5% gain", "Gist.", "Text.", "B.", "I.", "C.")


def test_a_digest_as_json() -> None:
    reader = Subscriber("console", "here", fields=("cs.AI", "cs.DC"), size=1)
    placed = {paper(n).id: {"cs.AI": 0.8} for n in (1, 2)}
    composed = compose(Edition(DAY, missing=("cs",)), reader, [new(ONE), cross(paper(2))], placed)
    data = of_digest(with_summaries(composed, {TOLD.paper_id: TOLD}, model=True))
    assert json.loads(json.dumps(data)) == data
    assert data["edition"] == {
        "day": "2026-02-03",
        "approximate": False,
        "sample": False,
        "missing": ["cs"],
    }
    assert data["language"] == "en"
    assert data["receipt"] == {
        "announced": 2,
        "matched": 2,
        "shown": 1,
        "late": 0,
        "empty": [],
        "open": ["cs.DC"],
        "unreadable": [],
        "pending": [],
        "missing": [{"archive": "cs", "number": -1}],
    }
    (section,) = data["sections"]
    assert (section["field"], section["matched"]) == ("cs.AI", 2)
    assert section["papers"] == [
        {
            "id": "9913.00001",
            "version": 1,
            "url": "",
            "title": "A $5$% Gain",
            "abstract": "All of it.",
            "authors": ["Ada Example", "Bo Sample"],
            "categories": ["cs.AI"],
            "comment": "5 pages",
            "submitted": None,
            "summary": {
                "language": "en",
                "writer": "model-x",
                "title": "A 5% gain",
                "gist": "Gist.",
                "text": "Text.",
                "background": "B.",
                "innovation": "I.",
                "conclusion": "C.",
                "fallback": False,
                "reason": "",
            },
            "kind": "new",
            "fields": ["cs.AI"],
            "score": 0.8,
            "late": None,
            "companions": [],
        }
    ]
    assert [(each["id"], each["kind"], each["summary"]) for each in data["rest"]] == [
        ("9913.00002", "cross", None)
    ]


def test_a_late_paper_and_a_sample_are_told() -> None:
    reader = Subscriber("console", "here", fields=("cs.AI",))
    late = [(date(2026, 2, 2), new(ONE))]
    edition = Edition(DAY, source=Source.SAMPLE)
    data = of_digest(compose(edition, reader, [], {ONE.id: {"cs.AI": 1.0}}, late=late))
    assert data["edition"]["sample"] is True
    assert data["sections"][0]["papers"][0]["late"] == "2026-02-02"


def test_a_paper_as_json() -> None:
    real = replace(ONE, id="2602.00001", submitted=date(2026, 2, 1))
    data = of_paper(real, announced=((DAY, Kind.NEW),))
    assert data["url"] == "https://arxiv.org/abs/2602.00001"
    assert data["submitted"] == "2026-02-01"
    assert data["summary"] is None
    assert data["announced"] == [{"day": "2026-02-03", "kind": "new"}]
    assert data["sample"] is False
