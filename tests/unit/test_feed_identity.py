"""Which entries of feeds are one article, from the bytes of a feed to rows: visit after visit (cases 102 to 106)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.collect.limits import GUID
from monitor.collect.parse import parse_feed
from monitor.fulltext import text_state
from monitor.model import Draft, FullText, TextState
from monitor.urls import canonical_url, web_url
from tests.factories import NOW, source
from tests.unit.test_pipeline import House

URL = "https://one.example/feed/"
DATE = "Tue, 24 Nov 2026 12:00:30 GMT"
MIRROR = "https://d1abc2def3.cloudfront.net"
OTHER_MIRROR = "https://d9zyx8wvu7.cloudfront.net"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    sources = (
        source("one", outlet="One"), source("two"), source("mirror", outlet="One", url=f"{MIRROR}/feed"),
        source("moved", outlet="One", url=f"{OTHER_MIRROR}/feed"), source("else", url=f"{MIRROR}/other"),
    )  # fmt: skip # a table
    made = House(tmp_path / "monitor.db", sources=sources)
    yield made
    made.store.close()


def item(title: str = "Prisoners return", *, link: str = "", guid: str = "", date: str = DATE, more: str = "") -> str:
    parts = {"title": title, "link": link, "guid isPermaLink='false'": guid, "pubDate": date, "description": more}
    return f"<item>{''.join(f'<{name}>{text}</{name.split()[0]}>' for name, text in parts.items() if text)}</item>"


def show(house: House, *items: str, name: str = "one") -> int:
    """Have a source show entries; gives how many alerts came of it."""
    body = f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>"
    return house.visit(*parse_feed(body.encode(), URL, None, NOW).drafts, name=name)


def articles(house: House) -> int:
    ((number,),) = house.rows("SELECT count(*) FROM articles")
    assert isinstance(number, int)
    return number


@pytest.mark.parametrize("guid", ["one-for-all", "", "   "])
def test_case_102_a_guid_that_all_entries_share_or_lack_keeps_none_of_them_back(house: House, guid: str) -> None:
    """Trap 1: keyed by its guid, all but one entry of this feed would be lost."""
    entries = [
        item(f"Prisoners return {number}", link=f"https://one.example/{number}", guid=guid) for number in range(9)
    ]
    assert show(house, *entries[:8]) == 16
    assert show(house, *entries[:8]) == 0
    assert show(house, *entries) == 2
    assert articles(house) == 9


def test_case_102_two_of_many_entries_with_one_guid_are_both_there(house: House) -> None:
    entries = [item(f"Prisoners {n}", link=f"https://one.example/{n}", guid=str(max(n, 1))) for n in range(4)]
    assert show(house, *entries) == 8
    assert show(house, *entries) == 0


@pytest.mark.parametrize(
    ("link", "guid"),
    [
        ("http://one.example/a", "http://one.example/a"),
        ("https://one.example/a/", "https://one.example/a/"),
        ("https://www.one.example/a?utm_source=rss&amp;utm_medium=feed", "https://one.example/a?utm_campaign=x"),
        ("https://one.example/a#comments", "made anew today"),
        ("https://one.example:443/a?fbclid=1", ""),
    ],
)
def test_case_103_an_entry_whose_link_or_guid_flips_is_no_news(house: House, link: str, guid: str) -> None:
    assert show(house, item(link="https://one.example/a", guid="https://one.example/a")) == 2
    assert show(house, item(link=link, guid=guid)) == 0
    assert show(house, item(link="https://one.example/a", guid="https://one.example/a")) == 0
    assert articles(house) == 1


def test_case_103_an_entry_without_a_link_whose_guid_is_made_anew_is_known_by_title_and_time(house: House) -> None:
    assert show(house, item(guid="monday")) == 2
    assert show(house, item(guid="tuesday")) == 0


def test_case_104_guids_of_two_feeds_are_two_and_one_link_is_one_mail(house: House) -> None:
    assert show(house, item(link="https://one.example/1", guid="7")) == 2
    assert show(house, item("Prisoners held", link="https://two.example/1", guid="7"), name="two") == 2
    assert show(house, item(link="https://one.example/1", guid="https://one.example/feed/1"), name="two") == 0
    assert articles(house) == 2


def test_case_105_an_edit_is_silent_and_a_clock_in_the_text_is_none(house: House) -> None:
    assert show(house, item(link="https://one.example/1", guid="1", more="At 12:00 the prisoners came.")) == 2
    assert show(house, item(link="https://one.example/1", guid="1", more="At 12:01 the prisoners came.")) == 0
    assert show(house, item("Prisoners freed", link="https://one.example/1", guid="1")) == 0
    assert articles(house) == 1


def test_what_another_version_of_the_parser_reads_otherwise_is_no_edit_of_the_outlets(house: House) -> None:
    """An upgrade reads every feed once more: people must not be told of it as of news, but of what was not seen before."""
    entry = Draft(url="https://one.example/1", title="Truce &amp; peace", summary="They met.")
    house.visit(entry, parser="1")
    better = replace(entry, title="Truce & peace", summary="They met. Prisoners return.")
    assert house.visit(better, parser="2") == 2
    assert house.rows("SELECT rules, kind FROM alerts WHERE revision = 1") == [('["prisoners"]', "new")] * 2
    assert house.rows("SELECT title FROM articles") == [("Truce & peace",)]
    assert house.visit(replace(better, title="Truce and prisoners"), parser="2") == 2
    assert house.rows("SELECT rules, kind FROM alerts WHERE revision = 2") == [('["truce"]', "update")] * 2


def test_trap_15_a_title_that_says_it_was_updated_is_an_edit_and_no_new_article(house: House) -> None:
    """AZERTAC adds YENİLƏNİB, then YENİLƏNİB 2, to the titles of its articles."""
    for suffix in ("", " YENİLƏNİB", " YENİLƏNİB 2"):
        show(house, item(f"Prisoners return{suffix}", link="https://one.example/1"))
    assert articles(house) == 1
    assert house.rows("SELECT title FROM articles") == [("Prisoners return YENİLƏNİB 2",)]


def test_trap_2_entries_without_guids_are_known_by_link_and_without_links_by_title_and_time(house: House) -> None:
    entries = [item(link="https://one.example/1"), item("Prisoners held"), item("Prisoners held", date="")]
    assert show(house, *entries) == 6
    assert show(house, *entries) == 0


def test_trap_5_an_entry_dated_after_its_feed_is_neither_lost_nor_repeated(house: House) -> None:
    ahead = item(link="https://one.example/1", date="Tue, 24 Nov 2026 21:00:00 GMT")
    assert show(house, ahead) == 2
    assert (
        show(house, ahead, item("Prisoners held", link="https://one.example/2", date="Tue, 24 Nov 2026 12:30:00 GMT"))
        == 2
    )
    assert show(house, ahead) == 0


def test_trap_14_one_title_in_two_outlets_is_two_articles(house: House) -> None:
    """In doubt two: what makes them one story is not their title."""
    assert show(house, item(link="https://one.example/1")) == 2
    assert show(house, item(link="https://two.example/1"), name="two") == 2


def test_trap_19_an_article_on_a_mirror_of_its_outlet_is_the_same(house: House) -> None:
    """RFE/RL's pages stand under changing names of a delivery network too, where it is blocked."""
    assert show(house, item(link="https://one.example/a/331.html", guid="1")) == 2
    assert show(house, item(link=f"{MIRROR}/a/331.html", guid="x"), name="mirror") == 0
    assert show(house, item(link=f"{OTHER_MIRROR}/a/331.html", guid="y"), name="moved") == 0
    assert show(house, item("Prisoners held", link=f"{MIRROR}/a/332.html", guid="z"), name="mirror") == 2
    assert show(house, item("Prisoners held", link="https://one.example/a/332.html", guid="2")) == 0
    assert articles(house) == 2


def test_trap_19_of_an_outlet_on_several_hosts_nobody_can_tell_which_one_a_mirror_shows(tmp_path: Path) -> None:
    """Editions number their articles alike: an article taken for another one would be missed."""
    sources = tuple(
        source(name, outlet="One", url=f"{site}/feed")
        for name, site in {"en": "https://en.one.example", "hy": "https://hy.one.example", "mirror": MIRROR}.items()
    )
    house = House(tmp_path / "monitor.db", sources=sources)
    show(house, item(link=f"{MIRROR}/news/331", guid="1"), name="mirror")
    assert show(house, item("Prisoners held", link="https://hy.one.example/news/331", guid="2"), name="hy") == 2
    assert articles(house) == 2
    house.store.close()


def test_trap_19_a_delivery_networks_host_of_another_outlet_is_no_mirror(house: House) -> None:
    assert show(house, item(link="https://one.example/a/331.html", guid="1")) == 2
    assert show(house, item(link=f"{MIRROR}/a/331.html", guid="1"), name="else") == 2


@pytest.mark.parametrize(
    "spelling",
    [
        "https://one.example/ազատ/լուր$7", "https://one.example/%D5%A1%D5%A6%D5%A1%D5%BF/%D5%AC%D5%B8%D6%82%D6%80$7",
        "https://one.example/%d5%a1%d5%a6%d5%a1%d5%bf/%d5%ac%d5%b8%d6%82%d6%80%247", "http://ONE.example/ազատ/%D5%ACուր$7/",
    ],
)  # fmt: skip # a table
def test_trap_20_an_armenian_address_is_one_however_it_is_escaped(house: House, spelling: str) -> None:
    """Never escaped twice; the dollar sign of RFE/RL's codes stays."""
    show(house, item(link="https://one.example/ազատ/լուր$7"))
    assert show(house, item(link=spelling)) == 0
    opened = web_url(spelling)
    assert opened is not None
    assert "%25" not in opened
    assert web_url(opened) == opened
    assert canonical_url(opened) == "https://one.example/%D5%A1%D5%A6%D5%A1%D5%BF/%D5%AC%D5%B8%D6%82%D6%80$7"


def test_trap_20_a_georgian_address_with_a_percent_sign_of_its_own_keeps_it() -> None:
    assert (
        web_url("https://one.example/100%25-ტყვე") == "https://one.example/100%25-%E1%83%A2%E1%83%A7%E1%83%95%E1%83%94"
    )
    assert canonical_url("https://one.example/100%25-ტყვე") != canonical_url("https://one.example/100-ტყვე")


def ids(*told: object) -> list[str | None]:
    body = json.dumps({"items": [{"id": one, "title": "T"} for one in told]})
    return [draft.guid for draft in parse_feed(body.encode(), URL, None, NOW).drafts]


def test_case_106_an_id_has_a_limit_and_still_tells_entries_apart() -> None:
    long = "g" * 10_240
    one, other, again = ids(long + "1", long + "2", long + "1")
    assert one == again != other
    assert len(one or "") == GUID
    body = f"<rss><channel>{item(guid=long)}</channel></rss>".encode()
    assert len(parse_feed(body, URL, None, NOW).drafts[0].guid or "") == GUID


def test_case_106_ids_may_be_numbers_of_any_size_or_hold_what_is_no_text() -> None:
    told = [2**63, 9_007_199_254_740_993, 1.5, "a\0b", "  ", "", None, True, ["x"]]
    assert ids(*told) == [
        "9223372036854775808", "9007199254740993", "1.5", "ab", None, None, None, None, None
    ]  # fmt: skip # a table
    assert len(ids(10**4200)[0] or "") == GUID
    body = b'{"items": [{"id": 1' + b"0" * 6000 + b', "title": "T"}]}'
    assert parse_feed(body, URL, None, NOW).drafts[0].title == "T"


def test_case_106_what_has_neither_guid_nor_link_is_known_by_what_it_says(house: House) -> None:
    entries = [item(date="", more=f"Prisoners, part {number}") for number in range(3)]
    assert show(house, *entries) == 6
    assert show(house, *reversed(entries)) == 0
    assert articles(house) == 3


def test_case_106_titles_links_and_texts_have_limits() -> None:
    long = "x" * 200_000
    body = f"<rss><channel>{item(title=long, link=f'https://one.example/{long}', more=long)}</channel></rss>"
    draft = parse_feed(body.encode(), URL, None, NOW).drafts[0]
    assert (len(draft.title), draft.url, len(draft.summary)) == (1000, None, 65_536)


@pytest.mark.parametrize(
    "links",
    [
        ("https://one.example/#/news/1", "https://one.example/#/news/2"),
        ("https://one.example/#!/news/1", "https://one.example/#!/news/2"),
        ("https://one.example/?t=%CF%EB%E5%ED%ED%FB%E5", "https://one.example/?t=%CE%E1%F1%F2%F0%E5%EB"),
    ],
)
def test_articles_whose_addresses_differ_in_a_route_or_in_letters_of_windows_1251_are_two(
    house: House, links: tuple[str, str]
) -> None:
    entries = [item("Weather", link=links[0], guid="1"), item("Prisoners freed", link=links[1], guid="2")]
    assert show(house, *entries) == 2
    assert show(house, *entries) == 0
    assert articles(house) == 2


def numbered(minute: int, *titles: str) -> list[str]:
    """Give entries whose guids are their places in the feed."""
    return [
        item(
            title,
            link=f"https://one.example/{minute}/{place}",
            guid=str(place),
            date=f"Tue, 24 Nov 2026 12:{minute}:0{place} GMT",
        )
        for place, title in enumerate(titles, 1)
    ]


def test_case_102_guids_that_are_places_in_the_feed_overwrite_no_article(house: House) -> None:
    """One fetch does not show it: there each guid is there once."""
    assert show(house, *numbered(10, "Prisoners one", "Prisoners two")) == 4
    assert show(house, *numbered(20, "Prisoners three", "Prisoners four")) == 4
    assert show(house, *numbered(20, "Prisoners three", "Prisoners four")) == 0
    assert articles(house) == 4
    assert house.rows("SELECT max(revision) FROM articles") == [(0,)]
    assert house.rows("SELECT guids_unusable FROM source_state WHERE source = 'one'") == [(1,)]
    assert show(house, *numbered(30, "Prisoners five", "Prisoners four")) == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"link": "https://one.example/9"}, {"title": "Prisoners held"}, {"date": "Tue, 24 Nov 2026 13:00:00 GMT"},
        {"link": "https://one.example/9", "title": "Prisoners held"}, {"title": "Prisoners held", "date": ""},
        {"link": "https://one.example/9", "date": "Tue, 24 Nov 2026 13:00:00 GMT"}, {"link": "", "title": "Freed"},
    ],
)  # fmt: skip # a table
def test_a_guid_is_believed_while_address_title_or_time_is_the_same_too(house: House, changes: dict[str, str]) -> None:
    shown = {"title": "Prisoners return", "link": "https://one.example/1", "guid": "1", "date": DATE}
    assert show(house, item(**shown)) == 2
    assert show(house, item(**shown | changes)) == 0
    assert articles(house) == 1


HOME = "https://home.example/"
SECTION = "https://one.example/ru/news.php"


def linked(link: str, *numbers: int, guid: str = "g{}", date: str = "Tue, 24 Nov 2026 12:{:02}:00 GMT") -> list[str]:
    """Give entries, the newest first, that all have one link."""
    return [
        item(f"Prisoners, part {number}", link=link, guid=guid.format(number), date=date.format(number))
        for number in reversed(numbers)
    ]


@pytest.mark.parametrize("link", [HOME, f"{HOME}?utm_source=rss", SECTION, "https://one.example/news/"])
def test_entries_that_all_link_to_a_front_or_section_page_are_articles_of_their_own(house: House, link: str) -> None:
    for shown in ((1, 2, 3), (2, 3, 4, 5), (6, 7, 8), (9,)):
        show(house, *linked(link, *shown))
        assert show(house, *linked(link, *shown)) == 0
    assert articles(house) == 9
    assert house.rows("SELECT count(*) FROM alerts") == [(18,)]
    assert house.rows("SELECT max(revision) FROM articles") == [(0,)]


@pytest.mark.parametrize(("link", "guid"), [(HOME, ""), (HOME, "all"), (HOME, HOME), (SECTION, ""), (SECTION, SECTION)])
def test_without_guids_of_their_own_such_entries_are_known_by_title_and_time(
    house: House, link: str, guid: str
) -> None:
    for shown in ((1, 2, 3), (2, 3, 4, 5)):
        assert show(house, *linked(link, *shown, guid=guid)) > 0
        assert show(house, *linked(link, *shown, guid=guid)) == 0
    assert articles(house) == 5


def test_entries_that_have_but_a_title_and_the_front_page_are_known_by_what_they_say(house: House) -> None:
    for shown in ((1, 2, 3), (2, 3, 4)):
        assert show(house, *linked(HOME, *shown, guid="", date="")) > 0
        assert show(house, *linked(HOME, *shown, guid="", date="")) == 0
    assert articles(house) == 4


def test_entries_that_share_a_section_page_are_articles_of_their_own_one_after_the_other_too(house: House) -> None:
    for number in (1, 2, 3):
        assert show(house, *linked(SECTION, number)) == 2
        assert show(house, *linked(SECTION, number)) == 0
    assert show(house, *linked(SECTION, 1, 2, 3)) == 0


def test_an_entry_with_the_front_page_and_a_guid_made_anew_is_known_by_title_and_time(house: House) -> None:
    """(case 103)"""
    assert show(house, *linked(HOME, 1, guid="monday")) == 2
    assert show(house, *linked(HOME, 1, guid="tuesday")) == 0


def test_an_edit_of_an_entry_with_the_front_page_is_no_new_article(house: House) -> None:
    show(house, *linked(HOME, 1, 2))
    assert show(house, item("Prisoners, part 1, updated", link=HOME, guid="g1", date=DATE)) == 0
    assert articles(house) == 2


@pytest.mark.parametrize("link", ["https://one.example/", "https://one.example/news/"])
@pytest.mark.parametrize("anew", ["guid", "date", "both"])
def test_entries_with_a_front_page_whose_guid_or_time_is_that_of_the_fetch_are_told_once(
    house: House, link: str, anew: str
) -> None:
    def entry(title: str, visit: int) -> str:
        guid = f"{title} {visit}" if anew != "date" else ""
        date = f"Tue, 24 Nov 2026 12:{visit}0:{len(title)} GMT" if anew != "guid" else ""
        return item(title, link=link, guid=guid, date=date)

    told = [show(house, entry("Prisoners return", n), entry("More prisoners", n)) for n in range(4)]
    assert told == [4, 0, 0, 0]
    assert [show(house, entry("Prisoners return", n)) for n in (4, 5)] == [0, 0]


@pytest.mark.parametrize(
    ("then", "name"),
    [
        (item("Prisoners returned", link="https://one.example/politics/truce", guid="https://one.example/politics/truce"), "one"),
        (item("One: Prisoners return", link="https://one.example/politics/truce", guid="tag:planet,1"), "two"),
    ],
)  # fmt: skip # a table
def test_an_article_with_a_short_address_is_no_other_for_its_guid_is_that_address_or_another_sources(
    house: House, then: str, name: str
) -> None:
    before = "http://one.example/politics/truce"
    assert show(house, item(link=before, guid=before if name == "one" else "7")) == 2
    assert show(house, then, name=name) == 0
    assert articles(house) == 1


def test_one_entry_whose_title_address_and_time_are_edited_is_known_by_its_guid(house: House) -> None:
    """An Atom feed that tells but when an entry was edited last, and makes the address of the title."""
    assert show(house, item(link="https://one.example/1-a-b-c", guid="5")) == 2
    later = "Tue, 24 Nov 2026 13:00:00 GMT"
    assert show(house, item("Prisoners returned", link="https://one.example/1-d-e-f", guid="5", date=later)) == 0
    assert house.rows("SELECT guids_unusable FROM source_state WHERE source = 'one'") == [(0,)]


def test_posts_that_link_to_one_live_page_are_one_article(house: House) -> None:
    """Its address is that of an article: a number or several words. One alert, whatever the posts are called."""
    link = "https://one.example/2026/live-from-yerevan"
    assert show(house, *linked(link, 1)) == 2
    for upto in range(2, 9):
        assert show(house, *linked(link, *range(1, upto))) == 0
    assert articles(house) == 1


def test_a_front_page_in_a_list_of_addresses_is_one_article(house: House) -> None:
    for minute in range(3):
        house.visit(Draft(url=HOME, published_at=NOW + timedelta(minutes=minute)))
    assert articles(house) == 1


def test_the_page_of_an_entry_that_links_to_the_front_page_is_not_read_as_its_text() -> None:
    wanted = {
        url: text_state(Draft(url=url, title="Prisoners return"), source(full_text=FullText.ALWAYS))
        for url in (HOME, f"{HOME}1", f"{HOME}#/1")
    }
    assert list(wanted.values()) == [TextState.NONE, TextState.WANTED, TextState.WANTED]
    assert text_state(Draft(url=HOME), source(full_text=FullText.ALWAYS)) is TextState.WANTED
