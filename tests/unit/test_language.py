from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.language import Analyser, Detector, WordForms, fold, split_words
from monitor.language.detect import script_of
from monitor.language.paragraphs import paragraph_language
from tests.language_fixtures import dictionaries, stems

LETTERS = {"գ": "armenian", "ა": "georgian", "б": "cyrillic", "a": "latin", "π": "other"}


@pytest.mark.parametrize(
    ("one", "other", "lang"),
    [
        ("ƏSİR", "əsir", "az"), ("QARABAĞ", "qarabağ", "az"), ("SINIR", "sınır", "tr"), ("İran", "iran", "en"),
        ("ռազմա\u00adգերի", "ռազմագերի", "hy"), ("կա՞", "կա", "hy"), ("ո՛չ", "ոչ", "hy"), ("և", "եւ", "hy"),
        ("Երեվան", "Երևան", "hy"), ("ᲢᲧᲕᲔ", "ტყვე", "ka"), ("плёнка", "пленка", "ru"), ("e\u0301", "é", "en"),
        ("don’t", "don't", "en"), ("pri\u200bson", "prison", "en"),
    ],
)  # fmt: skip # a table
def test_spellings_of_one_form_fold_to_one(one: str, other: str, lang: str) -> None:
    """(cases 109, 110)"""
    assert fold(one, lang) == fold(other, lang)
    assert "\u0307" not in fold(one, lang)


def test_dotted_and_dotless_i_stay_apart_in_turkic_languages() -> None:
    assert fold("IR", "az") != fold("İR", "az")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("«Ереван», и", ["Ереван", "и"]), ("գերի։ Ո՛չ", ["գերի", "Ո՛չ"]), ("C++ and AT&T", ["C++", "and", "AT&T"]),
        ("cease-fire", ["cease", "fire"]), ("don't", ["don't"]), ("a\u00a0b", ["a", "b"]), ("C# x", ["C#", "x"]),
    ],
)  # fmt: skip # a table
def test_words_are_found_in_all_scripts(text: str, words: list[str]) -> None:
    """(case 110)"""
    assert split_words(text) == words


@given(st.text())
def test_offsets_point_at_the_words(text: str) -> None:
    words = stems().analyse(text, "en")
    assert [text[start:end] for start, end in zip(words.starts, words.ends, strict=True)] == split_words(text)
    assert len(words.keys) == len(words.starts)


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [
        ("Ռազմագերիների վերադարձը", "en", "hy"), ("ტყვეების გაცვლა", "en-us", "ka"), ("Обмен пленными", None, "ru"),
        ("Обмін полоненими її", None, "uk"), ("ваўкі", None, "be"), ("Обмен", "uk", "uk"), ("Əsirlərin qaytarılması", "en-us", "az"),
        ("The return of the prisoners was agreed in the talks", "az", "en"), ("2026", "ru", "ru"), ("2026", None, "und"),
        ("Ateşkes için görüşme ve bir açıklama daha", None, "tr"), ("Kısa açıklama yapıldı", "en", "tr"), ("Baku", "az", "az"),
    ],
)  # fmt: skip # a table
def test_the_text_decides_its_language_over_a_wrong_hint(text: str, hint: str | None, expected: str) -> None:
    assert Detector(["en", "ru", "hy", "az", "ka", "tr"])(text, hint) == expected


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [
        ("The spokesman read the word Azərbaycan from the wall of a school that was closed in the war", "en", "en"),
        ("Muharibeden sonra serhedde esgerlerin sayi artib, ateskesin pozulmasi qeyd olunub", None, "az"),
        ("Ermenistan esirleri ve girovlari bu gun azad etmelidir, bir daha dedi", "az", "az"),
        ("Minaya düşdü, iki yaralı var", "az", "az"), ("Rusiya sülhməramlıları Qarabağdan çıxdı", None, "az"),
        ("Türkiye ve Azerbaycan, Xankəndi adını kullandı; bu bir ilk olarak kayda geçti", "tr", "tr"),
        ("Bakanlık esirlerin iadesi için görüşmelerin sürdüğünü, ateşkesin ise bozulmadığını açıkladı", "az", "tr"),
    ],
)  # fmt: skip # a table
def test_azerbaijani_and_turkish_are_told_apart(text: str, hint: str | None, expected: str) -> None:
    """However they are typed; and a name with a letter of theirs makes no English text Azerbaijani."""
    assert Detector(["en", "ru", "hy", "az", "ka", "tr"])(text, hint) == expected


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("Savunma Bakanlığı esirlerin bugün iade edildiğini açıkladı", "en", "tr"),
        ("Officials in the town of Xankəndi said that the road was open", "en", "en"),
        ("Müdafiə Nazirliyi əsirlərin qaytarıldığını açıqladı", "en", "az"),
        ("Mudafie Nazirliyi esirlerin qaytarildigini tesdiqleyib, bu barede melumat verilib", "en", "az"),
        ("Iraq, Qatar, Mexico: six teams quit, Brazil reach final, Japan lose", "en", "en"),
    ],
)
def test_a_paragraph_in_a_turkic_language_is_known_by_its_letters(text: str, lang: str, expected: str) -> None:
    assert paragraph_language(text, lang) == expected


def test_statistics_are_asked_only_when_nothing_else_decides() -> None:
    asked: list[tuple[str, Collection[str]]] = []

    def statistics(text: str, languages: Collection[str]) -> str:
        asked.append((text, languages))
        return "en"

    detect = Detector(["en", "ru", "az"], statistics)
    assert detect("The return of the men was agreed by all") == "en"
    assert not asked
    assert detect("Walnut harvest begins early, growers expect good year") == "en"
    assert asked == [("Walnut harvest begins early, growers expect good year", ["az", "en"])]


@pytest.mark.slow
def test_real_statistics_tell_english_from_turkish() -> None:
    assert Detector(["en", "tr"])("Walnut harvest begins early, growers expect good year") == "en"


@pytest.mark.parametrize(
    ("lang", "one", "other"),
    [
        ("en", "prisoners", "prisoner"), ("ru", "военнопленных", "военнопленный"), ("tr", "esirler", "esir"),
        ("az", "əsirlərin", "əsir"), ("hy", "հրադադարի", "հրադադար"),
    ],
)  # fmt: skip # a table
def test_a_word_of_a_rule_finds_its_forms(lang: str, one: str, other: str) -> None:
    assert set(stems().word_keys(other, lang)) & set(_keys(stems(), one, lang))


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "one", "other"), [("hy", "եկան", "գալ"), ("en", "went", "go"), ("xx", "a", "a")])
def test_dictionaries_know_what_no_stem_does(lang: str, one: str, other: str) -> None:
    assert set(dictionaries().word_keys(other, lang)) & set(_keys(dictionaries(), one, lang))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("term", "found", "apart"),
    [
        ("prisoner", "prisoners prisoner's", "prison imprisoned"), ("attack", "attacked attacks", "attacker"),
        ("negotiation", "negotiations", "negotiator"), ("Artsakh", "Artsakh's Artsakhs", ""), ("kill", "killed", ""),
    ],
)  # fmt: skip # a table
def test_an_english_word_is_found_in_its_forms_and_not_in_its_relatives(term: str, found: str, apart: str) -> None:
    """A stem alone would make prison of prisoner."""
    asked = set(dictionaries().word_keys(term, "en"))
    assert [word for word in found.split() if not asked & set(_keys(dictionaries(), word, "en"))] == []
    assert [word for word in apart.split() if asked & set(_keys(dictionaries(), word, "en"))] == []


def _keys(analyser: Analyser, word: str, lang: str) -> tuple[str, ...]:
    return analyser.analyse(word, lang).keys[0]


def test_dictionaries_are_built_once_and_kept(tmp_path: Path) -> None:
    forms = WordForms(tmp_path / "words")
    forms.warm("cy")  # no list of ours: nothing to build
    forms.warm("hy")
    assert list((tmp_path / "words").rglob("hy.dic"))
    assert "գալ" in _keys(Analyser(forms), "եկան", "hy")


def test_a_language_that_is_not_expected_never_builds_a_dictionary(tmp_path: Path) -> None:
    """Built inside a daemon, a dictionary costs 100 MiB that never come back."""
    analyser = Analyser(WordForms(tmp_path / "words", ("en",)))
    assert set(analyser.word_keys("prisioneiros", "pt")) & set(analyser.word_keys("prisioneiro", "pt"))
    assert not list((tmp_path / "words").rglob("*.dic"))


def test_a_word_in_another_script_is_looked_at_in_its_own_language() -> None:
    assert stems().word_keys("prisoners", "ru") == stems().word_keys("prisoners", "en")
    assert stems().word_keys("2026", "ru")


@pytest.mark.parametrize(
    ("text", "hint", "found"),
    [
        ("평화 협정이 어제 서명되었다", None, "und"),
        ("平和協定が昨日署名された", "ja", "ja"),
        ("平和協定が昨日署名された", "ru", "und"),
        ("Perjanjian damai ditandatangani kemarin malam oleh kedua pihak. " * 8, None, "und"),
        ("Perjanjian damai ditandatangani kemarin malam oleh kedua pihak. " * 8, "id", "id"),
        (
            "Der Vertrag wurde gestern in Wien von beiden Seiten unterschrieben, niemand hatte das erwartet. " * 4,
            "de",
            "de",
        ),
    ],
)
def test_a_language_that_is_not_expected_needs_no_statistics(text: str, hint: str | None, found: str) -> None:
    def never(*_: object) -> str:
        raise AssertionError("asked for")

    assert Detector(["en", "ru", "az", "tr"], never)(text, hint) == found


@given(
    st.text(st.characters(max_codepoint=126, categories=("L", "N", "P", "S")), min_size=1),
    st.sampled_from(["en", "az"]),
)
def test_plain_letters_fold_the_short_way_to_the_same(word: str, lang: str) -> None:
    """A word of ASCII letters alone has a short way; with a soft hyphen in it, it takes the long one."""
    assert fold(word, lang) == fold(f"{word}\u00ad", lang)


@given(st.text("".join([*LETTERS, "1", " "]), max_size=12))
def test_the_script_of_a_text_is_that_of_most_letters(text: str) -> None:
    """Whatever ends the counting early."""
    most = max(LETTERS, key=text.count)
    assert script_of(text) == (LETTERS[most] if most in text else None)
