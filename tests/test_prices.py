"""What a request costs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from digest.summarize.prices import FREE, NANOS, price_of, stated

OPENAI = "https://api.openai.com/v1"
DEEPSEEK = "https://api.deepseek.com/v1"
SUNDAY = datetime(2026, 2, 1, 2, tzinfo=UTC)
PEAK = datetime(2026, 2, 2, 2, tzinfo=UTC)  # a Monday
EVENING = datetime(2026, 2, 2, 20, tzinfo=UTC)


def test_a_million_tokens_cost_what_the_list_says() -> None:
    price = price_of("gpt-4.1-mini", OPENAI)
    assert price is not None
    assert price.cost(10**6, 0, 0, EVENING) == NANOS * 40 // 100
    assert price.cost(10**6, 10**6, 10**6, EVENING) == NANOS * 170 // 100
    assert (price.currency, price.of is not None) == ("USD", True)


def test_no_token_is_too_cheap_to_count() -> None:
    price = price_of("gpt-5-nano", OPENAI)
    assert price is not None
    assert price.cost(1, 1, 0, EVENING) == 5


def test_more_cached_than_sent_is_no_discount() -> None:
    price = stated("1/0/1 EUR")
    assert price.cost(100, 10**9, 0, EVENING) == 0


@pytest.mark.parametrize(("at", "share"), [(SUNDAY, 1), (PEAK, 2), (EVENING, 1)])
def test_deepseek_costs_twice_in_its_peak_hours(at: datetime, share: int) -> None:
    price = price_of("deepseek-flash", DEEPSEEK)
    assert price is not None
    assert price.cost(10**6, 0, 0, at) == share * NANOS * 15 // 100


def test_a_snapshot_costs_what_its_model_costs() -> None:
    assert price_of("gpt-4.1-mini-2025-04-14", OPENAI) == price_of("GPT-4.1-mini", OPENAI)
    assert price_of("deepseek-v4-flash-0731", DEEPSEEK) == price_of("deepseek-flash", DEEPSEEK)


def test_where_no_price_of_the_cache_is_known_it_saves_nothing() -> None:
    price = price_of("qwen-plus", "https://dashscope.aliyuncs.com/compatible-mode/v1")
    assert price is not None
    assert price.cached == price.fresh
    assert price.currency == "CNY"


@pytest.mark.parametrize(
    ("model", "url"),
    [
        ("gpt-99", OPENAI),
        ("gpt-4.1-mini", "https://api.notopenai.com/v1"),
        ("gpt-4.1-mini", DEEPSEEK),
        ("qwen-plus", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
    ],
)
def test_a_price_that_nobody_knows_is_none(model: str, url: str) -> None:
    assert price_of(model, url) is None


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "192.168.1.7", "[::1]", "ollama", "box.local", "10.0.0.2"],
)
def test_a_model_of_ones_own_is_free(host: str) -> None:
    assert price_of("qwen3:8b", f"http://{host}:11434/v1") is FREE


def test_an_operator_states_a_price() -> None:
    price = stated(" 0.40/0.1/1.60 usd ")
    assert (price.fresh, price.cached, price.out) == (
        Decimal("0.40"),
        Decimal("0.1"),
        Decimal("1.60"),
    )
    assert price.currency == "USD"


@pytest.mark.parametrize(
    "text", [" ", "1", "1/2 USD", "1/2/3", "-1/2/3 USD", "1/2/3 $", "a/b/c USD"]
)
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        stated(text)
