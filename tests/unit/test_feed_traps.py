"""The traps that outlets of the region have set (shown in their feeds and pages), each with a sample of our own.

Those about identity (1, 2, 5, 14, 15, 19, 20) are in test_feed_identity.py, lists of outlets (18) in test_opml.py, what a
site repeats on its pages (16) in test_blocks.py, refusals (11) and feeds that are gone (12) in test_polling.py.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.collect.dates import from_text
from monitor.collect.parse import parse_feed
from monitor.errors import SourceError
from monitor.language import EXPECTED, Detector
from monitor.model import Draft, FullText, TextState
from monitor.normalise import normalise
from monitor.rules import try_query
from tests.factories import NOW, source
from tests.language_fixtures import stems

URL = "https://one.example/feed/"


def draft_of(item: str, *, head: str = "", channel: str = "") -> Draft:
    body = f'{head}<rss version="2.0"><channel>{channel}<item>{item}</item></channel></rss>'
    return parse_feed(body.encode(), URL, None, NOW).drafts[0]


def matches(query: str, text: str, lang: str) -> bool:
    (found,) = try_query(query, [text], lang=lang, analyser=stems(), detect=Detector(EXPECTED))
    return bool(found["matched"])


@pytest.mark.parametrize(
    "summary",
    [
        "&lt;![CDATA[ Hərbi əsirlər qayıtdı ]]&gt;", "&lt;![CDATA[<p>Hərbi əsirlər qayıtdı</p>]]&gt;",
        "<![CDATA[<![CDATA[Hərbi əsirlər qayıtdı]]]]><![CDATA[>]]>", "&lt;p&gt;&lt;![CDATA[Hərbi əsirlər qayıtdı]]&gt;&lt;/p&gt;",
    ],
)  # fmt: skip # a table
def test_trap_3_a_summary_in_an_escaped_cdata_section_is_not_lost(summary: str) -> None:
    """feedparser reads it as a declaration and gives an empty summary: a keyword in it would be missed in silence."""
    draft = draft_of(f"<title>T</title><description>{summary}</description>")
    assert draft.summary == "Hərbi əsirlər qayıtdı"


@pytest.mark.parametrize(
    "head", ["\n\n   ", "\ufeff\n", "<!-- made by hand -->\n", "\r\n<?xml version='1.0' encoding='UTF-8'?>\n"]
)
def test_trap_4_a_feed_without_declaration_after_blanks_is_read_and_empty_texts_want_the_page(head: str) -> None:
    draft = draft_of("<title>Əsirlər</title><link>https://one.example/1</link><description></description>", head=head)
    assert (draft.title, draft.summary, draft.text) == ("Əsirlər", "", None)
    article = normalise(
        draft, source(full_text=FullText.AUTO), now=NOW, feed_language=None, detect=Detector(EXPECTED), baseline=False
    )
    assert article.text_state is TextState.WANTED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 24 Nov 2026 10:00:00 +04", datetime(2026, 11, 24, 6, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 10:00 +0400", datetime(2026, 11, 24, 6, tzinfo=UTC)),
        ("24 Noyabr 2026 10:00", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("24 noyabr 2026, 10:00", datetime(2026, 11, 24, 10, tzinfo=UTC)),
    ],
)
def test_trap_6_short_zones_missing_seconds_and_azerbaijani_months_are_read(text: str, expected: datetime) -> None:
    assert from_text(text, NOW) == expected
    channel = "<lastBuildDate>Tue, 24 Nov 2026 01:40:00 +04</lastBuildDate>"
    assert draft_of(f"<title>T</title><pubDate>{text}</pubDate>", channel=channel).published_at == expected


@pytest.mark.parametrize(
    "title",
    [
        "<![CDATA[Boğazda gəmiyə&nbsp;hücum edilib]]>", "Boğazda gəmiyə&#160;hücum edilib", "Boğazda gəmiyə&amp;nbsp;hücum edilib",
        "<![CDATA[Boğazda gəmiyə&amp;nbsp;hücum edilib]]>", "Boğazda gəmiyə&nbsp;hücum edilib", "Boğazda gəmi&shy;yə hücum edilib",
    ],
)  # fmt: skip # a table
def test_trap_7_a_phrase_matches_across_an_entity_in_cdata(title: str) -> None:
    draft = draft_of(f"<title>{title}</title>")
    assert "&" not in draft.title
    assert matches('"gəmiyə hücum"', draft.title, "az")


@pytest.mark.parametrize(
    "title", ["<![CDATA[<![CDATA[ტყვეები დაბრუნდნენ]]]]><![CDATA[>]]>", "<![CDATA[<![CDATA[ტყვეები დაბრუნდნენ]]>]]>"]
)
def test_trap_8_cdata_within_cdata_is_opened(title: str) -> None:
    assert draft_of(f"<title>{title}</title>").title.removesuffix("]]>") == "ტყვეები დაბრუნდნენ"


@pytest.mark.parametrize(
    ("title", "declared", "spoken"),
    [
        ("სამხედრო ტყვეები სამშობლოში დაბრუნდნენ", "en-US", "ka"), ("Hərbi əsirlər vətənə qayıdıb", "en-us", "az"),
        ("Ռազմագերիները վերադարձել են հայրենիք", "ru", "hy"), ("Военнопленные вернулись на родину", "en-US", "ru"),
        ("Prisoners of war return home", "ka", "en"),
    ],
)  # fmt: skip # a table
def test_trap_9_a_language_that_is_declared_wrongly_is_not_believed(title: str, declared: str, spoken: str) -> None:
    body = f"<rss><channel><language>{declared}</language><item><title>{title}</title></item></channel></rss>"
    feed = parse_feed(body.encode(), URL, None, NOW)
    article = normalise(
        feed.drafts[0],
        source(language=None),
        now=NOW,
        feed_language=feed.language,
        detect=Detector(EXPECTED),
        baseline=False,
    )
    assert article.language == spoken


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_trap_10_an_enclosure_without_a_scheme_does_no_harm_and_a_link_takes_that_of_the_feed(scheme: str) -> None:
    picture = '<enclosure url="//files.one.example/a.jpg" type="image/jpeg" length="1"/>'
    body = f"<rss><channel><item><title>T</title>{picture}<link>//one.example/1</link></item><item>{picture}</item></channel></rss>"
    feed = parse_feed(body.encode(), f"{scheme}://one.example/feed", None, NOW)
    assert [draft.url for draft in feed.drafts] == [f"{scheme}://one.example/1", None]


@pytest.mark.parametrize(
    ("body", "error", "told"),
    [
        ("<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>", "challenge_page", "bot wall"),
        ("<html lang='az'><body><ul><li><a href='/1'>Xəbərlər</a></li></ul></body></html>", "not_a_feed", "HTML"),
        ("\n<HTML><HEAD><META HTTP-EQUIV='refresh' CONTENT='0'></HEAD></HTML>", "not_a_feed", "HTML"),
        ("<!doctype html><title>One</title><link rel='alternate' type='application/rss+xml' href='/rss'>", "not_a_feed", "HTML"),
    ],
)  # fmt: skip # a table
def test_traps_11_and_12_a_page_with_status_200_is_no_empty_feed(body: str, error: str, told: str) -> None:
    """An empty feed would be a good visit that found nothing, for ever."""
    with pytest.raises(SourceError, match=error) as raised:
        parse_feed(body.encode(), URL, "application/rss+xml", NOW)
    assert told in raised.value.detail


@pytest.mark.parametrize(
    ("query", "text", "lang"),
    [
        ("կրակելու", "Պայմանավորվել են չկրակել և կրակելnւ վերջ տալ", "hy"), ("ոչ", "Նրանք ասացին ո՛չ", "hy"), ("կա", "Հույս կա՞", "hy"),
        ('"խաղաղություն կա"', "Արդյոք խաղաղություն կա՞ այնտեղ", "hy"), ("военнопленных", "Обмен вoeннoплeнных", "ru"),
    ],
)  # fmt: skip # a table
def test_trap_17_look_alike_letters_and_marks_inside_armenian_words_hide_nothing(
    query: str, text: str, lang: str
) -> None:
    draft = draft_of(f"<title>{text}</title>")
    assert matches(query, draft.title, lang)
