"""The shipped concepts at work: which words of a sentence they mark, in each language, and which they leave alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.config import shipped_glossary
from monitor.language import Analyser, Detector, WordForms, terms_of
from monitor.rules import try_query

LANGUAGES = ("en", "ru", "hy", "az", "ka", "tr")
Marked = Callable[[str, str, str], str]


@pytest.fixture(scope="module")
def marked(words: Path) -> Marked:
    analyser, concepts = Analyser(WordForms(words)), terms_of(shipped_glossary())

    def marked(query: str, lang: str, text: str) -> str:
        found = try_query(query, [text], lang=lang, analyser=analyser, detect=Detector(LANGUAGES), concepts=concepts)
        (line,) = list(found)
        spans = line["spans"]
        assert isinstance(spans, list)
        return " ".join(form for _, _, form in spans)

    return marked


@pytest.mark.parametrize(
    ("query", "lang", "text", "found"),
    [
        ("@prisoners", "en", "Eight prisoners and two captives came home.", "prisoners captives"),
        ("@prisoners", "ru", "Вернулись восемь военнопленных и двое заключённых.", "военнопленных заключённых"),
        ("@prisoners", "hy", "Ութ ռազմագերիների և երկու բանտարկյալի վերադարձը։", "ռազմագերիների բանտարկյալի"),
        ("@prisoners", "az", "Səkkiz əsirin və iki məhbusun qayıtması barədə danışdılar.", "əsirin məhbusun"),
        ("@prisoners", "ka", "რვა ტყვის და ორი პატიმრის დაბრუნება გუშინ დაიწყო.", "ტყვის პატიმრის"),
        ("@prisoners", "tr", "Sekiz esirin ve iki tutuklunun dönüşü dün başladı.", "esirin tutuklunun"),
        ("@peacekeepers", "en", "Russian peacekeepers left the peace-keeping base.", "peacekeepers peace keeping"),
        ("@peacekeepers", "ru", "Российских миротворцев сменил миротворческий контингент.", "миротворцев миротворческий контингент"),
        ("@peacekeepers", "hy", "Ռուս խաղաղապահների հեռանալը հաստատեցին։", "խաղաղապահների"),
        ("@peacekeepers", "az", "Rusiya sülhməramlılarının postu boş qalıb və bağlanıb.", "sülhməramlılarının"),
        ("@peacekeepers", "ka", "რუსი სამშვიდობოების წასვლა დადასტურდა.", "რუსი სამშვიდობოების"),
        ("@peacekeepers", "tr", "Barış gücünün çekilmesi bu hafta doğrulandı.", "Barış gücünün"),
        ("@ceasefire", "en", "The cease-fire and the truces held.", "cease fire truces"),
        ("@ceasefire", "ru", "О прекращении огня и перемирии не договорились.", "прекращении огня перемирии"),
        ("@ceasefire", "hy", "Հրադադարի և զինադադարի պահպանումը։", "Հրադադարի զինադադարի"),
        ("@ceasefire", "az", "Atəşkəsin pozulması barədə məlumat verilib.", "Atəşkəsin"),
        ("@ceasefire", "ka", "ცეცხლის შეწყვეტისა და ზავის შესახებ შეთანხმება.", "ცეცხლის შეწყვეტისა ზავის"),
        ("@ceasefire", "tr", "Ateşkesin bozulduğu ve çatışmaların sürdüğü bildirildi.", "Ateşkesin"),
        ("@exchange", "en", "The sides agreed on an exchange of prisoners.", "exchange of prisoners"),
        ("@exchange", "ru", "Стороны обменялись пленными.", "обменялись пленными"),
        ("@exchange", "hy", "Կողմերը քննարկեցին գերիների փոխանակումը։", "գերիների փոխանակումը"),
        ("@exchange", "az", "Tərəflər əsirlərin dəyişdirilməsini müzakirə ediblər.", "əsirlərin dəyişdirilməsini"),
        ("@exchange", "ka", "მხარეებმა ტყვეების გაცვლა განიხილეს.", "ტყვეების გაცვლა"),
        ("@exchange", "tr", "Taraflar esir takasını görüştü ve bir takvim belirledi.", "esir takasını"),
        ("@karabakh", "en", "Artsakh, Nagorno-Karabakh and Qarabag are one place.", "Artsakh Nagorno Karabakh Qarabag"),
        ("@karabakh", "en", "Artsakh’s army and the Karabakhis.", "Artsakh’s Karabakhis"),
        ("@prisoners", "en", "All POWs and the captive's family.", "POWs captive's"),
        ("@stepanakert", "en", "The road to Xankəndi was closed.", "Xankəndi"),
        ("@stepanakert", "ru", "Степанакерт в Баку называют Ханкенди.", "Степанакерт Ханкенди"),
        ("@stepanakert", "az", "Xankəndidə yeni məktəb açılıb.", "Xankəndidə"),
        ("@prisoners", "az", "Məhkumların və həbs edilmişlərin siyahısı.", "Məhkumların həbs edilmişlərin"),
        ("@prisoners", "ka", "დატყვევებული მეზღვაურები დააბრუნეს.", "დატყვევებული"),
        ("@attack", "hy", "Յարձակեցան գիւղին վրայ, յարձակումը տեւեց։", "Յարձակեցան յարձակումը"),
        ("@attack", "ka", "პოსტს თავს დაესხნენ.", "თავს დაესხნენ"),
        ("@blockade", "hy", "Քաղաքը շրջափակված է։", "շրջափակված"),
        ("@border", "az", "Sərhədçilər sərhədyanı kənddədir.", "Sərhədçilər sərhədyanı"),
        ("@border", "ka", "მესაზღვრეები სასაზღვრო ზოლში.", "მესაზღვრეები სასაზღვრო"),
        ("@border", "ru", "Пограничники закрыли пост.", "Пограничники"),
        ("@casualties", "tr", "Can kaybı ve ölü sayısı arttı.", "Can kaybı ölü sayısı"),
        ("@exchange", "en", "An exchange of all prisoners was proposed.", "exchange of all prisoners"),
        ("@exchange", "ka", "მხარეებმა ტყვეები გაცვალეს.", "ტყვეები გაცვალეს"),
        ("@hostage", "tr", "Üç kişi rehin alındı.", "rehin"),
        ("@mine", "hy", "Ականի պայթյունից տուժել է, դաշտը ականապատված է։", "Ականի ականապատված"),
        ("@president", "tr", "Cumhurbaşkanları Tiflis'te bir araya geldi.", "Cumhurbaşkanları"),
        ("@refugee", "hy", "Գաղթականներուն տուները։", "Գաղթականներուն"),
        ("@shelling", "ka", "სოფელი დაბომბეს.", "დაბომბეს"),
        ("@shelling", "tr", "Köy gece bombalandı.", "bombalandı"),
        ("@soldier", "ka", "სამხედროები დაშავდნენ.", "სამხედროები"),
        ("@troops_army", "hy", "Պաշտպանության նախարարությունը եւ ԶՈՒ-ն հերքեցին։", "ԶՈՒ"),
        ("@soldier", "tr", "Askerlerin eve dönüşü dün başladı.", "Askerlerin"),
        ("@mine", "en", "A mine exploded near the minefield; mines remain.", "A mine minefield mines"),
        ("@missing_person", "en", "Three men went missing; a missing soldier was found.", "went missing missing soldier"),
    ],
)  # fmt: skip # a table
def test_a_concept_marks_its_words(query: str, lang: str, text: str, found: str, marked: Marked) -> None:
    """In every grammatical form, phrases whole, in the form that stands there."""
    assert marked(query, lang, text) == found


@pytest.mark.parametrize(
    ("query", "lang", "text"),
    [
        ("@prisoners", "en", "A captivating caption about poisoners and a prison of power."),
        ("@prisoners", "ru", "На пленуме показали плёнку, договор заключили, задержали рейс."),
        ("@prisoners", "hy", "Գերմանիայի գերիշխող դիրքը և գերազանց պահվող գրադարանը։"),
        ("@prisoners", "az", "Quraqlığın təsiri bu əsrin ən böyük problemidir."),
        ("@prisoners", "ka", "ტყვიის კვალი ტყვიებთან ერთად დაკავშირებულია."),
        ("@prisoners", "tr", "Bu eserin tesiri büyük oldu ve yeni bir sergi açıldı."),
        ("@peacekeepers", "ka", "სამშვიდობო ხელშეკრულება და სამშვიდობო მოლაპარაკებები გაგრძელდა."),
        ("@ceasefire", "en", "They never cease to fire questions, ceaseless as they are."),
        ("@mine", "en", "A friend of mine determined that the miner is a minister."),
        ("@mine", "hy", "1990-ական թվականների ակադեմիական ականջները։"),
        ("@missing_person", "en", "The page is missing and the goals were missing, too."),
        ("@soldier", "tr", "Askeri üs ve askerî okul bu yıl kapatıldı."),
        ("@troops_army", "tr", "Hep birlikte büyük bir sofraya oturduk ve şarkı söyledik."),
        ("@troops_army", "az", "Birlik və bərabərlik günü hər il qeyd olunur."),
        ("@border", "hy", "Սահմանված կարգով սահմանադրության սահմանափակումները։"),
        ("@president", "en", "She presided over the presidential library."),
        ("@attack", "en", "The attached attachment was attractive."),
    ],
)  # fmt: skip # a table
def test_a_concept_leaves_other_words_alone(query: str, lang: str, text: str, marked: Marked) -> None:
    """Words that share letters, other words of one spelling's family, and other meanings that stand beside tell apart."""
    assert marked(query, lang, text) == ""
