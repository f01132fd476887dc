"""What an answer may say: figures, names, language and terms, all held against the paper."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.summarize.answer import Answer
from digest.summarize.glossary import kept
from digest.summarize.grounding import missing_figures, missing_names, slips
from digest.summarize.languages import LANGUAGES, is_written_in
from tests.fakes.papers import paper

SOURCE = (
    "We train on 1.5 k papers and up to 100B tokens. Speed grows 26.7x, cost falls by 4.5% and "
    "by 10-20%, from 240 ms to 9 ms; accuracy is 0.92. Two orders of magnitude, half the memory, "
    r"$1.2 \times 10^{6}$ steps, 12,000 users on 3.5 million machines, three sites, a $3\times3$ "
    "kernel, the EU-27 and GPT-4 in October 2025, with 5T magnets, and 2, 3 and 8 GB."
)


@pytest.mark.parametrize(
    "said",
    [
        "26.7 times", "26.7×", "26.7倍", "26.7x", "1000亿", "100B", "100 billion", "1500篇", "4.5%",
        "4.5 per cent", "4.5 个百分点", "10%", "20%", "10%到20%", "9毫秒", "240 ms", "0.92", "92%",
        "100倍", "120万", "1.2×10⁶", "1.2 million", "两倍", "50%", "百分之五十",
        "五成", "12000", "12,000", "12.000 Nutzer", "1.2万", "1,2万", "350万", "3,5 Mio.", "3种",
        "3×3", "3x3", "27个成员国", "10月", "2025年", "5T", "2GB", "3GB", "8GB", "一种", "GPT-4",
        "1000億", "1000억", "26,7-fach", "26,7 fois", "26,7 раз", "9 мс", "100 млрд", "一倍",
    ],
)  # fmt: skip
def test_a_figure_of_the_paper_may_be_written_as_the_language_writes_it(said: str) -> None:
    assert missing_figures(said, SOURCE) == []


@pytest.mark.parametrize(
    "said",
    [
        "100亿", "10B", "100 million", "26.7%", "26.8倍", "4.5倍", "9秒", "240分钟", "35万",
        "十二倍", "百分之三十", "七成", "fifteen times", "94%", "3GB 和 7GB", "10⁷", "2024年",
        "三百二十倍", "30000亿",
    ],
)  # fmt: skip
def test_a_figure_that_the_paper_does_not_have_is_found(said: str) -> None:
    assert missing_figures(said, SOURCE)


def test_an_ordinal_may_be_written_as_a_figure() -> None:
    source = "The 99th percentile is 31 ms, in the 3rd run. Version 4.5th of it."
    assert missing_figures("99 分位 31 毫秒，第 3 次", source) == []
    assert missing_figures("95 分位", source) == ["95"]


@settings(max_examples=60)
@given(st.text(max_size=80) | st.from_regex(r"[0-9.,^×%万亿 kMB'-]{1,60}", fullmatch=True))
def test_any_text_is_grounded_in_itself_where_it_repeats_the_paper(text: str) -> None:
    missing_figures(text, text)  # whatever it is, it is read
    assert missing_figures("26.7倍", f"{text} . 26.7 times") == []


@pytest.mark.parametrize(
    "said",
    ["GPT-4 与 gpt4", "LLM", "token", "Transformers", "EU", "EU-27", "GPU", "(ii)", "x 和 n"],
)
def test_a_name_of_the_paper_or_of_everybody_may_be_said(said: str) -> None:
    assert missing_names(said, SOURCE, "zh") == []


def test_orders_of_magnitude_are_counted() -> None:
    assert missing_figures("1000倍", "It is 3 orders of magnitude faster.") == []
    assert missing_figures("一万两千倍", "It is 12,000 times faster.") == []


def test_an_abbreviation_of_the_papers_own_words_may_be_said() -> None:
    assert missing_names("EHR", "We read electronic health records.", "zh") == []


@pytest.mark.parametrize("said", ["ImageNet", "LLaMA-3", "XQ", "Stanford", "BS", "ResNet-50"])
def test_a_name_that_the_paper_does_not_say_is_found(said: str) -> None:
    assert missing_names(f"在 {said} 上", SOURCE, "zh") == [said]


def test_in_a_language_of_latin_letters_only_odd_capitals_are_names() -> None:
    text = "Le modèle apprend sur ImageNet, GPT-9 et deux autres jeux."
    assert missing_names(text, SOURCE, "fr") == ["ImageNet", "GPT-9"]


# A whole answer

PAPER = paper(1, title="Sharing Tokens between Transformer Layers", abstract=SOURCE)
GOOD = Answer(
    title="在 Transformer 各层之间共享 token",
    gist="速度提高 26.7 倍，成本下降 4.5%。",
    summary="这项工作在各层之间共享 token，速度提高 26.7 倍，成本下降 4.5%，准确率为 92%。",
    background="",
    innovation="在各层之间共享 token。",
    conclusion="延迟从 240 毫秒降到 9 毫秒。",
)


def wrong(language: str = "zh", **changed: str) -> str:
    return " ".join(slips(GOOD.model_copy(update=changed), PAPER, language))


def test_a_true_answer_has_no_slips() -> None:
    assert wrong() == ""


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"gist": "把令牌分给各层。"}, "Write token instead of 令牌."),
        ({"gist": "变压器各层共享。"}, "Write transformer instead of 变压器."),
        ({"gist": "见 github.com/example/code 。"}, "addresses"),
        ({"gist": "写信到 a@example.org 。"}, "addresses"),
        ({"gist": "加入 t.me/example 。"}, "addresses"),
        ({"title": "Sharing Tokens between Layers"}, "The title is not translated"),
        ({"conclusion": "Layers share tokens."}, "It is not in simplified Chinese"),
        ({"summary": "各層之間共享，這個網絡訓練時應對這些問題，實現標準測試。"}, "simplified"),
        ({"summary": "各層の間で共有します。これはとても速いのです。"}, "simplified"),
        ({"gist": "很" * 200}, "too long"),
        ({"gist": "快 31 倍。"}, "Not in title or abstract: 31 倍."),
        ({"gist": "用 ImageNet。"}, "Named nowhere in title or abstract: ImageNet."),
    ],
)
def test_each_slip_is_told_to_the_model(changed: dict[str, str], complaint: str) -> None:
    assert complaint in wrong(**changed)


@pytest.mark.parametrize("said", ["例如 i.e. 与 e.g.", "版本 3.5", "GPT-4。"])
def test_what_only_looks_like_an_address_is_none(said: str) -> None:
    assert "addresses" not in wrong(gist=said)


def test_a_title_that_is_a_name_may_stay() -> None:
    named = paper(1, title="GPT-4", abstract=SOURCE)
    assert slips(GOOD.model_copy(update={"title": "GPT-4"}), named, "zh") == ()


def test_tokens_that_guard_a_door_may_be_called_so() -> None:
    guarded = paper(1, title="Access Token Authentication", abstract="An access token. " + SOURCE)
    assert slips(GOOD.model_copy(update={"gist": "检查访问令牌。"}), guarded, "zh") == ()


def test_the_terms_to_keep_are_those_that_the_paper_uses() -> None:
    assert kept("Transformers read tokens, and loRA is fine.") == ("token", "Transformer", "LoRA")


# Languages

TEXTS = {
    "zh": "我们提出一种新的方法，在各个数据集上实现了更好的结果，训练时间也更短。",
    "zh-Hant": "我們提出一種新的方法，在各個數據集上實現了更好的結果，訓練時間也更短。",
    "en": "We propose a new method that is better on all data sets and faster to train.",
    "ja": "本研究では新しい手法を提案し、すべてのデータセットで良い結果を得た。",
    "ko": "우리는 모든 데이터에서 더 좋은 결과를 얻는 새로운 방법을 제안한다.",
    "de": "Wir schlagen ein neues Verfahren vor, das auf allen Daten besser ist.",
    "fr": "Nous proposons une nouvelle méthode qui est meilleure sur tous les jeux de données.",
    "es": "Proponemos un nuevo método que es mejor en todos los conjuntos de datos y más rápido.",
    "ru": "Мы предлагаем новый метод, который лучше на всех наборах данных.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_taken_for_its_own_language_only(language: str) -> None:
    assert [code for code in LANGUAGES if is_written_in(TEXTS[language], code)] == [language]


def test_names_in_latin_letters_leave_a_chinese_text_chinese() -> None:
    assert is_written_in("在 GPT-4 和 LLaMA 上，LoRA 微调的准确率提高了。", "zh")
