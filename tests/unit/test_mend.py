"""What people's spiders yield: taken as it was surely meant, or named in one sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import pytest
from parsel import Selector

from monitor.collect.came import is_no_listing, is_no_map, what_came
from monitor.collect.crawl.mend import Mended, mended
from monitor.model import Draft

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAGE = "https://echo.example/latest/"
LINKS = Selector(text='<p><a href="/a/1">Snow <b>closes</b> the road</a><a href="/a/2">Other</a><i>Anna</i></p>')


def read(**fields: Any) -> Mended:
    return mended(Draft(**{"url": "https://echo.example/a/1"} | fields), join=lambda href: urljoin(PAGE, href), now=NOW)


def kept(**fields: Any) -> Draft:
    found = read(**fields)
    assert found.unclear == {}
    assert found.draft is not None
    return found.draft


@pytest.mark.parametrize(
    "url",
    [
        "https://echo.example/a/1",
        "  /a/1\n",
        "../a/1",
        ["/a/1"],
        LINKS.css("a::attr(href)")[0],
        LINKS.css("a::attr(href)")[:1],
        LINKS.css("a")[0],
        LINKS.css("a")[:1],
    ],
)
def test_an_address_may_be_a_text_a_selector_or_the_link_that_a_selector_found(url: object) -> None:
    assert kept(url=url).url == "https://echo.example/a/1"


@pytest.mark.parametrize("url", [None, "", "  ", [], LINKS.css("h1"), LINKS.css("h1::attr(href)"), [None]])
def test_a_row_without_an_address_is_dropped_without_a_word(url: object) -> None:
    assert read(url=url) == Mended(None, {})


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (LINKS.css("a::attr(href)"), "2 addresses, the first '/a/1'"),
        (["/a/1", "/a/2"], "2 addresses"),
        ("javascript:void(0)", "no web address"),
        ("http://[", "no web address"),
        ({"href": "/a/1"}, "a dict"),
        (7.5, "a float, 7.5"),
    ],
)
def test_an_unclear_address_drops_the_draft_and_is_named(url: object, told: str) -> None:
    found = read(url=url)
    assert found.draft is None
    assert found.unclear["url"].startswith("url is ")
    assert told in found.unclear["url"]
    assert "give one address" in found.unclear["url"]


@pytest.mark.parametrize(
    ("title", "line"),
    [
        (None, ""),
        ("Snow  closes\nthe road", "Snow closes the road"),
        (["Snow", "closes the road"], "Snow closes the road"),
        (LINKS.css("a")[0], "Snow closes the road"),
        (LINKS.css("a:first-child ::text"), "Snow closes the road"),
        (2026, "2026"),
    ],
)
def test_a_title_may_be_none_a_list_a_number_or_what_a_selector_found(title: object, line: str) -> None:
    assert kept(title=title).title == line


def test_other_words_are_joined_as_their_kind_wants() -> None:
    draft = kept(summary=["One.", "Two."], text=LINKS.css("a::text, i::text"), author=["Anna", "Nino"], guid=17)
    assert draft.summary == "One.\n\nTwo."
    assert draft.text == "Snow\n\nthe road\n\nOther\n\nAnna"
    assert (draft.author, draft.guid) == ("Anna, Nino", "17")
    draft = kept(summary=None, text=None, author=None, guid=None, language=None)
    assert (draft.summary, draft.text, draft.author, draft.guid, draft.language) == ("", None, None, None, None)


def test_words_that_are_none_are_named_and_the_draft_is_kept_without_them() -> None:
    found = read(title={"a": 1}, author=[1, 2])
    assert found.draft is not None
    assert (found.draft.title, found.draft.author) == ("", None)
    assert found.unclear.keys() == {"title", "author"}
    assert found.unclear["title"].startswith("title is a dict, {'a': 1}; give text")


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 24, 5, 30, tzinfo=UTC),
        datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=4))),
        datetime(2026, 11, 24, 5, 30),  # noqa: DTZ001 - what a person's spider may yield
        "2026-11-24T09:30+04:00",
        "Tue, 24 Nov 2026 05:30:00 GMT",
        "24 ноября 2026, 05:30",
        ["2026-11-24T05:30Z"],
        Selector(text='<time datetime="2026-11-24T05:30Z">').css("time::attr(datetime)"),
    ],
)
def test_a_time_may_be_a_datetime_or_a_text_that_can_be_read(moment: object) -> None:
    assert kept(published_at=moment, updated_at=moment).published_at == datetime(2026, 11, 24, 5, 30, tzinfo=UTC)


def test_case_107_a_time_without_a_zone_is_on_the_outlets_clock_and_a_day_is_the_same_everywhere() -> None:
    """Sitemaps, listings and people's spiders alike."""
    for told, expected in (
        (datetime(2026, 11, 24, 9, 30), datetime(2026, 11, 24, 5, 30, tzinfo=UTC)),  # noqa: DTZ001 - of a spider
        ("24.11.2026 09:30", datetime(2026, 11, 24, 5, 30, tzinfo=UTC)),
        ("24.11.2026", datetime(2026, 11, 24, tzinfo=UTC)),
        (datetime(2026, 11, 24, 9, 30, tzinfo=UTC), datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
    ):
        draft = Draft(url="/a/1", published_at=told)  # type: ignore[arg-type] # what a person's spider may yield
        found = mended(draft, join=lambda href: urljoin(PAGE, href), now=NOW, place=lambda: ZoneInfo("Asia/Tbilisi"))
        assert found.draft is not None
        assert found.draft.published_at == expected


def test_a_day_is_its_beginning_and_what_cannot_be_true_is_left_out() -> None:
    assert kept(published_at=date(2026, 11, 24)).published_at == datetime(2026, 11, 24, tzinfo=UTC)
    for moment in (None, "", "  ", datetime(2031, 1, 1, tzinfo=UTC), "1970-01-01"):
        assert kept(published_at=moment).published_at is None


@pytest.mark.parametrize("moment", ["yesterday", ["05:30", "today"], 7.5, {"at": 1}])
def test_a_time_that_cannot_be_read_is_named_and_the_draft_is_kept_without_it(moment: object) -> None:
    found = read(published_at=moment)
    assert found.draft is not None
    assert found.draft.published_at is None
    assert found.unclear["published_at"].startswith("published_at is a ")
    assert "give a datetime" in found.unclear["published_at"]


@pytest.mark.parametrize(
    ("body", "kind", "listing", "sitemap"),
    [
        (b"", "empty", False, True),
        (b"%PDF-1.7 \x00", "a PDF", False, False),
        (b"\x89PNG\r\n", "a picture", False, False),
        (b"\x1f\x8b\x08", "a gzip file", False, True),
        (b"PK\x03\x04", "a ZIP file", False, False),
        (b'\xef\xbb\xbf {"a": 1}', "JSON", False, False),
        (b"[]", "JSON", False, False),
        (b"<!DOCTYPE html><p>x", "HTML", True, False),
        (b"<!-- x --><div><a href=/>", "HTML", True, False),
        (b'<?xml version="1.0"?><!-- <html> --><s:urlset>', "a sitemap", False, True),
        (b"<sitemapindex>", "a sitemap", False, True),
        (b"<rss><channel><title>x</title>", "a feed", False, True),
        (b"<Error><Code>NoSuchKey</Code>", "XML, <error>", False, True),
        (b"https://echo.example/a/1\n", "text", True, True),
        (b"\x00\x01\x02", "something that is no text", False, True),
    ],
)
def test_what_came_is_named_whatever_its_server_calls_it(
    body: bytes, kind: str, *, listing: bool, sitemap: bool
) -> None:
    assert what_came(body) == kind
    assert (not is_no_listing(kind), not is_no_map(kind)) == (listing, sitemap)
