"""The address guard: only public addresses are dialled, but for networks that a source was given.

It stands in two places: where names are resolved (one private answer refuses the name) and where sockets are made
(each address really dialled, literal ones too), so that nothing can change between the check and the connection.
Source: IANA special-purpose address registries (RFC 6890 and its updates).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.model import Network
from monitor.protocols import Clock
from monitor.urls import is_address

_REFUSED = tuple(
    map(
        ipaddress.ip_network,
        "192.0.0.0/24 192.88.99.0/24 198.18.0.0/15 100.64.0.0/10 240.0.0.0/4"
        " ::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 fc00::/7 fe80::/10 fec0::/10".split(),
    )
)
_DNS_SECONDS = 300
_MOST_NAMES = 10_000
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class BlockedAddress(OSError):
    """An address that must not be dialled; an OSError, as connectors expect of name resolution and sockets."""


class AddressGuard:
    """Decides about addresses, for one set of allowed private networks."""

    def __init__(self, allowed: Sequence[Network] = ()) -> None:
        """Allow these networks besides public addresses."""
        self._allowed = tuple(allowed)

    def check(self, text: str) -> None:
        """Accept an IP address.

        Raises:
            BlockedAddress: it is not public and in no allowed network.
        """
        address = _embedded(ipaddress.ip_address(text.partition("%")[0]))
        if any(address in network for network in self._allowed if network.version == address.version):
            return
        refused = any(address in network for network in _REFUSED if network.version == address.version)
        if refused or not address.is_global or address.is_multicast:
            raise BlockedAddress(
                f"{text} is not a public address; `allow_private: [{text}]` would allow it for this source"
            )

    def socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Make the socket for an address, as aiohttp's `socket_factory`."""
        family, kind, protocol, _, address = info
        self.check(address[0])
        return socket.socket(family, kind, protocol)


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Give the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


class CachedResolver(AbstractResolver):
    """Remembers the addresses of names for a while: for the connections, and for telling which names are one server."""

    def __init__(self, inner: AbstractResolver, clock: Clock) -> None:
        """Ask `inner` what is not remembered."""
        self._inner = inner
        self._clock = clock
        self._known: dict[tuple[str, int], tuple[float, list[ResolveResult]]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Give the addresses of a name, at most five minutes old."""
        now = self._clock.monotonic()
        until, answers = self._known.get((host, family), (0.0, []))
        if until <= now or not answers:
            answers = await self._inner.resolve(host, port, family)
            if not answers:
                raise OSError(f"{host} has no address")  # nothing is dialled, and nothing remembered
            if len(self._known) > _MOST_NAMES:
                self._known.clear()
            self._known[host, family] = (now + _DNS_SECONDS, answers)
        return [{**answer, "port": port} for answer in answers]

    async def place(self, host: str) -> str:
        """Give the address that names of one server share; the name itself where it has none."""
        if is_address(host):
            return host
        try:
            answers = await self.resolve(host)
        except OSError:
            return host
        return min((answer["host"] for answer in answers), default=host)

    async def close(self) -> None:
        """Close the inner resolver."""
        await self._inner.close()


class GuardedResolver(AbstractResolver):
    """Refuses a name as soon as one of its addresses is refused."""

    def __init__(self, inner: AbstractResolver, guard: AddressGuard) -> None:
        """Ask `inner`, and check all it says."""
        self._inner = inner
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Give the addresses of a name, all of them checked."""
        answers = await self._inner.resolve(host, port, family)
        for answer in answers:
            self._guard.check(answer["host"])
        return answers

    async def close(self) -> None:
        """Close nothing: the inner resolver is shared."""
