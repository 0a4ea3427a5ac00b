"""What bytes say, whatever is said of them (case 108): a table of bodies, each as a feed, a JSON feed and a page."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.charset import decode
from monitor.collect.codepages import table_of
from monitor.collect.extract import extract_page
from monitor.collect.parse import parse_feed
from monitor.model import Selectors
from tests.factories import NOW

URL = "https://one.example/a"
RUSSIAN = "Тридцать два военнопленных вернулись домой в понедельник вечером, сообщили журналистам на границе."
ARMENIAN = "Երեսուներկու ռազմագերի վերադարձել է հայրենիք երկուշաբթի երեկոյան, հայտնեցին սահմանին լրագրողներին։"
GEORGIAN = "ოცდათორმეტი სამხედრო ტყვე ორშაბათს საღამოს დაბრუნდა სამშობლოში, განუცხადეს საზღვარზე ჟურნალისტებს."
AZERBAIJANI = "Otuz iki hərbi əsir bazar ertəsi axşam vətənə qayıtdı, sərhəddə jurnalistlərə belə dedilər."
TURKISH = "Otuz iki savaş esiri pazartesi akşamı yurda döndü, sınırda gazetecilere böyle söylediler."
FRENCH = "Trente-deux prisonniers sont rentrés chez eux lundi soir, a-t-on déclaré à la frontière."
# text, its encoding, what the document says of itself, what the server says
TABLE = [
    (RUSSIAN, "cp1251", "", ""), (RUSSIAN, "koi8-r", "", ""), (RUSSIAN, "cp866", "", ""),
    (RUSSIAN, "cp1251", "utf-8", ""), (RUSSIAN, "koi8-r", "utf-8", "utf-8"), (RUSSIAN, "cp1251", "koi8-r", ""),
    (RUSSIAN, "koi8-r", "windows-1251", ""), (RUSSIAN, "cp1251", "", "iso-8859-1"), (RUSSIAN, "utf-8", "windows-1251", "windows-1251"),
    (GEORGIAN, "utf-16", "utf-16", ""), (ARMENIAN, "utf-16-le", "", ""), (AZERBAIJANI, "utf-16-be", "utf-8", ""),
    (GEORGIAN, "utf-32-le", "", ""), (ARMENIAN, "utf-8-sig", "", ""), (AZERBAIJANI, "double", "", ""),
    (RUSSIAN, "cp1251", "unicode_escape", ""), (RUSSIAN, "cp1251", "zlib", "hex"), (ARMENIAN, "utf-8", "idna", "rot13"),
    (GEORGIAN, "utf-8", "iso-8859-1", "windows-1252"), (TURKISH, "cp1254", "windows-1254", ""), (FRENCH, "cp1252", "", ""),
    (FRENCH, "cp1252", "iso-8859-1", ""), (ARMENIAN, "armscii-8", "ARMSCII-8", ""), (GEORGIAN, "georgian-academy", "Georgian-Academy", ""),
    (RUSSIAN.upper(), "cp1251", "windows-1251", ""),
]  # fmt: skip # a table


def encoded(text: str, encoding: str) -> bytes:
    if table := table_of(encoding):
        return bytes(ord(sign) if ord(sign) < 128 else table.index(sign) for sign in text)
    return b"\xef\xbb\xbf" * 2 + text.encode() if encoding == "double" else text.encode(encoding)


@pytest.mark.parametrize(("text", "encoding", "declared", "served"), TABLE)
def test_case_108_a_feed_is_readable_whatever_is_said_of_its_bytes(
    text: str, encoding: str, declared: str, served: str
) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = f"{head}<rss version='2.0'><channel><item><title>{text}</title></item></channel></rss>"
    content_type = f"text/xml; charset={served}" if served else "text/xml"
    assert parse_feed(encoded(body, encoding), URL, content_type, NOW).drafts[0].title == text


@pytest.mark.parametrize(("text", "encoding", "declared", "served"), TABLE)
def test_case_108_a_page_is_readable_whatever_is_said_of_its_bytes(
    text: str, encoding: str, declared: str, served: str
) -> None:
    meta = f"<meta charset='{declared}'>" if declared else ""
    body = f"<html><head>{meta}<title>One</title></head><body><article><h1>One</h1><p>{text}</p><p>{text}</p></article></body></html>"
    content_type = f"text/html; charset={served}" if served else "text/html"
    draft = extract_page(encoded(body, encoding), url=URL, content_type=content_type, selectors=Selectors(), now=NOW)
    assert (draft.text or "").split("\n\n")[0] == text


@pytest.mark.parametrize(
    ("text", "encoding", "served"), [(row[0], row[1], row[3] or row[2]) for row in TABLE if not table_of(row[1])]
)
def test_case_108_a_json_feed_is_readable_whatever_is_said_of_its_bytes(text: str, encoding: str, served: str) -> None:
    body = json.dumps({"items": [{"id": "1", "title": text}]}, ensure_ascii=False)
    content_type = f"application/json; charset={served}" if served else "application/json"
    assert parse_feed(encoded(body, encoding), URL, content_type, NOW).drafts[0].title == text


def test_case_108_lone_surrogates_do_no_harm() -> None:
    body = '{"items": [{"id": "1", "title": "a \\ud800 b"}]}'
    assert parse_feed(body.encode(), URL, None, NOW).drafts[0].title == "a b"
    body = f"<rss><channel><item><title>\ud800 {GEORGIAN}</title></item></channel></rss>"
    assert parse_feed(body.encode("utf-8", "surrogatepass"), URL, None, NOW).drafts[0].title.endswith(GEORGIAN)


def test_a_text_that_is_cut_within_a_character_is_read_to_there() -> None:
    assert decode("<?xml encoding='windows-1251'?>ռազմագերի".encode()[:-1], None).endswith("ռազմագեր")
    assert decode(b"caf\xe9", None) == "café"


@given(
    st.binary(max_size=200), st.sampled_from(["", "armscii-8", "koi8-r", "utf-16", "georgian-ps", "zlib", "latin-1"])
)
def test_case_108_any_bytes_are_some_text(body: bytes, served: str) -> None:
    assert isinstance(decode(body, f"text/xml; charset={served}"), str)
