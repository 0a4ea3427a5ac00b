"""Real lists of subscriptions, most of them not well-formed: no address is lost."""

from __future__ import annotations

import html
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from monitor.collect.opml import read_subscriptions

pytestmark = pytest.mark.corpus

# Another way to the addresses than the program's: whatever stands in quotes after the attribute's name, in the bytes.
ADDRESS = re.compile(rb"""xmlurl=["']([^"']+)["']""", re.IGNORECASE)
REFERENCE = re.compile(r"&#?\w+;")


def told(body: bytes) -> set[str]:
    """Give the addresses that a file names."""
    found = (match[1].decode("utf-8", "replace") for match in ADDRESS.finditer(body))
    return {REFERENCE.sub(lambda match: html.unescape(match[0]), url).strip() for url in found}


def is_well_formed(body: bytes) -> bool:
    try:
        ET.fromstring(body)
    except ET.ParseError:
        return False
    return True


def files(corpus: Path) -> list[Path]:
    return sorted((corpus / "opml" / "originals").iterdir())


def test_addresses_of_files_that_are_not_well_formed_are_recovered(corpus: Path) -> None:
    """At least 95 of 100; `benchmarks/opml.py` prints the figures."""
    wanted = found = 0
    broken = [path for path in files(corpus) if not is_well_formed(path.read_bytes())]
    assert len(broken) > 20
    for path in broken:
        body = path.read_bytes()
        wanted += len(told(body))
        found += len(told(body) & {feed.url for feed in read_subscriptions(body).feeds})
    assert wanted > 400
    assert found >= 0.95 * wanted


def test_well_formed_files_give_exactly_the_addresses_that_an_xml_parser_finds(corpus: Path) -> None:
    for path in files(corpus):
        body = path.read_bytes()
        if not is_well_formed(body) or b"xmlUrl" not in body:
            continue
        outlines = ET.fromstring(body).iter("outline")
        expected = {url.strip() for outline in outlines if (url := outline.get("xmlUrl", "")).strip()}
        lists = set(read_subscriptions(body).lists)
        assert {feed.url for feed in read_subscriptions(body).feeds} | lists == expected | lists, path.name
