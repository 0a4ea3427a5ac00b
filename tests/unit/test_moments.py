"""When an article was published: pages of the shapes that outlets' systems give them, in six languages."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from monitor.collect.crawl.lines import source_line, source_of
from monitor.collect.extract import extract_page
from monitor.collect.loosedates import read_loosely
from monitor.collect.zones import zone_at
from monitor.model import Selectors
from tests.factories import source

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
URL = "https://outlet.example/news/return"
TITLE = "Prisoners return over the bridge"
BODY = "".join(
    f"<p>{text}</p>"
    for text in (
        "Thirty-two prisoners of war came home in the evening, the first to return since the ceasefire was signed, officials said.",
        "Peacekeepers led the buses over the bridge at the village, where families stood in the rain with flowers and photographs.",
        "A second exchange is expected before the end of the month, the mediators said in a statement that was read on the radio.",
    )
)
OTHERS = """<aside class="sidebar"><ul><li><time datetime="2026-11-25T11:48:00+04:00">11:48</time> <a href="/a">Flood in the valley</a></li></ul></aside>
<div class="news-list"><div class="news-item"><a href="/b">Parliament adopts the budget in the second reading</a><span class="date">25.11.2026, 11:30</span></div>
<div class="news-item"><a href="/c">Strike at the copper mine enters its third week</a><span class="date">25.11.2026, 10:20</span></div></div>
<div class="comments"><div class="comment"><b>Reader</b> <time datetime="2026-11-25T11:55:00+04:00">25.11.2026 11:55</time><p>So good to read this.</p></div></div>
<footer><p>© 2012–2026 The Outlet. Registered on 14.03.2012</p></footer>"""


def markup(shown: str = "", head: str = "", *, lang: str = "en", behind: str = OTHERS, title: str = TITLE) -> str:
    top = '<header><span class="clock">Wednesday, 25.11.2026 12:00</span></header>'
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title} | The Outlet</title>{head}</head>'
        f'<body>{top}<main><div class="story"><h1>{title}</h1>{shown}<div class="text">{BODY}</div></div></main>{behind}</body></html>'
    )


def jsonld(*nodes: dict[str, object], **fields: object) -> str:
    data: object = (
        {"@context": "https://schema.org", "@graph": list(nodes)} if nodes else {"@type": "NewsArticle", **fields}
    )
    return f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'


def minute(
    page: str, *, url: str = URL, country: str | None = None, now: datetime = NOW, **selectors: str
) -> str | None:
    draft = extract_page(
        page.encode(), url=url, content_type="text/html", selectors=Selectors(**selectors), now=now, country=country
    )
    return draft.published_at.strftime("%Y-%m-%dT%H:%M") if draft.published_at else None


@pytest.mark.parametrize(
    ("country", "url", "lang", "zone"),
    [
        ("ge", "https://a.example/", "en", "Asia/Tbilisi"), ("am", "https://a.example/", "ru", "Asia/Yerevan"), ("az", "https://a.ru/", "ru", "Asia/Baku"),
        ("ru", "https://a.example/", "en", "Europe/Moscow"), ("tr", "https://a.example/", None, "Europe/Istanbul"), ("ua", "https://a.example/", None, "Europe/Kyiv"),
        (None, "https://news.a.ge/x", "en", "Asia/Tbilisi"), (None, "https://a.am/x", "ru", "Asia/Yerevan"), (None, "https://a.az/x", None, "Asia/Baku"),
        (None, "https://a.com.tr/x", "en", "Europe/Istanbul"), (None, "https://a.ru:8443/x", "en", "Europe/Moscow"), (None, "https://a.xn--p1ai/x", None, "Europe/Moscow"),
        (None, "https://a.co.uk/x", "en", "Europe/London"), (None, "https://a.com/x", "hy", "Asia/Yerevan"), (None, "https://a.com/x", "ka", "Asia/Tbilisi"),
        (None, "https://a.net/x", "az", "Asia/Baku"), (None, "https://a.tv/x", "tr", "Europe/Istanbul"),
        # What tells nothing: several zones, a domain for anybody, a language of many countries.
        ("us", "https://a.com/x", "en", None), (None, "https://a.io/x", "en", None), (None, "https://a.org/x", "fr", None), ("zz", "https://a.com/x", "qqq", None),
        (None, "https://93.184.216.34/x", None, None),
    ],
)  # fmt: skip # a table
def test_the_zone_is_that_of_the_country_the_domain_or_the_language(
    country: str | None, url: str, lang: str | None, zone: str | None
) -> None:
    """In that order; where several zones are possible none is given."""
    found = zone_at(country, url, lang)
    assert (found.key if found else None) == zone


@pytest.mark.parametrize("where", ["shown", "jsonld", "meta", "time", "microdata"])
def test_a_time_without_a_zone_is_read_on_the_clock_of_its_country(where: str) -> None:
    """Wherever the page says it; without any clue it is UTC."""
    naive = "2026-11-25T14:05:00"
    shown, head = {
        "shown": ('<div class="date">25.11.2026, 14:05</div>', ""),
        "jsonld": ("", jsonld(headline=TITLE, datePublished=naive)),
        "meta": ("", f'<meta property="article:published_time" content="{naive}">'),
        "time": (f'<time datetime="{naive}">x</time>', ""),
        "microdata": (f'<span itemprop="datePublished" content="{naive}"></span>', ""),
    }[where]
    page = markup(shown, head, behind="")
    assert minute(page, country="ge") == "2026-11-25T10:05"
    assert minute(page, country="tr") == "2026-11-25T11:05"
    assert minute(page, url="https://outlet.am/news/return") == "2026-11-25T10:05"
    assert minute(page) == "2026-11-25T14:05"


def test_summer_time_is_that_of_the_day_of_the_article() -> None:
    """Not that of the day on which it is read."""
    assert minute(markup("<p>15.07.2026, 14:05</p>", behind=""), country="ua") == "2026-07-15T11:05"
    assert minute(markup("<p>15.11.2026, 14:05</p>", behind=""), country="ua") == "2026-11-15T12:05"


@pytest.mark.parametrize(
    "stated", ["2026-11-25T14:05:00Z", "2026-11-25T14:05:00+00:00", "Wed, 25 Nov 2026 14:05:00 GMT"]
)
def test_what_is_called_utc_stays_utc(stated: str) -> None:
    """Whatever the country; readers are shown the local hour beside it."""
    head = f'<meta property="article:published_time" content="{stated}">'
    assert minute(markup('<div class="date">25.11.2026, 18:05</div>', head), country="ge") == "2026-11-25T14:05"


def test_an_offset_on_the_page_goes_before_the_country() -> None:
    """An outlet may write for another place than its own."""
    head = jsonld(datePublished="2026-11-25 14:05", dateModified="2026-11-25T15:00:00+01:00")
    assert minute(markup(head=head), country="ge") == "2026-11-25T13:05"


def test_a_statement_without_a_zone_is_utc_where_readers_are_shown_the_local_hour_of_it() -> None:
    """Some systems state UTC and leave the Z out."""
    head = jsonld(headline=TITLE, datePublished="2026-11-25T08:05:00")
    assert minute(markup('<div class="date">25.11.2026, 12:05</div>', head), country="ge") == "2026-11-25T08:05"
    assert minute(markup('<div class="date">25.11.2026, 08:05</div>', head), country="ge") == "2026-11-25T04:05"


def test_a_day_stays_the_day_that_is_written() -> None:
    """A day has no zone: midnight at the outlet would be the day before."""
    assert minute(markup("<p>25.11.2026</p>", behind=""), country="ge") == "2026-11-25T00:00"
    assert minute(markup(head=jsonld(datePublished="2026-11-24"), behind=""), country="ge") == "2026-11-24T00:00"
    assert minute(markup(behind=""), url="https://outlet.ge/2026/11/23/return") == "2026-11-23T00:00"


LOOSE = [
    ("25.11.26 14:05", "2026-11-25T14:05"), ("14:05 • 24.11.26", "2026-11-24T14:05"), ("24/11/26, 14:05", "2026-11-24T14:05"), ("11/24/26 02:05 PM", "2026-11-24T14:05"),
    ("24.11.26", "2026-11-24"),
    # Without a year: the nearest past.
    ("25 November, 14:05", "2026-11-25T14:05"), ("Nov 24, 2:05 pm", "2026-11-24T14:05"), ("Published: November 24 at 14:05", "2026-11-24T14:05"), ("25th November", "2026-11-25"),
    ("25 ноября, 14:05", "2026-11-25T14:05"), ("14:05, 24 ноября", "2026-11-24T14:05"), ("Опубликовано: 24 ноября в 14:05", "2026-11-24T14:05"), ("24 ноября, вторник", "2026-11-24"),
    ("31 декабря, 23:10", "2025-12-31T23:10"), ("24 нոյեմբերի, 14:05".replace("н", "ն"), "2026-11-24T14:05"), ("Նոյեմբերի 24, 14:05", "2026-11-24T14:05"),
    ("24 noyabr, 14:05", "2026-11-24T14:05"), ("24 ნოემბერი, 14:05", "2026-11-24T14:05"), ("24 ნოემბრის, 14:05", "2026-11-24T14:05"), ("24 Kasım, 14:05", "2026-11-24T14:05"),
    ("24.11, 14:05", "2026-11-24T14:05"), ("14:05 24/11", "2026-11-24T14:05"), ("29 февраля, 14:05", "2024-02-29T14:05"),
    # Today and yesterday.
    ("Today at 14:05", "2026-11-25T14:05"), ("Today, 2:05 pm", "2026-11-25T14:05"), ("14:05, yesterday", "2026-11-24T14:05"), ("Yesterday at 14:05", "2026-11-24T14:05"),
    ("Сегодня, 14:05", "2026-11-25T14:05"), ("сегодня в 14:05", "2026-11-25T14:05"), ("Вчера, 14:05", "2026-11-24T14:05"), ("Вчера в 14.05", "2026-11-24T14:05"),
    ("Այսօր, 14:05", "2026-11-25T14:05"), ("14:05 այսօր", "2026-11-25T14:05"), ("Երեկ, 14:05", "2026-11-24T14:05"), ("Bu gün, 14:05", "2026-11-25T14:05"), ("Dünən 14:05", "2026-11-24T14:05"),
    ("Bugün 14:05", "2026-11-25T14:05"), ("Dün 14:05", "2026-11-24T14:05"), ("დღეს 14:05", "2026-11-25T14:05"), ("გუშინ, 14:05", "2026-11-24T14:05"),
    # So long ago: days to the day, hours and minutes as far as they go.
    ("2 hours ago", "2026-11-25T14:00"), ("an hour ago", "2026-11-25T15:00"), ("15 minutes ago", "2026-11-25T15:45"), ("3 days ago", "2026-11-22"), ("2 часа назад", "2026-11-25T14:00"),
    ("час назад", "2026-11-25T15:00"), ("15 минут назад", "2026-11-25T15:45"), ("3 дня назад", "2026-11-22"), ("2 ժամ առաջ", "2026-11-25T14:00"), ("3 օր առաջ", "2026-11-22"),
    ("2 saat əvvəl", "2026-11-25T14:00"), ("2 saat önce", "2026-11-25T14:00"), ("3 gün əvvəl", "2026-11-22"), ("2 საათის წინ", "2026-11-25T14:00"), ("3 დღის წინ", "2026-11-22"),
    # What is none: sentences, events to come, other numbers.
    ("announced on Sept. 30", None), ("12 juniors, 14:05", None), ("30 ноября, 19:00", None), ("Today", None), ("Version 2.10.26.4", None), ("25.13.26 14:05", None), ("30 февраля, 14:05", None),
    ("32 prisoners", None), ("24.11.31 14:05", None), ("today 25:61", None), ("5 comments", None), ("10.0.0.26", None), ("The talks that began on 24 November at 14:05 went on into the night, he said", None),
]  # fmt: skip # a table


@pytest.mark.parametrize(("text", "moment"), LOOSE)
def test_dates_for_readers_of_the_day_are_read(text: str, moment: str | None) -> None:
    """Beside local time: it is Wednesday afternoon at the outlet; a day without a minute is a day."""
    local = datetime(2026, 11, 25, 16, tzinfo=zone_at("ge", URL, None))
    found = read_loosely(text, local)
    written = None
    if found is not None:
        day_only = not found.minute and (found.moment.hour, found.moment.minute) == (0, 0)
        written = found.moment.strftime("%Y-%m-%d" if day_only else "%Y-%m-%dT%H:%M")
    assert written == moment


@pytest.mark.parametrize(
    ("lang", "shown", "expected"),
    [
        ("en", "Today at 14:05", "2026-11-25T10:05"), ("ru", "Вчера, 14:05", "2026-11-24T10:05"), ("hy", "14:05 • 24.11.26", "2026-11-24T10:05"),
        ("az", "Bu gün, 14:05", "2026-11-25T10:05"), ("ka", "დღეს 14:05", "2026-11-25T10:05"), ("tr", "24 Kas, 14:05", "2026-11-24T10:05"), ("en", "2 hours ago", "2026-11-25T10:00"),
    ],
)  # fmt: skip # a table
def test_a_page_that_shows_such_a_date_has_its_minute(lang: str, shown: str, expected: str) -> None:
    """On the outlet's clock, and whatever other articles on the page say of themselves."""
    assert minute(markup(f'<div class="date">{shown}</div>', lang=lang), country="ge") == expected


def test_today_is_the_day_at_the_outlet() -> None:
    """At ten in the evening in London it is tomorrow in Tbilisi."""
    late = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)
    assert minute(markup("<p>Today, 01:10</p>", behind=""), country="ge", now=late) == "2026-11-25T21:10"
    assert minute(markup("<p>Yesterday, 23:10</p>", behind=""), country="ge", now=late) == "2026-11-25T19:10"


def test_a_persons_selector_for_the_date_reads_such_dates_too() -> None:
    """What a person points at is read in every way there is."""
    page = markup('<p>1.11.2026 10:00</p><b id="when">Сегодня, 14:05</b>', lang="ru")
    assert minute(page, country="am", date="#when") == "2026-11-25T10:05"


def test_a_day_and_a_clock_in_boxes_of_their_own_belong_together() -> None:
    """As the systems of many small outlets write them, without a blank between."""
    shown = '<div class="meta"><span class="d">24.11.2026</span><span class="t">14:05</span></div>'
    assert minute(markup(shown), country="am") == "2026-11-24T10:05"


SHAPES = {
    "wordpress with yoast": (
        "",
        jsonld(
            {"@type": "Article", "@id": f"{URL}#article", "isPartOf": {"@id": URL}, "headline": TITLE, "datePublished": "2026-11-24T10:05:00+00:00", "dateModified": "2026-11-25T07:00:00+00:00"},
            {"@type": "WebPage", "@id": URL, "url": URL, "datePublished": "2026-11-24T10:05:00+00:00"},
            {"@type": "WebSite", "name": "The Outlet"},
        ) + '<meta property="article:modified_time" content="2026-11-25T07:00:00+00:00">',
    ),
    "wordpress without": ('<div class="entry-meta">Posted on <a href="/news/return" rel="bookmark"><time class="entry-date published" datetime="2026-11-24T14:05:00+04:00">24.11.2026</time><time class="updated" datetime="2026-11-25T11:00:00+04:00">25.11.2026</time></a></div>', ""),
    "drupal": ('<div class="submitted"><span property="schema:dateCreated" content="2026-11-24T14:05:00+04:00">Tue, 11/24/2026 - 14:05</span></div>', '<meta name="dcterms.date" content="2026-11-24T14:05:00+04:00">'),
    "drupal, shown only": ('<div class="node__meta">Submitted by <span>editor</span> on Tue, 24/11/2026 - 14:05</div>', ""),
    "bitrix": ('<div class="news-detail"><span class="news-date-time">24.11.2026 14:05:00</span></div>', ""),
    "bitrix with microdata": ('<span itemprop="datePublished" content="2026-11-24T14:05">24 ноября</span><span itemprop="dateModified" content="2026-11-25T11:00"></span>', ""),
    "blocks": ('<ul class="info"><li>Politics</li><li>24 November 2026</li><li>14:05</li></ul>', ""),
    "published and updated": ("<p>Published 24.11.2026, 14:05 | Updated 25.11.2026, 11:00</p>", ""),
    "updated first": ("<p>Updated: 25.11.2026, 11:00</p><p>Published: 24.11.2026, 14:05</p>", ""),
    "a clock first": ("<div class='time'>14:05, 24 November 2026</div>", ""),
    "a day in data, the minute shown": ("<p>24.11.2026, 14:05</p>", jsonld(headline=TITLE, datePublished="2026-11-24")),
    "a title for those who point at it": ('<abbr class="published" title="2026-11-24T14:05:00+04:00">Tuesday</abbr>', ""),
    "seconds for a script": ('<span data-timestamp="1795514700">Tuesday</span>', ""),
    "capitals": ("<p>24 NOVEMBER 2026, 14:05</p>", ""),
    "scripts that tell seconds": ("<time datetime='1795514700'>24 Nov</time>", '<meta name="publish-date" content="1795514700">'),
}  # fmt: skip # a table


@pytest.mark.parametrize("shape", SHAPES)
def test_the_moment_is_found_in_the_shapes_of_outlets_systems(shape: str) -> None:
    """Publication, not change; the article's, not that of others, of comments, of the page's clock or its copyright."""
    shown, head = SHAPES[shape]
    assert minute(markup(shown, head), country="ge") == "2026-11-24T10:05"


def test_where_only_others_have_moments_the_article_has_none() -> None:
    """No minute is better than that of another article."""
    assert minute(markup("<p>24.11.2026</p>"), country="ge") == "2026-11-24T00:00"
    assert minute(markup(), url="https://outlet.example/2026/11/25/return", country="ge") == "2026-11-25T00:00"


def test_the_only_moment_on_a_page_is_its_own_wherever_it_stands() -> None:
    """Nothing else is left to say whose it would be."""
    shown = '<div><a href="/authors/anna">Read all that our correspondent has written</a><span>24.11.2026, 14:05</span></div>'
    assert (
        minute(
            markup(shown, behind="").replace('<span class="clock">Wednesday, 25.11.2026 12:00</span>', ""), country="ge"
        )
        == "2026-11-24T10:05"
    )


def test_a_page_whose_first_headline_is_its_logo_is_read_by_the_articles_own() -> None:
    """What follows the logo is the menu with its newest articles."""
    newest = "".join(f"<li><a href='/{n}'>Short news {n}</a> <span>{n} hours ago</span></li>" for n in range(2, 9))
    page = markup("<p>24.11.2026, 14:05</p>", behind="").replace(
        "<main>", f"<h1><a href='/'>The Outlet</a></h1><ul>{newest}</ul><main>"
    )
    assert minute(page, country="ge") == "2026-11-24T10:05"


def test_a_clock_alone_is_that_of_a_day_known_otherwise() -> None:
    """By the address or by data; several are those of several things, and the length of a film is none."""
    own = '<span class="article-time">14:05</span>'
    url = "https://outlet.example/2026/11/24/return"
    assert minute(markup(own), url=url, country="ge") == "2026-11-24T10:05"
    assert minute(markup(own, jsonld(headline=TITLE, datePublished="2026-11-24T00:00:00+04:00"))) == "2026-11-24T10:05"
    assert minute(markup(own + '<span class="event-time">19:30</span>'), url=url, country="ge") == "2026-11-24T00:00"
    assert minute(markup('<span class="video-time">14:05</span>'), url=url, country="ge") == "2026-11-24T00:00"


@pytest.mark.parametrize(
    ("lang", "shown"),
    [
        ("tr", "24 KASIM 2026, 14:05"), ("az", "24 NOYABR 2026, 14:05"), ("ru", "24 НОЯБРЯ 2026 г., 14:05"), ("hy", "24 ՆՈՅԵՄԲԵՐԻ 2026, 14:05"), ("az", "24 noyabr 2026-cı il, 14:05"),
        ("ka", "24 ნოემბრის 2026, 14:05"), ("ru", "Вт, 24 ноября 2026 года в 14:05"), ("az", "24.11.2026 [14:05]"),
    ],
)  # fmt: skip # a table
def test_months_are_read_in_capitals_and_in_their_cases(lang: str, shown: str) -> None:
    """A dotless I in lower case included."""
    assert (
        minute(markup(f"<p>{shown}</p>", lang=lang), url="https://outlet.ge/news/1", country="ge") == "2026-11-24T10:05"
    )


def test_a_turkic_capital_i_is_an_i() -> None:
    """Python's lower case puts a dot of its own behind it."""
    assert minute(markup("<p>24 İYUL 2026, 14:05</p>", lang="az"), country="az") == "2026-07-24T10:05"
    assert minute(markup("<p>24 HAZİRAN, 14:05</p>", lang="tr"), country="tr") == "2026-06-24T11:05"


def test_comments_and_list_items_in_microdata_are_others() -> None:
    """Their properties have the same names as the article's."""
    comment = '<div itemscope itemprop="comment" itemtype="https://schema.org/Comment"><i itemprop="datePublished" content="2026-11-25T11:00:00+04:00"></i></div>'
    own = '<div itemscope itemtype="https://schema.org/NewsArticle"><i itemprop="datePublished" content="2026-11-24T14:05:00+04:00"></i></div>'
    item = '<div itemscope itemprop="itemListElement"><i itemprop="datePublished" content="2026-11-25T09:00:00+04:00"></i></div>'
    assert minute(markup(comment + item + own)) == "2026-11-24T10:05"


ENTRIES = [
    {"@type": "BlogPosting", "headline": f"Entry {n}", "datePublished": f"2026-11-25T1{n}:30:00+04:00", "articleBody": "Buses arrive.", "url": f"{URL}#{n}"}
    for n in (1, 0)
]  # fmt: skip # a table
SHOWN_ENTRIES = "".join(
    f'<div class="entry"><time datetime="2026-11-25T1{n}:30:00+04:00">1{n}:30</time><p>Buses arrive.</p></div>'
    for n in (1, 0)
)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (jsonld({"@type": "LiveBlogPosting", "headline": TITLE, "datePublished": "2026-11-25T09:00:00+04:00", "liveBlogUpdate": ENTRIES}), "2026-11-25T05:00"),
        (jsonld({"@type": "LiveBlogPosting", "headline": TITLE, "coverageStartTime": "2026-11-25T08:40:00+04:00", "liveBlogUpdate": ENTRIES}), "2026-11-25T04:40"),
        (jsonld(*ENTRIES, {"@type": "LiveBlogPosting", "headline": TITLE, "url": URL, "datePublished": "2026-11-25T09:00:00+04:00"}), "2026-11-25T05:00"),
        (jsonld(*ENTRIES, {"@type": "LiveBlogPosting", "headline": TITLE}, {"@type": "NewsArticle", "url": URL, "datePublished": "2026-11-25T09:00:00+04:00"}), "2026-11-25T05:00"),
        (jsonld({"@type": "LiveBlogPosting", "headline": TITLE, "datePublished": "2026-11-25", "liveBlogUpdate": ENTRIES}), "2026-11-25T00:00"),
        (jsonld(*ENTRIES, {"@type": "NewsArticle", "url": URL, "datePublished": "2026-11-25T09:00:00+04:00"}), "2026-11-25T05:00"),
    ],
    ids=["own", "coverage", "entries beside", "an article beside", "a day", "no live blog named"],
)  # fmt: skip # a table
def test_a_live_blog_is_as_old_as_its_page_and_not_as_its_newest_entry(head: str, expected: str) -> None:
    """What its entries say of themselves, in data or to readers, is not asked."""
    assert minute(markup(SHOWN_ENTRIES, head, behind="")) == expected


def test_entries_that_are_marked_as_such_are_never_the_moment() -> None:
    """A live blog that states nothing in data has the day of its address."""
    shown = f'<div class="live-blog__list">{SHOWN_ENTRIES}</div>'
    assert minute(markup(shown, behind=""), url="https://outlet.example/2026/11/25/live") == "2026-11-25T00:00"


def test_the_country_goes_with_a_source_to_where_pages_are_read() -> None:
    """The line to the child names it."""
    assert source_of(source_line(source(country="ge"))).country == "ge"
    assert source_of(source_line(source())).country is None
