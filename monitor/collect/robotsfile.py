"""Fetching a robots.txt (RFC 9309, 2.3): what the way out says, and what no answer means."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from monitor.collect.http import HttpClient
from monitor.collect.robots import MOST_BYTES
from monitor.errors import SourceError
from monitor.model import RobotsFile, Source

_SAYS_WHY = frozenset({"blocked_address", "dns", "bad_address", "tls", "not_reached", "host_paused"})


async def no_gap(_: str) -> float:
    """Ask for no gap."""
    return 0.0


async def fetch_robots(
    client: HttpClient,
    url: str,
    source: Source,
    *,
    now: datetime,
    before: Callable[[str], Awaitable[float]] = no_gap,
) -> RobotsFile:
    """Fetch the file at `url` under the permissions of a source; what is larger than 512 KiB is cut.

    Raises:
        SourceError: what would meet any other request to that host as well.
    """
    try:
        response = await client.fetch(
            url,
            headers={"Accept": "text/plain, */*;q=0.1"},
            allow_private=source.allow_private,
            verify_tls=source.verify_tls,
            most_bytes=MOST_BYTES,
            cut=True,
            before=before,
            still=before,
        )
    except SourceError as error:
        if error.kind in _SAYS_WHY:
            raise  # the page cannot be had either, and this word says why
        # Redirects without end mean that there are no rules (2.3.1.2); no answer means that nothing is allowed.
        return RobotsFile(status=404 if error.kind == "redirect_loop" else None, body="", read_at=now)
    return RobotsFile(status=response.status, body=response.body.decode("utf-8", "replace"), read_at=now)
