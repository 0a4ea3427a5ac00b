"""Whether names can be found: each host once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from monitor.model import Check, fine, noted, wrong

_AT_ONCE = 16
_SECONDS = 15.0
_NAMED = 5
_REMEDY = "resolvectl status, or: cat /etc/resolv.conf"

Resolve = Callable[[str], Awaitable[object]]


async def names(hosts: Sequence[str], resolve: Resolve) -> Check:
    """Give the check of DNS; `resolve` raises OSError for a name that is not found."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def ask(host: str) -> str | None:
        async with gate:
            try:
                async with asyncio.timeout(_SECONDS):
                    await resolve(host)
            except (OSError, UnicodeError, TimeoutError):
                return host
        return None

    if not hosts:
        return fine("DNS", "no source, so no name")
    lost = [host for host in await asyncio.gather(*map(ask, hosts)) if host is not None]
    if not lost:
        return fine("DNS", f"{len(hosts)} of {len(hosts)} hosts found")
    few = ", ".join(lost[:_NAMED]) + (f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else "")
    if len(lost) == len(hosts) > 1:
        return wrong("DNS", "not one name is found: there is no network, or no resolver", _REMEDY)
    if len(hosts) == 1:
        return wrong("DNS", f"{few} is not found", f"{_REMEDY}; is it written right?")
    return noted(
        "DNS", f"not found: {few}; the other {len(hosts) - len(lost)} are", f"see their sources below; {_REMEDY}"
    )
