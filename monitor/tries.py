"""What an error's word means for an article's page: the one table of it."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType


class Try(StrEnum):
    """What came of trying to read a page that could not be read."""

    FINAL = "final"  # no second try can change it
    COUNTED = "counted"  # it may be different later; after the last wait of `page_retry` it has failed
    DAILY = "daily"  # the site forbids it today: asked again each day of the article's first week, and not counted
    NONE = "none"  # the page was not asked for: nothing is counted


_MEANINGS = MappingProxyType(
    {
        "bad_address": Try.FINAL,
        "blocked_address": Try.FINAL,
        "http_410": Try.FINAL,
        "redirect_downgrade": Try.FINAL,
        "robots_disallowed": Try.DAILY,
        "host_paused": Try.NONE,
        "not_reached": Try.NONE,
        "robots_unreachable": Try.NONE,
    }
)


def meaning(error: str | None) -> Try:
    """Give what a word means; one that is not in the table may be different tomorrow."""
    return _MEANINGS.get(error or "", Try.COUNTED)
