"""The ways out: to outlets, and to people."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from monitor.model import (
    Collected,
    Message,
    PageOrder,
    PageRead,
    ParsedFeed,
    PastOrder,
    PastShown,
    Source,
    SourceState,
    Step,
)


class Collector(Protocol):
    """Visits a source."""

    async def collect(self, source: Source, state: SourceState) -> Collected:
        """Fetch what the source shows now.

        Raises:
            SourceError: nothing usable came back; its `kind` says why.
        """


class Past(Protocol):
    """Looks at pages of an outlet's past."""

    async def look(self, source: Source, steps: Sequence[Step], order: PastOrder) -> PastShown:
        """Look at these pages, all of the order's way; each of them is told of, with its error if it failed."""


class Parser(Protocol):
    """Turns the bytes of a feed into drafts, away from anything it could hang or break."""

    async def parse(
        self,
        body: bytes,
        *,
        url: str,
        content_type: str | None,
        country: str | None = None,
        language: str | None = None,
    ) -> ParsedFeed:
        """Parse bytes; links are made absolute against `url`.

        `country` (ISO code) and `language` are the outlet's: its clock is meant where a time names no zone.

        Raises:
            SourceError: `parse_timeout`, `parse_crash`, `not_a_feed`, `challenge_page`.
        """


class PageReader(Protocol):
    """Reads article pages, away from anything they could hang or break."""

    async def read(self, orders: AsyncIterator[PageOrder], keep: Callable[[PageRead], Awaitable[None]]) -> None:
        """Read pages as they are ordered, hand what comes of each to `keep`, end when there are no more orders.

        Raises:
            SourceError: crawl_timeout, crawl_broken, parse_timeout; `keep` was called before for the pages that it may
                have died of, and those that it was not called for are unread.
        """


class Notifier(Protocol):
    """One way out for messages. A transport is opened, used for some messages, and closed."""

    async def open(self) -> None:
        """Make the transport ready; nothing is claimed before this has worked.

        Raises:
            TransportError: it cannot be used now. CredentialsError: not before a person mends it.
        """

    async def send(self, message: Message) -> str:
        """Hand the bytes over and give the server's last words.

        Raises:
            TemporaryRefusal, PermanentRefusal, UnknownOutcome: about this message.
            TransportError: the connection was lost before DATA; nothing was handed over.
        """

    async def close(self) -> None:
        """End politely; never raises."""
