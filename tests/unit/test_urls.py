from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.urls import canonical_url, check_fetch_url, host_of, is_front, is_root, web_url


@pytest.mark.parametrize(
    "url",
    [
        "/etc/passwd", "file:///etc/passwd", "ftp://example.org/", "data:text/html,x", "javascript:alert(1)",
        "gopher://example.org/", "http:\\\\example.org", "http://a@b@c/", "http://user:pw@example.org/",
        "http://example.org/\x00", "http://example.org/a b", "http://example.org:25/", "http://example.org:6379/",
        "http://example.org:99999/", "http://", "http://example.org/" + "a" * 3000, "",
    ],
)  # fmt: skip # a table
def test_what_is_no_web_address_is_refused(url: str) -> None:
    """(case 46)"""
    with pytest.raises(ValueError, match=r"\w"):
        check_fetch_url(url)


@pytest.mark.parametrize("url", ["http://example.org/", "https://example.org:8443/x?a=b", "http://127.0.0.1:40123/f"])
def test_web_addresses_are_accepted(url: str) -> None:
    check_fetch_url(url)


@pytest.mark.parametrize(
    "raw",
    [
        "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "\x01javascript:alert(1)", "data:text/html,x", "vbscript:x",
        "/\\evil.example", "javascript://youtube.example/%0Aalert(1)", "http:\\\\x", "", None, "http://[::1", "#\x00",
    ],
)  # fmt: skip # a table
def test_unsafe_links_are_no_links(raw: str | None) -> None:
    """(case 52)"""
    assert web_url(raw, "https://example.org/feed") is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("/a/b", "https://example.org/a/b"),
        ("//other.example/x", "https://other.example/x"),
        (" https://example.org/ա ", "https://example.org/%D5%A1"),
        ("https://example.org/%D5%A1", "https://example.org/%D5%A1"),
        ("https://example.org/api/z$k", "https://example.org/api/z$k"),
    ],
)
def test_links_become_absolute(raw: str, expected: str) -> None:
    assert web_url(raw, "https://example.org/feed/") == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.example.org/a/", "https://example.org/a"),
        ("https://example.org/a?utm_source=rss&b=1", "https://example.org/a?b=1"),
        ("https://example.org/a?b=1&a=2", "https://EXAMPLE.org:443/a?a=2&b=1"),
        ("https://example.org/%D5%B2%D5%A1", "https://example.org/ղա"),
        ("https://example.org/a#top", "https://example.org/a"),
        ("https://example.org/#/a/", "https://example.org/#/a"),
        ("https://example.org/#!/%d5%b2", "https://example.org/#!/ղ"),
        ("https://example.org/a#/", "https://example.org/a"),
        ("https://example.org/?t=%cf%eb", "https://example.org/?t=%CF%EB"),
        ("https://հայ.example/x", "https://xn--y9a3aq.example/x"),
    ],
)
def test_two_spellings_of_one_address_are_one(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a?id=1", "https://example.org/a?id=2"),
        ("https://example.org/a", "https://example.org/b"),
        ("https://example.org:8080/a", "https://example.org/a"),
        ("https://ru.example.org/a", "https://example.org/a"),
        ("https://example.org/#/news/1", "https://example.org/#/news/2"),
        ("https://example.org/#!/news/1", "https://example.org/#!/news/2"),
        ("https://example.org/#!news/1", "https://example.org/"),
        ("https://example.org/?t=%CF%EB%E5%ED%ED%FB%E5", "https://example.org/?t=%CE%E1%F1%F2%F0%E5%EB"),
    ],
)
def test_different_articles_keep_different_addresses(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@given(st.binary(max_size=12))
def test_bytes_of_a_query_are_kept_and_those_of_utf_8_as_ever(raw: bytes) -> None:
    """Windows-1251 above all: decoded, all its letters are one, and so were two articles."""
    key = canonical_url(f"https://example.org/?t={quote(raw, safe='')}")
    assert unquote_to_bytes(key.partition("=")[2].replace("+", " ")) == raw
    try:
        assert key == f"https://example.org/?{urlencode([('t', raw.decode())])}"
    except UnicodeDecodeError:
        assert canonical_url(key) == key


@given(
    st.from_regex(
        r"https?://[a-z]{1,8}\.org(/[a-z%0-9]{0,9}){0,3}(\?[a-z]{1,4}=[a-z0-9]{0,4})?(#!?/?[a-z/%0-9]{0,4})?",
        fullmatch=True,
    )
)
def test_the_canonical_form_is_its_own_canonical_form(url: str) -> None:
    assert canonical_url(canonical_url(url)) == canonical_url(url)


def test_an_impossible_host_stays_as_it_is() -> None:
    assert host_of("http://" + "ա" * 80 + ".example/") == "ա" * 80 + ".example"


@pytest.mark.parametrize(
    ("address", "root", "front"),
    [
        ("", True, True), ("/", True, True), ("/?utm_source=rss", True, True), ("/#top", True, True),
        ("/news/", False, True), ("/ru/index.html", False, True), ("/?lang=ru", False, True), ("/հայ", False, True),
        ("/top-news", False, True), ("/?p=1", False, False), ("/#/news", False, False), ("/news/1", False, False),
        ("/prisoners-of-war", False, False), ("/ru/a_b_c.html", False, False), ("/" + "a" * 25, False, False),
    ],
)  # fmt: skip # a table
def test_addresses_of_front_and_section_pages_have_no_number_and_few_words(
    address: str, *, root: bool, front: bool
) -> None:
    url = canonical_url(f"https://www.example.org{address}")
    assert (is_root(url), is_front(url)) == (root, front)
