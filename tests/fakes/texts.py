"""Titles and abstracts that are hard to carry through XML and HTML, for Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

_LETTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
_TRAPS = st.sampled_from(
    [
        "if $x<y$ and $z>w$ then",
        "&lt;b&gt; &amp;lt; &nbsp; &eacute; &#233; &#x93; &unknown;",
        "]]>",
        "<![CDATA[raw]]>",
        "<!-- no comment -->",
        "<script>alert(1)</script>",
        "</title></summary></description></p></dd>",
        "<a href='x'>link</a>",
        "Ã© Ã¼ Â± are not what they seem",
        "Ï\x80 \x93quoted\x94",
        "\U000f0080\U0010ffff private",
        "$\\alpha_{i}^{2}$ \\'e \\emph{x} ~ 50\\% {\\\"o}",
        "arXiv:9913.00001v1 Announce Type: new \nAbstract: again",
        "Title: Abstract: Comments:",
        "“quotes” ‘and’ \"more\" 'quotes'",
        "量子 données Ελληνικά עברית \U0001f40e e\u0301 \u200d \u200e",
        "see https://example.org/a_b?c=d#e. this https URL",
        "Total of 5 entries (cs.XX); (cross-list from cs.YY)",
    ]
)
texts = st.lists(_TRAPS | st.text(_LETTERS, max_size=12), min_size=1, max_size=4).map(" ".join)
"""At least one visible character is not promised: white space is folded."""

_word = st.text(
    st.characters(categories=("Lu", "Ll", "Lo"), include_characters=".'-"), min_size=1, max_size=8
)
names = st.tuples(_word, _word).map(" ".join)
