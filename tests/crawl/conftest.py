"""Servers and children for the tests of crawls."""

from __future__ import annotations

import pytest

from tests.rigs.crawl import CrawlRig


@pytest.fixture
def crawl() -> CrawlRig:
    """Give who starts children."""
    return CrawlRig()
