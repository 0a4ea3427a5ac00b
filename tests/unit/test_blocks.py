"""What a site repeats on its pages makes no alerts; what a newsroom repeats in its articles does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from monitor.blocks import fingerprint, fingerprints, learned, left_out, sightings, without
from monitor.language import Analyser
from monitor.model import Article, Block, Filters, Match, Revisit, Sighting, Site, SourceKind
from monitor.query import evaluate, parse, to_fts
from monitor.rules import RuleSet, read_article
from monitor.store import ArchiveRows
from tests.factories import article, match, rule
from tests.language_fixtures import stems
from tests.unit.test_full_text import alerts, feed, new, page, read
from tests.unit.test_pipeline import House

BANNER = "Support our campaign for the prisoners of the valley."
# Articles about everything; none has a word of the banner.
NEWS = (
    (
        "Rain fell over the northern hills all night, and meteorologists expect more of it until Thursday evening. Farmers"
        " hurried to bring in the last tomatoes. Two rivers rose by half a metre, the weather office said on its website."
    ),
    (
        "The national football team drew one all in Lisbon, with both goals scored after the break. The coach praised his"
        " keeper, who had stopped a penalty. Their next match is against Norway in March, before an expected full stadium."
    ),
    (
        "Bread will cost ten percent more from Monday, bakers in the capital announced. Flour, gas and wages have all gone"
        " up since spring, their union says. Supermarkets told reporters that they would keep old prices for another week."
    ),
    (
        "A museum of wooden toys opened its doors in the old railway station. Most pieces were made by one family over four"
        " generations. Visitors may try some of them, and children under twelve enter free on every second Sunday."
    ),
    (
        "Doctors warned of a strong influenza season and asked older people to get vaccinated early. Pharmacies received"
        " forty thousand doses this week. The ministry denied rumours that schools would be closed around the holidays."
    ),
    (
        "A new bus line connects the airport with the university from tomorrow. Tickets are sold by drivers and machines."
        " Students had asked for it for years, and the mayor called its opening a small revolution on four wheels."
    ),
)
# Articles about one matter, and the paragraph that their newsroom puts under each of them.
REMINDER = "As a reminder, 23 Armenian prisoners are still held in Baku."
MATTER = (
    (
        "The foreign ministers of Armenia and Azerbaijan met in Geneva for two hours. Officials in Baku and Yerevan spoke of"
        " progress, but named no date for a next round. A commission is to look at the maps of the border until January."
    ),
    (
        "A French senator flew to Baku on Tuesday and asked to see the Armenian detainees. Her request was turned down, she"
        " told reporters at the airport. The embassy said that it would try again before the session of the council."
    ),
    (
        "Mothers from three villages of Armenia lit candles in front of the United Nations office. They have stood there"
        " each week for two years. Nobody came out to speak with them, although a letter had been announced from Baku."
    ),
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "monitor.db", sources=(feed(), feed("list", kind=SourceKind.LISTING)))
    yield made
    made.store.close()


async def publish(house: House, number: int, *passages: str, title: str = "", host: str = "one.example") -> None:
    """Have an article shown and its page read."""
    url = f"https://{host}/{number}"
    house.visit(new(number, title or f"Story {number}", url=url), now_minutes=number)
    house.clock.advance(61)
    house.pages.answers[url] = [page("\n\n".join(passages), url=url)]
    await house.reading.drain(["one"])


def told(house: House) -> list[object]:
    return [row[0] for row in alerts(house)]


async def test_a_banner_stops_making_alerts_at_its_third_page(house: House) -> None:
    """Trap 16 of the region's outlets: a site-wide banner that contains a keyword. The stored text stays whole."""
    for number in range(1, 31):
        await publish(house, number, NEWS[number % 6], BANNER)
    assert told(house) == [1, 2, 3]
    text, places = house.rows("SELECT text, left_out FROM articles WHERE id = 8")[0]
    assert text == f"{NEWS[2]}\n\n{BANNER}"
    assert places == f"[[{len(NEWS[2]) + 2}, {len(NEWS[2]) + 2 + len(BANNER)}]]"
    assert house.rows("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'campaign'") == [(30,)]
    assert house.rows("SELECT count(*) FROM matches WHERE article_id > 3") == [(0,)]


async def test_what_the_article_itself_says_still_counts_and_nothing_is_shown_of_the_banner(house: House) -> None:
    """Its mail and its recorded words are of the article alone."""
    for number in range(1, 9):
        await publish(house, number, BANNER, NEWS[number % 6])
    await house.round()
    sent = len(house.notifier.sent)
    await publish(house, 9, BANNER, NEWS[3], "Two prisoners came home at noon.")
    assert told(house) == [1, 2, 3, 9]
    house.clock.advance(3600)
    await house.round()
    raw = house.notifier.sent[sent].raw
    assert b"came home at noon" in raw
    assert b"campaign" not in raw
    start = len(f"{BANNER}\n\n{NEWS[3]}\n\nTwo ")
    words = house.rows("SELECT words FROM matches WHERE article_id = 9")
    assert words == [(f'[["text", {start}, {start + 9}, "prisoners", "prisoner"]]',)]


async def test_a_banner_that_counts_days_is_learned_from_five_pages(house: House) -> None:
    """A paragraph that changes in a figure may be news: it takes more to be sure."""
    for number in range(1, 12):
        await publish(house, number, NEWS[number % 6], f"Help free our prisoners: {40 - number} days left to donate.")
    assert told(house) == [1, 2, 3, 4, 5]


async def test_the_background_of_a_matter_is_told_however_often_it_is_repeated(house: House) -> None:
    """A section about one matter: each of its pages has the same last paragraph, and it is why each is told."""
    for number in range(1, 13):
        await publish(house, number, MATTER[number % 3], REMINDER)
    assert told(house) == list(range(1, 13))


async def test_a_background_paragraph_among_other_news_is_told(house: House) -> None:
    """Off its topic by chance, but not on most of the site's pages."""
    for number in range(1, 40):
        await publish(house, number, NEWS[number % 6], *([REMINDER] if number % 3 == 0 else []))
    assert told(house) == list(range(3, 40, 3))


async def test_a_paragraph_is_the_sites_own_only_while_it_is_on_every_page_or_on_half_of_many(house: House) -> None:
    """Three pages in a row may be chance: the first page without it takes the verdict back."""
    for number in range(1, 5):
        await publish(house, number, NEWS[number], BANNER)
    assert told(house) == [1, 2, 3]
    await publish(house, 5, NEWS[5])
    await publish(house, 6, NEWS[0], BANNER)
    assert told(house) == [1, 2, 3, 6]


async def test_an_agencys_paragraph_on_the_pages_of_five_outlets_is_nobodys_banner(house: House) -> None:
    """Sites are counted apart: what all of them print is news."""
    for number in range(1, 16):
        await publish(house, number, NEWS[number % 6], BANNER, host=f"outlet{number}.example")
    assert told(house) == list(range(1, 16))


async def test_the_language_editions_of_a_site_have_banners_of_their_own(house: House) -> None:
    """Five editions on one host: none of their banners stands on half of the host's pages."""
    for _ in range(8):
        for lang in ("en", "ru", "hy", "az", "ka"):
            house.store.count_page("one.example", lang, {f"banner-{lang}": Sighting(text="x", off=True)}, [])
    for lang in ("en", "ru", "hy", "az", "ka"):
        site = house.store.site("one.example", lang, [f"banner-{lang}", "banner-en"])
        assert site.pages == 8
        assert learned(site) == {f"banner-{lang}"}


async def test_a_page_that_is_hardly_more_than_its_blocks_is_matched_whole(house: House) -> None:
    """Where under 200 characters would be left, the article itself may have been taken for a block."""
    for number in range(1, 5):
        await publish(house, number, NEWS[number], BANNER)
    await publish(house, 5, "x" * 199, BANNER)
    assert told(house) == [1, 2, 3, 5]
    await publish(house, 6, NEWS[0], BANNER)
    assert told(house) == [1, 2, 3, 5, 6], "what such a page is about nobody knows: three in a row are over"


async def test_search_finds_what_the_rules_found(house: House) -> None:
    """Over keys, each article as it was matched: banners before they were learned, and not after."""
    for number in range(1, 10):
        own = ["Two prisoners came home."] if number in {6, 8} else []
        await publish(house, number, NEWS[number % 6], *own, BANNER)
    archive, analyser = ArchiveRows(house.path), stems()
    for query in ("prisoner", "campaign valley", "prisoner -campaign", "rain OR campaign"):
        node = parse(query)
        everything = archive.search(None, Filters(), before=None, limit=99)
        found = {one.id for one in everything if evaluate(node, read_article(one, analyser), analyser) is not None}
        proposed = {one.id for one in archive.search(to_fts(node, analyser, ["en"]), Filters(), before=None, limit=99)}
        assert found <= proposed
        if query == "prisoner":
            assert found == proposed == set(told(house)) == {1, 2, 3, 6, 8}
        if query == "prisoner -campaign":
            assert found == {6, 8}


async def test_what_its_feed_told_of_an_article_is_matched_whatever_its_site_repeats(house: House) -> None:
    """No page takes told words away, and no banner does."""
    for number in range(1, 5):
        await publish(house, number, NEWS[number], BANNER)
    house.visit(new(9, "Story 9", text=BANNER), now_minutes=30)
    assert told(house) == [1, 2, 3, 5]
    await read(house, 9, page(f"{NEWS[0]}\n\n{BANNER}", url="https://one.example/9"))
    assert told(house) == [1, 2, 3, 5]


async def test_a_changed_banner_is_no_edit_of_a_page_that_is_read_again(tmp_path: Path) -> None:
    """Neither a revision nor an update; the text stays as it was read."""
    site = feed("one", kind=SourceKind.SPIDER, spider="jamnews", revisit=Revisit.NEVER)
    house = House(tmp_path / "monitor.db", sources=(site,))
    for number in range(1, 9):
        await publish(house, number, NEWS[number % 6], f"The truce petition: {50 - number} days left.")
    for days in (30, 20):
        house.clock.advance(7200)
        house.visit(new(8, "Story 8", updated_at=house.clock.now()), now_minutes=200 - days)
        house.clock.advance(36000)
        await read(house, 8, page(f"{NEWS[2]}\n\nThe truce petition: {days} days left.", url="https://one.example/8"))
    assert house.rows("SELECT revision, text_state FROM articles WHERE id = 8") == [(0, "complete")]
    assert house.rows("SELECT count(*) FROM alerts WHERE revision > 0") == [(0,)]
    house.clock.advance(7200)
    house.visit(new(8, "Story 8", updated_at=house.clock.now()), now_minutes=300)
    house.clock.advance(36000)
    grown = f"{NEWS[2]}\n\nThe truce was signed.\n\nThe truce petition: 3 days left."
    await read(house, 8, page(grown, url="https://one.example/8"))
    assert house.rows("SELECT DISTINCT revision, kind FROM alerts WHERE article_id = 8") == [(1, "new")]
    assert house.rows("SELECT words FROM matches WHERE article_id = 8") == [
        (f'[["text", {len(NEWS[2]) + 6}, {len(NEWS[2]) + 11}, "truce", "truce"]]',)
    ]
    house.store.close()


def test_three_pages_are_enough_only_where_nothing_speaks_against_it() -> None:
    """Otherwise five, and half of those that were read since the first."""
    key = fingerprint(BANNER)

    def belongs(read: int, **counts: int) -> bool:
        block = Block(**{"pages": 5, "off": 0, "apart": 0, "since": 0} | counts)
        return learned(Site(pages=read, blocks={key: block})) == {key}

    assert belongs(3, pages=3, off=3, apart=3)
    assert not belongs(2, pages=2, off=2, apart=2)
    assert not belongs(4, pages=3, off=3, apart=3), "a page without it"
    assert not belongs(4, pages=4, off=4, apart=3), "a page that has a word of it, or where it reads otherwise"
    assert belongs(9, pages=5, off=5)
    assert not belongs(9, pages=9, off=4), "mostly on its topic"
    assert not belongs(40, pages=5, off=5), "a repeated background"
    assert belongs(40, pages=5, off=5, since=32), "a banner of today"


@pytest.mark.parametrize(
    ("paragraph", "about", "else_"),
    [
        pytest.param(REMINDER, MATTER, NEWS, id="en"),
        pytest.param(
            "Напомним, в Баку остаются 23 армянских военнопленных.",
            [
                (
                    "Министры иностранных дел Армении и Азербайджана два часа говорили в Женеве. В Баку и Ереване сообщили о"
                    " продвижении, но не назвали даты новой встречи. Комиссия до января рассмотрит карты границы и дорог."
                ),
                (
                    "Французский сенатор прилетела в Баку и попросила о встрече с армянскими пленниками. Ей отказали, сказала"
                    " она журналистам в аэропорту. Посольство намерено повторить просьбу до заседания совета, которое близко."
                ),
            ],
            [
                (
                    "Хлеб с понедельника подорожает на десять процентов, объявили пекари столицы. С весны выросли цены на муку,"
                    " газ и зарплаты, говорят в союзе. Супермаркеты обещали ещё неделю держать старые цены для покупателей."
                ),
                (
                    "В старом здании вокзала открылся музей деревянных игрушек. Большинство предметов сделала одна семья за"
                    " четыре поколения. Некоторые можно взять в руки, а дети до двенадцати лет по воскресеньям входят бесплатно."
                ),
            ],
            id="ru",
        ),
        pytest.param(
            "Հիշեցնենք, որ Բաքվում դեռ պահվում են 23 հայ ռազմագերիներ։",
            [
                (
                    "Հայաստանի և Ադրբեջանի արտգործնախարարները երկու ժամ զրուցեցին Ժնևում։ Բաքվում և Երևանում խոսեցին առաջընթացի"
                    " մասին, բայց նոր հանդիպման օր չնշեցին։ Հանձնաժողովը մինչև հունվար կուսումնասիրի սահմանի քարտեզները, ասվում է"
                    " հայտարարության մեջ, որը տարածվեց երեկոյան։"
                ),
                (
                    "Ֆրանսիացի սենատորը ժամանեց Բաքու և խնդրեց տեսակցել գերիների հետ, որոնք պահվում են այնտեղ։ Նրան մերժեցին,"
                    " ասաց նա լրագրողներին օդանավակայանում։ Դեսպանատունը մտադիր է կրկնել խնդրանքը մինչև խորհրդի նիստը, որը"
                    " մոտենում է։"
                ),
            ],
            [
                (
                    "Երկուշաբթի օրվանից հացը կթանկանա տասը տոկոսով, հայտարարեցին մայրաքաղաքի հացթուխները։ Գարնանից բարձրացել են"
                    " ալյուրի, գազի և աշխատավարձերի գները, ասում են միությունում։ Խանութները խոստացան ևս մեկ շաբաթ պահպանել հին"
                    " գները բոլոր գնորդների համար։"
                ),
            ],
            id="hy",
        ),
        pytest.param(
            "შეგახსენებთ, რომ ბაქოში კვლავ რჩება 23 სომეხი სამხედრო ტყვე.",
            [
                (
                    "სომხეთისა და აზერბაიჯანის საგარეო საქმეთა მინისტრები ჟენევაში ორი საათი საუბრობდნენ. ბაქოსა და ერევანში"
                    " პროგრესზე ლაპარაკობენ, თუმცა ახალი შეხვედრის თარიღი არ დაუსახელებიათ. სომეხი დიპლომატები ბაქოში იანვრამდე"
                    " ელოდებიან საზღვრის რუკებს და სამხედრო კომისიის დასკვნას."
                ),
            ],
            [
                (
                    "ორშაბათიდან პური ათი პროცენტით გაძვირდება, განაცხადეს დედაქალაქის მცხობელებმა. გაზაფხულიდან გაიზარდა ფქვილის,"
                    " გაზისა და ხელფასების ფასი, ამბობენ კავშირში. მაღაზიები მყიდველებს დაჰპირდნენ, რომ ერთი კვირა ძველ ფასებს"
                    " შეინარჩუნებენ."
                ),
            ],
            id="ka",
        ),
    ],
)
def test_a_paragraph_is_on_topic_where_the_rest_of_the_page_has_its_words(
    paragraph: str, about: Iterable[str], else_: Iterable[str]
) -> None:
    """In every language of the region: words by their beginnings, and names however short."""
    for text in about:
        assert not seen(f"{text}\n\n{paragraph}", paragraph).off, text
    for text in else_:
        assert seen(f"{text}\n\n{paragraph}", paragraph).off, text


def seen(text: str, paragraph: str, *, site: Site | None = None, **changes: object) -> Sighting:
    """Give how a paragraph with a keyword is counted on a page."""
    found = article(text=text, title="A", **changes)
    matches = [match(form="x", field="text", start=text.index(paragraph))]
    return sightings(found, matches, fingerprints(text), site or Site())[fingerprint(paragraph)]


def test_a_banner_in_two_parts_is_off_topic_in_both() -> None:
    """What the page before showed as well says nothing of what this one is about."""
    second = "The campaign for the prisoners has helped forty families of the valley."
    text = f"{NEWS[0]}\n\n{BANNER}\n\n{second}"
    assert not seen(text, BANNER).off
    before = Site(pages=1, last=frozenset(map(fingerprint, (NEWS[1], BANNER, second))))
    assert seen(text, BANNER, site=before) == Sighting(text=BANNER, off=True, apart=True)


def test_a_page_says_nothing_where_it_has_no_words_of_its_own() -> None:
    """The same article under a second address, or a page with a picture: neither on topic nor off it."""
    text = f"{NEWS[0]}\n\n{BANNER}"
    again = Site(pages=1, last=frozenset(fingerprints(text).values()))
    assert seen(text, BANNER, site=again) == Sighting(text=BANNER)
    assert seen(f"A picture.\n\n{BANNER}", BANNER) == Sighting(text=BANNER)


def test_a_paragraph_is_on_topic_where_its_rule_matches_the_rest_as_well() -> None:
    """A page about prisoners may use none of the paragraph's other words."""
    text = f"{NEWS[0]} Captives, too.\n\n{BANNER}"
    analyser = stems()

    def of(query: str) -> Sighting:
        rules = RuleSet([rule("r", query)], analyser)
        found: Article = article(text=text, title="A")
        matches: tuple[Match, ...] = rules.match(found, read_article(found, analyser))
        return sightings(found, matches, fingerprints(text), Site())[fingerprint(BANNER)]

    assert of("prisoner").off
    assert not of("prisoner OR captive").off


def test_only_paragraphs_with_keywords_are_counted_and_those_that_were_before() -> None:
    """A site has thousands of paragraphs; those that no rule asks for are of no interest."""
    text = "The road is open.\n\nHelp the prisoners."
    found = [match(form="prisoners", field="text", start=text.index("prisoners"))]
    prints = fingerprints(text)
    assert [one.text for one in sightings(article(text=text), found, prints, Site()).values()] == [
        "Help the prisoners."
    ]
    known = Site(pages=1, blocks={fingerprint("The road is open."): Block(pages=1, off=0, apart=0, since=0)})
    assert [one.text for one in sightings(article(text=text), [], prints, known).values()] == ["The road is open."]


def test_paragraphs_are_the_same_whatever_their_case_blanks_and_numbers() -> None:
    """A counter is the same banner; its stretch of the text is left out, and an edit is looked for in the rest."""
    key = fingerprint("Help  the PRISONERS: 12 days left")
    text = f"Help the prisoners: 3 days left\n\n{NEWS[0]}"
    assert left_out(text, fingerprints(text), {key}, matched=()) == ((0, 31),)
    assert left_out(text, fingerprints(text), {key}, matched={"Help the prisoners: 3 days left"}) == ()
    assert left_out(text, fingerprints(text), (), matched=()) == ()
    assert without(text, fingerprints(text), {key}) == NEWS[0]


def test_what_is_left_out_is_no_word_of_an_article() -> None:
    """Its places are those of the whole text, and a `-word` in it forbids nothing."""
    analyser: Analyser = stems()
    text = f"{BANNER}\n\nTwo prisoners came home."
    found = article(text=text, left_out=((0, len(BANNER)),))
    words = evaluate(parse("prisoner -campaign"), read_article(found, analyser), analyser)
    assert words is not None
    assert [(text[word.start : word.end], word.start > len(BANNER)) for word in words] == [("prisoners", True)]


def test_the_third_page_of_three_counts_only_letter_for_letter(house: House) -> None:
    """The store compares with the first sighting."""
    for text in ("12 days", "12 days", "11 days"):
        house.store.count_page("one.example", "en", {"k": Sighting(text=text, off=True, apart=True)}, ["k"])
    site = house.store.site("one.example", "en", ["k"])
    assert site == Site(pages=3, blocks={"k": Block(pages=3, off=3, apart=2, since=0)}, last=frozenset({"k"}))
    assert house.store.site("two.example", "en", ["k"]) == house.store.site("one.example", "ru", ["k"]) == Site()


def test_paragraphs_that_stay_alone_are_forgotten(house: House) -> None:
    """Most paragraphs with a keyword stand on one page of their site."""
    banner = Sighting(text="y")
    for number in range(300):
        house.store.count_page("one.example", "en", {f"once{number}": Sighting(text="x"), "banner": banner}, [])
    kept = house.rows("SELECT fingerprint FROM blocks")
    assert ("banner",) in kept
    assert len(kept) < 202


def test_a_page_of_thousands_of_paragraphs_with_keywords_leaves_no_thousands_of_rows(house: House) -> None:
    """What is counted of one page is bounded, and it is the store's own thread that counts."""
    seen = {f"k{number}": Sighting(text="x") for number in range(9000)}
    house.store.count_page("one.example", "en", seen, list(seen))
    assert house.rows("SELECT count(*), json_array_length(last) FROM blocks, sites") == [(2000, 2000)]
