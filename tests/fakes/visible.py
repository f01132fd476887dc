"""Any blocks a renderer may be given, and what a reader can see of a text."""

from __future__ import annotations

from hypothesis import strategies as st

from digest.render.blocks import Block, Line, Role, Span, Style, abstract_url

TRICKY = (
    "*_`[]()<>#+-=.!|~$&\\ \n\t\r\x00\x1b\u200b\u200d\u202e\u2028\u3000\u0301\ufe0f"
    "ab1 中文，。、（）“”—é́ß👩‍🔬🇩🇪🏽שלוםمرحبا"
)
IDS = ("2602.02489", "9901.00001v2", "hep-th/9901001", "math.GT/0309136")

texts = st.text(st.one_of(st.sampled_from(TRICKY), st.characters()), max_size=60) | st.sampled_from(
    (
        "[click](https://example.org)",
        "<script>alert(1)</script>",
        "https://example.org/x",
        "1. first",
        "---",
        "&amp; &#42;",
        "\\*not bold\\*",
        "# no heading #",
        "![image](x)",
        "[ref]: https://example.org",
    )
)
links = st.sampled_from(("", "", "", *map(abstract_url, IDS)))
spans = st.builds(Span, texts, st.sampled_from(Style), links)
lines = st.builds(Line, st.lists(spans, max_size=6).map(tuple))
blocks = st.builds(
    Block,
    st.lists(lines, max_size=4).map(tuple),
    st.sampled_from(Role),
    st.sampled_from(("", "1", "12")),
)
documents = st.lists(blocks, max_size=6)


def visible(text: str) -> str:
    """The text without white space: what must come through whatever the lay-out."""
    return "".join(text.split())


def seen(document: list[Block]) -> str:
    """All that a reader should see of a document, marks included."""
    return visible(
        "".join(block.mark + "".join(each.text for each in block.lines) for block in document)
    )
