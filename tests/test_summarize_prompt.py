"""What a model is asked, what its answer may be wrapped in, what an endpoint takes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.summarize.answer import PARTS, SCHEMA, Unusable, plain, understand
from digest.summarize.ladder import FORMATS, Rung, below, options, switches
from digest.summarize.languages import LANGUAGES
from digest.summarize.prompt import LONGEST_ABSTRACT, ask, ask_again
from tests.fakes.papers import paper

ANSWER = dict.fromkeys(PARTS, "text")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_prompt_with_250_words_fits_900_tokens(language: str) -> None:
    told = paper(1, title="Long Words " * 8, abstract="Transformers read the tokens slowly. " * 50)
    letters = sum(len(message["content"]) for message in ask(told, language))
    assert letters / 3.7 <= 900  # a token is four letters of English and more


def test_noise_of_a_hundred_kilobytes_is_cut() -> None:
    _, user = ask(paper(1, title="x" * 10**5, abstract="noise " * 20_000), "zh")
    assert len(user["content"]) < LONGEST_ABSTRACT + 600


def test_a_repair_repeats_the_question_and_says_what_is_wrong() -> None:
    first = ask(paper(1), "zh")
    again = ask_again(first, "y" * 10**5, ["It is late.", "It is wrong."])
    assert again[:2] == first
    assert len(again[2]["content"]) == LONGEST_ABSTRACT
    assert "It is late. It is wrong." in again[3]["content"]


@pytest.mark.parametrize(
    "wrapped",
    [
        "{}",
        "Sure!\n```json\n{}\n```\nAnything else?",
        "```\n{}\n```",
        "<think>{{ is a bracket</think>{}",
        "reasoning without a beginning</think>\n{}",
        "Here it is: {} – done",
    ],
)
def test_an_answer_is_found_in_its_wrapping(wrapped: str) -> None:
    text = wrapped.replace("{}", json.dumps(ANSWER))
    assert understand(text).model_dump() == ANSWER


def test_raw_line_breaks_and_spare_parts_do_no_harm() -> None:
    text = json.dumps(ANSWER | {"gist": "one@two", "mood": "good"}).replace("@", "\n")
    assert understand(text).gist == "one two"


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "{'title': 1}", "<think>{}", "[" * 9999])
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(Unusable):
        understand(text)


@pytest.mark.parametrize("part", ["title", "gist", "summary", "background"])
def test_a_part_that_is_no_string_is_named(part: str) -> None:
    with pytest.raises(Unusable, match=part):
        understand(json.dumps(ANSWER | {part: 7}))


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_text_without_an_object_is_refused(text: str) -> None:
    with pytest.raises(Unusable):
        understand(f"{text.replace('{', '')} {{")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("**bold** and `code`", "bold and code"),
        ("[here](https://example.org) it is", "here it is"),
        ("<b>bold</b> <script>x</script>", "bold x"),
        ("a < b and c > d", "a < b and c > d"),
        ("- one\n- two", "one two"),
        ("right\u202eleft\u200b.", "rightleft."),
    ],
)
def test_parts_are_plain_lines(written: str, read: str) -> None:
    assert plain(written) == read


def test_the_schema_asks_for_every_part_and_nothing_else() -> None:
    assert SCHEMA["required"] == list(PARTS) == list(SCHEMA["properties"])
    assert SCHEMA["additionalProperties"] is False


# The ladder


@pytest.mark.parametrize(
    ("url", "switch"),
    [
        ("https://api.openai.com/v1", "reasoning_effort"),
        ("https://api.deepseek.com/v1", "thinking"),
        ("https://dashscope.aliyuncs.com/compatible-mode/v1", "enable_thinking"),
        ("http://localhost:11434/v1", "chat_template_kwargs"),
        ("https://evildeepseek.com/v1", "chat_template_kwargs"),
        ("nonsense", "chat_template_kwargs"),
    ],
)
def test_thinking_is_switched_off_as_each_provider_calls_it(url: str, switch: str) -> None:
    assert switch in options(Rung(), url)
    assert switches(url)[-1] == {}


def test_a_refusal_steps_down_what_it_complains_about() -> None:
    url = "https://api.deepseek.com/v1"
    assert below(Rung(), url, "This response_format type is unavailable") == Rung(1, 0)
    assert below(Rung(), url, "unknown parameter: thinking") == Rung(0, 1)
    assert below(Rung(2, 0), url, "no reason") == Rung(2, 1)
    assert below(Rung(2, len(switches(url)) - 1), url, "no reason") is None


def test_text_is_asked_for_without_a_format() -> None:
    assert "response_format" not in options(Rung(FORMATS.index("text")), "http://localhost/v1")


def test_a_refusal_that_quotes_the_value_only_is_understood() -> None:
    url = "https://api.openai.com/v1"
    complaint = "Unsupported value: 'none' is not supported with the 'gpt-5' model."
    lower = below(Rung(), url, complaint)
    assert lower is not None
    assert options(lower, url)["reasoning_effort"] == "minimal"
    assert lower.format == 0
