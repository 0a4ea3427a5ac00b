"""Servers and children for the tests of crawls."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psutil
import pytest

from tests.rigs.crawl import CrawlRig
from tests.rigs.web import WebRig


@pytest.fixture
async def web() -> AsyncIterator[WebRig]:
    """Give an outlet."""
    async with WebRig() as rig:
        yield rig


@pytest.fixture
async def canary() -> AsyncIterator[WebRig]:
    """Give a listener where nobody may come: a private address that no source was given."""
    async with WebRig("127.0.0.2" if psutil.LINUX else "::1") as rig:
        yield rig
        assert rig.connections == 0


@pytest.fixture
def crawl() -> CrawlRig:
    """Give who starts children."""
    return CrawlRig()
