"""Real feeds and feedparser's own cases, read straight and by feedparser: the same drafts."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from monitor.collect.parse import parse_feed
from monitor.errors import SourceError
from monitor.model import ParsedFeed
from tests.factories import NOW
from tests.rigs.feeds import URL, by_feedparser, mutations, read_straight

pytestmark = [pytest.mark.corpus, pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

MUTATIONS = 6  # of each real feed


def bodies(folder: Path) -> Iterator[bytes]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix != ".json":
            yield file.read_bytes()


def read_differently(feeds: Iterable[bytes]) -> tuple[int, list[bytes]]:
    """Count the feeds that are read straight, and give those that are read otherwise than by feedparser."""
    straight, different = 0, []
    for body in feeds:
        if read_straight(body) is None:
            continue
        straight += 1
        try:
            expected: ParsedFeed | None = by_feedparser(body)
        except SourceError:
            expected = None
        except Exception:  # noqa: BLE001 - what crashes feedparser need not crash us
            continue
        if parse_feed(body, URL, None, NOW) != expected:
            different.append(body[:200])
    return straight, different


def test_real_feeds_are_read_as_by_feedparser_and_most_of_them_straight(corpus: Path) -> None:
    feeds = list(bodies(corpus / "feeds" / "real"))
    straight, different = read_differently(feeds)
    assert different == []
    assert straight > 0.75 * len(feeds)


@pytest.mark.timeout(300)
def test_unit_cases_are_read_as_by_feedparser(corpus: Path) -> None:
    straight, different = read_differently(bodies(corpus / "feeds" / "unit"))
    assert different == []
    assert straight > 1000


@pytest.mark.timeout(300)
def test_broken_real_feeds_are_read_as_by_feedparser(corpus: Path) -> None:
    chance = random.Random(5)
    feeds = (broken for body in bodies(corpus / "feeds" / "real") for broken in mutations(body, MUTATIONS, chance))
    straight, different = read_differently(feeds)
    assert different == []
    assert straight > 20
