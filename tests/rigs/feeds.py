"""The two ways to read a feed, side by side."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from monitor.collect import parse
from monitor.collect.charset import decode
from monitor.collect.feedelements import NO_BASE
from monitor.collect.rawfeed import prepared
from monitor.collect.wellformed import Told, read_wellformed
from monitor.model import ParsedFeed
from tests.factories import NOW

URL = "https://one.example/feed/"
_TAG = re.compile(rb"<[^<>]{0,200}>")


def read_straight(body: bytes) -> Told | None:
    """Read from the tree, if that is possible."""
    return read_wellformed(prepared(decode(body, None)), NO_BASE)


@contextmanager
def only_feedparser() -> Iterator[None]:
    """Leave every feed to feedparser."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "read_wellformed", lambda *_: None)
        yield


def by_feedparser(body: bytes) -> ParsedFeed:
    """Give what is made of a feed by way of feedparser."""
    with only_feedparser():
        return parse.parse_feed(body, URL, None, NOW)


def mutations(body: bytes, number: int, chance: random.Random) -> Iterator[bytes]:
    """Give a feed so often, each time with a few of its tags lost, doubled, exchanged, or its text cut out."""
    for _ in range(number):
        yield _mutated(body, chance)


def _mutated(body: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        tags = [match.span() for match in _TAG.finditer(body)]
        if len(tags) < 4:
            return body
        (start, end), (other, other_end) = sorted(chance.sample(tags, 2))
        one, two, between = body[start:end], body[other:other_end], body[end:other]
        body = body[:start] + chance.choice(
            [
                two + between + one,
                one + between + between + two,
                one + two,
                two + between + two,
                one + between.swapcase() + two,
                b"",
            ]
        ) + body[other_end:]  # fmt: skip # a table
    return body
