"""Dates in feeds (case 107): right or none, never silently another day, on the outlet's clock where no zone is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.dates import from_text
from monitor.collect.parse import parse_feed
from monitor.normalise import normalise
from tests.factories import NOW, source

URL = "https://one.example/feed/"


def rss(date: str, channel: str = "", element: str = "pubDate") -> bytes:
    item = f"<item><title>T</title><{element}>{date}</{element}></item>"
    return f"<rss version='2.0'><channel>{channel}{item}</channel></rss>".encode()


def published(body: bytes, **outlet: str | None) -> datetime | None:
    return parse_feed(body, URL, None, NOW, **outlet).drafts[0].published_at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # What is no moment, and what no outlet can mean.
        ("0000-00-00T00:00:00Z", None), ("0001-01-01T00:00:00Z", None), ("9999-12-31T23:59:59Z", None), ("10000-01-01T00:00:00Z", None),
        ("Mon, 30 Nov -0001 00:00:00 +0000", None), ("Thu, 01 Jan 1970 00:00:00 GMT", None), ("2026-02-30", None), ("30 Feb 2026 10:00 GMT", None),
        ("31.02.2026", None), ("2026-11-24T25:00:00Z", None), ("Tue, 24 Nov 2026 10:00:00 +2500", None), ("Tue, 24 Nov 2026 10:00:00 +25:00", None),
        ("2026-11-24T10:00:00-25:00", None), ("٢٠٢٦-١١-٢٤", None), ("2026", None), ("2026-11", None), ("bu gün, 14:05", None), ("", None),
        # Numbers, leap seconds, parts of seconds.
        ("1700000000", "2023-11-14 22:13"), ("1700000000000", "2023-11-14 22:13"), ("1700000000.5", "2023-11-14 22:13"),
        ("2016-12-31T23:59:60Z", "2016-12-31 23:59"), ("2026-11-23T14:05:00.123456789Z", "2026-11-23 14:05"), ("20261123T140500Z", "2026-11-23 14:05"),
        # RFC 822 as it is written, without seconds, with zones that it does not know.
        ("Mon, 23 Nov 2026 14:05 +0400", "2026-11-23 10:05"), ("Mon, 23 Nov 2026 14:05:00 +04", "2026-11-23 10:05"),
        ("Mon, 23 Nov 2026 14:05:00 +4", "2026-11-23 10:05"), ("Mon, 23 Nov 2026 14:05:00 GMT+4", "2026-11-23 10:05"),
        ("Mon, 23 Nov 2026 14:05:00 UTC+04:00", "2026-11-23 10:05"), ("Mon, 23 Nov 2026 14:05:00 AZT", "2026-11-23 10:05"),
        ("Mon, 23 Nov 2026 14:05:00 MSK", "2026-11-23 11:05"), ("Mon, 23 Nov 2026 14:05:00 EST", "2026-11-23 19:05"),
        ("Mon,23 Nov 2026 14:05:00 +0400", "2026-11-23 10:05"), ("Monday, 23-Nov-26 14:05:00 GMT", "2026-11-23 14:05"),
        ("Mon, 23 Nov 2026 2:05:00 PM", "2026-11-23 14:05"), ("Mon Nov 23 14:05:00 2026", "2026-11-23 14:05"),
        # RFC 3339 and its relatives, and days as the region writes them.
        ("2026-11-23 14:05:00 +0400", "2026-11-23 10:05"), ("2026-11-23T14:05+04", "2026-11-23 10:05"), ("2026/1/10 14:33:00", "2026-01-10 14:33"),
        ("23.11.2026, 14:05", "2026-11-23 14:05"), ("14:05 23.11.2026", "2026-11-23 14:05"), ("23-11-2026 14:05", "2026-11-23 14:05"),
        ("21.02.2026 [19:22]", "2026-02-21 19:22"), ("23.11.2026", "2026-11-23 00:00"),
        # Armenian, Russian, Azerbaijani, Georgian, Turkish; weekdays before, words for the year behind.
        ("23 նոյեմբերի, 2026թ. 14:05", "2026-11-23 14:05"), ("երկուշաբթի, 23 նոյեմբերի 2026, 14:05", "2026-11-23 14:05"),
        ("Նոյեմբերի 23, 2026 14:05", "2026-11-23 14:05"), ("2026 թ. նոյեմբերի 23, 14:05", "2026-11-23 14:05"), ("5 Յունիս 2026 10:00", "2026-06-05 10:00"),
        ("понедельник, 23 ноября 2026 г., 14:05", "2026-11-23 14:05"), ("Пн, 23 ноя 2026 14:05:00 +0300", "2026-11-23 11:05"),
        ("5 сент. 2026 10:00", "2026-09-05 10:00"), ("5 мая 2026 10:00", "2026-05-05 10:00"),
        ("Bazar ertəsi, 23 Noyabr 2026 14:05", "2026-11-23 14:05"), ("2026-cı il 23 noyabr, 14:05", "2026-11-23 14:05"),
        ("B.e., 23 Noy 2026 14:05:00 +0400", "2026-11-23 10:05"), ("5 İyun 2026 10:00", "2026-06-05 10:00"),
        ("ორშაბათი, 23 ნოემბერი 2026, 14:05", "2026-11-23 14:05"), ("23 ნოემბერი, 2026 წლის 14:05", "2026-11-23 14:05"),
        ("2026 წლის 23 ნოემბერი, 14:05", "2026-11-23 14:05"), ("5 მაისს 2026 10:00", "2026-05-05 10:00"),
        ("23 Kasım 2026 Pazartesi, 14:05", "2026-11-23 14:05"), ("5 MAYIS 2026 10:00", "2026-05-05 10:00"),
    ],
)  # fmt: skip # a table
def test_case_107_a_date_is_right_or_none(text: str, expected: str | None) -> None:
    """feedparser makes the 2nd of March of the 30th of February, and 2010 of the year 10000."""
    found = published(rss(text))
    assert (found.strftime("%Y-%m-%d %H:%M") if found else None) == expected


@pytest.mark.parametrize("element", ["pubDate", "dc:date", "published", "updated", "dcterms:created", "PUBDATE"])
def test_a_date_is_found_in_every_element_that_outlets_put_it_in(element: str) -> None:
    assert published(rss("2026-11-23T14:05:00Z", element=element)) == datetime(2026, 11, 23, 14, 5, tzinfo=UTC)


def test_a_date_that_cannot_be_read_gives_way_to_one_that_can() -> None:
    item = "<item><title>T</title><pubDate>dünən</pubDate><dc:date>2026-11-23T10:00:00Z</dc:date></item>"
    body = f"<rss><channel xmlns:dc='http://purl.org/dc/elements/1.1/'>{item}</channel></rss>".encode()
    assert published(body) == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_case_107_a_date_more_than_a_day_ahead_is_none_and_the_article_is_as_old_as_its_fetch() -> None:
    """Trap 5: an entry may be dated after the feed that holds it."""
    soon, late = NOW + timedelta(hours=23), NOW + timedelta(hours=25)
    assert published(rss(soon.isoformat())) == soon
    draft = parse_feed(rss(late.isoformat()), URL, None, NOW).drafts[0]
    article = normalise(
        draft,
        source(),
        now=NOW,
        feed_language=None,
        detect=lambda *_: "en",
        baseline=False,
    )
    assert (article.published_at, article.first_seen_at) == (None, NOW)


@pytest.mark.parametrize(
    ("text", "country", "language", "moment"),
    [
        ("24 Nov 2026 10:00:00", "ge", None, "06:00"), ("2026-11-24T10:00:00", "am", None, "06:00"), ("24.11.2026 10:00", "az", "en", "06:00"),
        ("24.11.2026 10:00", None, "tr", "07:00"), ("24.11.2026 10:00", None, "ka-GE", "06:00"), ("24.11.2026 10:00", None, "en", "10:00"),
        ("Tue, 24 Nov 2026 10:00:00 GMT", "ge", None, "10:00"), ("Tue, 24 Nov 2026 10:00:00 -0000", "ge", None, "10:00"),
        ("2026-11-24", "ge", None, "00:00"), ("2026-11-24 00:00:00", "ge", None, "00:00"), ("24 Nov 2026 10:00 +04", "ru", None, "06:00"),
    ],
)  # fmt: skip # a table
def test_case_107_a_time_without_a_zone_is_on_the_outlets_clock(
    text: str, country: str | None, language: str | None, moment: str
) -> None:
    expected = datetime.fromisoformat(f"2026-11-24T{moment}Z")
    assert published(rss(text), country=country, language=language) == expected
    body = json.dumps({"items": [{"id": "1", "date_published": text}]}).encode()
    assert published(body, country=country, language=language) == expected


def test_case_107_a_feeds_own_language_tells_its_clock_where_nothing_else_does() -> None:
    body = rss("24 Nov 2026 10:00", "<language>hy-AM</language>")
    assert published(body) == datetime(2026, 11, 24, 6, tzinfo=UTC)


@given(st.text())
def test_no_date_makes_the_parser_fail(text: str) -> None:
    from_text(text, NOW)


@given(st.integers(1, 9999), st.integers(0, 13), st.integers(0, 32), st.integers(0, 61))
def test_a_moment_that_is_read_is_the_one_that_is_written(year: int, month: int, day: int, minute: int) -> None:
    text = f"{year:04}-{month:02}-{day:02}T10:{minute:02}:00Z"
    found = from_text(text, NOW)
    assert found is None or f"{found:%Y-%m-%dT%H:%M:%SZ}" == text
