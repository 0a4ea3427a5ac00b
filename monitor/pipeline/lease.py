"""For how long a source may be held, and that no visit lasts longer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

from monitor.errors import SourceError
from monitor.model import Limits

T = TypeVar("T")

LEASE_MARGIN = timedelta(seconds=60)
BACKLOG = 4  # claimed visits for each slot: enough to keep the slots busy between two claims
# Leases after which a visit is taken to be one that never ends: behind a crawl of a host that wants a minute between
# two requests, a turn may come after an hour.
PATIENCE = 4


def longest_lease(limits: Limits) -> timedelta:
    """Give for how long a source may be held: the wait for a slot as well as the visit, be it a feed's or a crawl."""
    return max(limits.request + limits.parse, limits.crawl) * (BACKLOG + 1) + LEASE_MARGIN


def longest_visit(limits: Limits) -> timedelta:
    """Give after what time a visit never ends: each of its steps has its own limit, but for the wait for turns."""
    return longest_lease(limits) * PATIENCE


async def within(time: timedelta, visit: Awaitable[T]) -> T:
    """Wait for a visit for so long; one that waits for ever would hold its source for ever.

    Raises:
        SourceError: timeout, or what the visit raises.
    """
    try:
        async with asyncio.timeout(time.total_seconds()) as limit:
            return await visit
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise SourceError("timeout", f"the visit was not over after {time}") from error
