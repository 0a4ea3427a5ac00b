"""Tables of endings: which stems a form has, which a query asks for, and what must stay apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.language import Analyser, Sense, WordForms
from monitor.language.tables import load, read

analyser = Analyser(WordForms(None))


def _finds(lang: str, term: str, word: str, sense: Sense = Sense.ALL) -> bool:
    return bool(set(analyser.word_keys(term, lang, sense)) & set(analyser.analyse(word, lang).keys[0]))


@pytest.mark.parametrize(
    ("lang", "term", "words"),
    [
        ("az", "əsir", "əsirlərin əsirdən əsirlərimizi əsirsinizmi ƏSİRLƏR əsirlərdəkilər"),
        ("az", "danışıq", "danışığı danışıqlarda danışığından"),
        ("az", "oğul", "oğlu oğlundan oğullar"),
        ("az", "saxlamaq", "saxlayır saxlanılan saxlamayacaq saxlanıldı saxlayıblar"),
        ("az", "getmək", "gedir getmədi gedəcəklər getdilər"),
        ("tr", "esir", "esirleri esirlerden esiriydi Esir'in"),
        ("tr", "kayıp", "kaybı kayba kayıplar kaybından"),
        ("tr", "kitap", "kitabı kitaplarda kitabından"),
        ("tr", "savaş", "savaşan savaşıyor savaşta savaşı'nda"),
        ("tr", "tutuklamak", "tutukluyor tutuklandı tutuklanan tutuklayacak"),
        ("hy", "գերի", "գերու գերիների գերիներին գերով գերուց"),
        ("hy", "բանակցություն", "բանակցության բանակցությունները բանակցությամբ"),
        ("hy", "շրջափակում", "շրջափակման շրջափակմամբ շրջափակումներից"),
        ("hy", "գերեվարել", "գերեվարեց գերեվարված գերեվարվել չգերեվարեց կգերեվարեն"),
        ("hy", "գերություն", "գերութիւնը գերութեան"),
        ("hy", "հարձակում", "յարձակումը Յարձակումներէն յարձակման"),
        ("hy", "զինվոր", "զինուորները զինուորի"),
        ("hy", "հայտարարություն", "յայտարարութեանց յայտարարութիւններու"),
        ("hy", "թեկնածու", "թեկնածուի թեկնածուները թեկնածուից"),
        ("hy", "լեզու", "լեզուէն լեզուով"),
        ("hy", "սահման", "սահմանում սահմաններում սահմանէն սահմաններէն"),
        ("hy", "կորուստ", "կորստի կորուստներ կորստին"),
        ("hy", "խաղալ", "խաղային խաղում խաղաց"),
        ("hy", "մարդ", "մարդիկ մարդկանց մարդկանցից"),
        ("hy", "կին", "կնոջ կանայք կանանց"),
        ("hy", "մայր", "մոր մորը մայրեր"),
        ("hy", "եղբայր", "եղբոր եղբայրները"),
        ("hy", "օր", "օրվա օրվանից օրերի"),
        ("hy", "տարի", "տարվա տարվանից տարում"),
        ("az", "su", "suyun suyu sular"),
        ("tr", "hat", "hattı hattına hatlar"),
        ("tr", "hak", "hakkını haklar"),
        ("ka", "წელი", "წლის წლები წლიდან წელს"),
        ("ka", "სომეხი", "სომხები სომხის სომეხმა"),
        ("ka", "საქართველო", "საქართველოდან საქართველოსთან"),
        ("ka", "ტყვე", "ტყვის ტყვეების ტყვეებისთვის ტყვეთა ტყვეა ტყვესთან"),
        ("ka", "საზღვარი", "საზღვრის საზღვარზე საზღვრიდან საზღვრებს"),
        ("ka", "ქვეყანა", "ქვეყნის ქვეყნები ქვეყანაში ქვეყნიდან"),
        ("ka", "ბლოკადა", "ბლოკადის ბლოკადაში ბლოკადამ ბლოკადებიც"),
        ("ka", "ომი", "ომის ომში ომშია ომებისთვისაც ომებისათვის ომიო"),
        ("ru", "задержанный", "задержанных задержали задержан"),
        ("ru", "война", "войнами войн ВОЙНЫ вoйнy"),
        ("en", "Artsakh", "Artsakh’s artsakh"),
    ],
)
def test_a_dictionary_form_finds_its_forms(lang: str, term: str, words: str) -> None:
    """Every case, number and postposition, and for verbs every tense."""
    assert [word for word in words.split() if not _finds(lang, term, word)] == []


@pytest.mark.parametrize(
    ("lang", "term", "words"),
    [
        ("az", "əsir", "təsir əsrin əsirik"), ("az", "mina", "minə minlər Minsk"), ("az", "sərhəd", "sərhədsiz"),
        ("tr", "birlik", "birlikte bir"), ("tr", "hat", "hatta"), ("tr", "esir", "eser tesir"), ("tr", "sınır", "sınıf sınıfta sınav"),
        ("hy", "բանակ", "բանակցություն"), ("hy", "գերի", "գերիշխող Գերմանիա"), ("hy", "ական", "ականջ ականատես"),
        ("hy", "բանակցել", "բանակցային"), ("hy", "սահմանագծում", "սահմանագծով"),
        ("ka", "ტყვე", "ტყვია ტყვიის ტყვიები"), ("ka", "ჯარი", "ჯარიმა ჯარიმის"), ("ka", "ომი", "ომლეტი"),
        ("ru", "плен", "плёнка пленум племя"), ("ru", "мина", "министр минута минуты"),
    ],
)  # fmt: skip # a table
def test_look_alikes_stay_apart(lang: str, term: str, words: str) -> None:
    """Words that share letters with a term and are other words."""
    assert [word for word in words.split() if _finds(lang, term, word)] == []


def test_a_plural_in_a_rule_finds_the_singular() -> None:
    assert _finds("az", "əsirlər", "əsirin")
    assert _finds("ka", "ტყვეები", "ტყვის")
    assert _finds("hy", "ռազմագերիներ", "ռազմագերու")


def test_a_noun_is_not_its_verb_where_only_the_noun_is_meant() -> None:
    assert _finds("ru", "заключённый", "заключил")
    assert not _finds("ru", "заключённый", "заключил", Sense.NOUN)
    assert _finds("ru", "заключённый", "заключённых", Sense.NOUN)
    assert not _finds("tr", "görüşme", "görüştü", Sense.NOUN)


def test_a_word_of_its_own_is_no_form_of_a_noun(words: Path) -> None:
    """Turkish askeri is "military" to the dictionary, and only to a grammar "the soldier" (accusative) as well."""
    known = Analyser(WordForms(words))
    military = set(known.analyse("askeri", "tr").keys[0])
    assert military & set(known.word_keys("asker", "tr"))
    assert not military & set(known.word_keys("asker", "tr", Sense.NOUN))
    assert set(known.analyse("askerleri", "tr").keys[0]) & set(known.word_keys("asker", "tr", Sense.NOUN))


def test_a_name_that_no_dictionary_has_keeps_its_cases(words: Path) -> None:
    """The dictionary's library gives the lemma of what it does not know as well; that makes no word of a case."""
    known = Analyser(WordForms(words))
    for lang, term, text in (
        ("tr", "Hankendi", "Hankendiye Hankendide Hankendiler"),
        ("tr", "Stepanakert", "Stepanakertin Stepanakertlerden"),
        ("hy", "Ստեփանակերտցի", "ստեփանակերտցին ստեփանակերտցիներում"),
        ("hy", "վիրավոր", "վիրաւորներ վիրաւորներու"),
    ):
        asked = set(known.word_keys(term, lang, Sense.NOUN))
        assert [word for word in text.split() if not asked & set(known.analyse(word, lang).keys[0])] == []


def test_a_noun_that_no_dictionary_has_is_found_by_its_stem(words: Path) -> None:
    """Names above all; a word that is a form of another (missing, of miss) stays as it stands."""
    known = Analyser(WordForms(words))
    for term, text in (("Artsakh", "Artsakh's"), ("Karabakhi", "Karabakhis"), ("IDP", "IDPs")):
        assert set(known.word_keys(term, "en", Sense.NOUN)) & set(known.analyse(text, "en").keys[0]), term
    assert known.word_keys("missing", "en", Sense.NOUN) == ("=missing",)


def test_words_typed_without_their_letters_are_found_in_texts_typed_so() -> None:
    assert _finds("az", "əsir", "esirlerin")
    assert _finds("tr", "yaralı", "yaralilarin")
    words = analyser.analyse("sinir krizi yaşandı", "tr")
    assert not set(analyser.word_keys("sınır", "tr")) & set(words.keys[0])


def test_a_word_of_ten_megabytes_takes_no_time() -> None:
    """It is no word; nothing is peeled off it."""
    assert len(load("az").stems("ə" * 10_000_000)) == 1


def test_a_table_that_names_a_slot_that_is_not_there_says_so() -> None:
    table = {"vowels": "a", "inflected": 3, "slots": {"case": {"after": ["nuon"], "endings": ["da"]}}}
    with pytest.raises(ValueError, match="slot case stands after nuon"):
        read(table)
