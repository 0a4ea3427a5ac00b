"""Texts: paragraphs in several languages, compounds, and input that is no text."""

from __future__ import annotations

import pytest

from monitor.language import Analyser, WordForms

analyser = Analyser(WordForms(None))
_RUSSIAN = "Сегодня в Ереване сообщили, что переговоры о возвращении военнопленных продолжаются."
_AZERBAIJANI = "Bakı rəsmiləri bildiriblər ki, əsirlərin qaytarılması məsələsi müzakirə olunur."
_TURKISH = "Ankara'daki yetkililer bu konuda yeni bir açıklama yapmadı ve görüşmeler sürüyor."
_ENGLISH = "The return of the prisoners was discussed in the evening, officials said to the press."


def _languages(text: str, lang: str) -> list[str]:
    words = analyser.analyse(text, lang)
    return [words.language(number) for number in range(len(words.starts))]


@pytest.mark.parametrize(
    ("lang", "quoted", "text"),
    [
        ("ru", "az", _AZERBAIJANI), ("hy", "ru", _RUSSIAN), ("en", "tr", _TURKISH), ("az", "en", _ENGLISH),
        ("ru", "uk", "Представники міністерства повідомили, що військовополонені їдуть додому."), ("ka", "en", _ENGLISH),
    ],
)  # fmt: skip # a table
def test_each_paragraph_is_in_its_language(lang: str, quoted: str, text: str) -> None:
    own = {"ru": _RUSSIAN, "en": _ENGLISH, "az": _AZERBAIJANI}.get(lang, "")
    found = _languages(f"{own}\n\n{text}", lang)
    assert found[-1] == quoted
    assert not own or found[0] == lang


@pytest.mark.parametrize(("lang", "text"), [("en", "Karabakh"), ("tr", "Savaş"), ("hy", ""), ("xx", _ENGLISH[:20])])
def test_what_says_nothing_of_its_own_is_in_the_article_s_language(lang: str, text: str) -> None:
    assert set(_languages(text, lang)) <= {lang}


def test_a_paragraph_typed_without_its_letters_is_read_so_beside_others() -> None:
    """What counts is how the paragraphs of its language are typed, not those around it."""
    quoted = "Mudafie Nazirliyi esirlerin qaytarildigini tesdiqleyib, bu barede melumat verilib."
    text = f"The captives came home, the ministry said of Xankəndi.\n{quoted}"
    words = analyser.analyse(text, "en")
    captives = next(keys for keys in words.keys if keys[0] == "=esirlerin")
    assert set(captives) & set(analyser.word_keys("əsir", "az"))


def test_an_azerbaijani_word_in_a_russian_article_is_analysed_as_azerbaijani() -> None:
    words = analyser.analyse(f"{_RUSSIAN}\n{_AZERBAIJANI}", "ru")
    asked = set(analyser.word_keys("əsir", "az"))
    assert [number for number, keys in enumerate(words.keys) if asked & set(keys)]


@pytest.mark.parametrize("hyphen", ["-", "\u2010", "\u2011", "\u058a"])
def test_a_compound_is_known_by_its_whole_and_by_its_parts(hyphen: str) -> None:
    text = f"a cease{hyphen}fire deal"
    words = analyser.analyse(text, "en")
    first = [text[start:end] for start, end in zip(words.starts, words.ends, strict=True)].index("cease")
    for asked in ("cease", "ceasefire"):
        assert set(analyser.word_keys(asked, "en")) & set(words.keys[first])
    assert words.joined[first].last == first + 1


def test_a_dash_and_a_range_of_years_join_nothing() -> None:
    assert not analyser.analyse("peace - war, 2020-2021, end-\nof line", "en").joined


@pytest.mark.parametrize(
    "text",
    [
        "", "\x00", "a\ud800b \udfff", "\u202eabc \u05e9\u05dc\u05d5\u05dd", "́́", "a" * 100_000, "-" * 100_000, "a-" * 9_000,
        *(pytest.param(text, marks=pytest.mark.slow) for text in ("a" * 10_000_000, "-" * 1_000_000, "a-" * 100_000)),
    ],
    ids=[
        "empty", "nul", "surrogates", "right to left", "marks", "one word", "hyphens", "a long compound",
        "one word of 10 MB", "a megabyte of hyphens", "a compound of 100,000",
    ],
)  # fmt: skip # a table
@pytest.mark.parametrize("lang", ["en", "az", "ru", "xx", ""])
def test_what_is_no_text_is_analysed_all_the_same(text: str, lang: str) -> None:
    """Offsets rise, and each lies in the text."""
    words = analyser.analyse(text, lang)
    ends = [0, *words.ends]
    assert all(
        last <= start < end <= len(text) for last, start, end in zip(ends, words.starts, words.ends, strict=False)
    )
    assert len(words.keys) == len(words.starts)
    assert all(len(key) < 300 for keys in words.keys for key in keys)


def test_a_decade_is_no_mine() -> None:
    """1990-ական is "of the 1990s"; ական alone is a mine."""
    mine = set(analyser.word_keys("ական", "hy"))
    for text, found in (("1990-ական թվականներ", False), ("1990\u058aականների", False), ("Ականը պայթեց", True)):
        assert any(mine & set(keys) for keys in analyser.analyse(text, "hy").keys) is found


@pytest.mark.parametrize("letter", ["\U00017df9", "\U000187f7", "\U0001e030"])
@pytest.mark.parametrize("lang", ["ru", "en", "hy", "az", "ka", "tr"])
def test_a_letter_without_a_name_costs_its_word_alone(letter: str, lang: str) -> None:
    """Tangut, and Cyrillic newer than this Python: an article that holds one must be matched like any other."""
    text = f"{_RUSSIAN} а{letter} {letter} x{letter}."
    words = analyser.analyse(text, lang)
    assert len(words.starts) > len(_RUSSIAN.split())
