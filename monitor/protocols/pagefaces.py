"""The store's faces for pages: which are wanted, what is known of hosts, what a site repeats."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from monitor.model import (
    Alert,
    Article,
    Host,
    IndexedText,
    RobotsFile,
    Sighting,
    Site,
    Snapshot,
    WantedPage,
    Watch,
)


class Pages(Protocol):
    """The store's face for full texts."""

    def claim_pages(
        self, *, now: datetime, limit: int, lease: timedelta, only: Collection[str]
    ) -> tuple[WantedPage, ...]:
        """Take up to `limit` pages of these sources that are due and that nobody holds: news first, then the oldest.

        A source has only a few pages in hand at a time, so that a long listing keeps nobody waiting.
        """

    def want_page(self, article_id: int, *, now: datetime) -> None:
        """Want a page again that was read, because it has grown since, or that has failed.

        One that was read once and waits for another try is due now; one that is being read, or was never, waits on.
        """

    def told(self, article_id: int) -> dict[str, set[str]]:
        """Who was told of an article, or waits to be, each with the rules named."""

    def holds_page(self, article_id: int) -> bool:
        """Whether a page is still wanted, and this process still the one that reads it."""

    def release_pages(self, ids: Collection[int]) -> None:
        """Give the leases of these articles' pages back."""

    def fail_page(self, page: WantedPage, *, error: str, attempts: int, due_at: datetime | None) -> None:
        """Write down a failed try and when the next is due; None means that it was the last.

        Then the text has failed; that of a page which was read before stays complete, with its error beside it.
        """

    def complete_page(self, article: Article, indexed: IndexedText) -> None:
        """Put the page's text and facts in place, under the same version; gives the lease back."""

    def keep_missed(self, article_id: int, missed: Mapping[str, str]) -> None:
        """Remember which of a person's selectors, by name, found nothing on an article's page."""

    def renew(
        self, article_id: int, revision: int, alerts: Sequence[Alert], *, told_once: bool, withdrawn: Collection[str]
    ) -> int:
        """Bring an article's waiting alerts up to these; gives how many are new.

        A waiting alert that names no rule but those `withdrawn` is dropped.

        A recipient who was told of the article is not told again. With `told_once`, nor is one to whom this source's
        summary of the same kind went already.
        """

    def release_alerts(self, article_id: int, *, now: datetime) -> int:
        """Let the alerts of an article's visit go that need not wait for a text any longer; gives how many."""

    def want_again(self, sources: Collection[str], *, now: datetime) -> int:
        """Want the pages of these sources once more that could not be read, or not again; gives how many."""


class Looks(Protocol):
    """The store's face for pages that are looked at again."""

    def claim_looks(
        self,
        *,
        now: datetime,
        patience: timedelta,
        limit: int,
        per_hour: int,
        lease: timedelta,
        only: Collection[str],
    ) -> tuple[WantedPage, ...]:
        """Take up to `limit` pages of these sources that are due, once one of them has been for as long as `patience`.

        Of a source no more than `per_hour` are looked at within an hour, and only a few at a time; pages that nobody
        has looked at yet come first.
        """

    def holds_look(self, article_id: int) -> bool:
        """Whether this process still is the one that looks at a page."""

    def watch(self, article_id: int) -> Watch | None:
        """What is remembered of a page; None where it was never to be looked at again."""

    def keep_watch(self, watch: Watch) -> None:
        """Remember a page's watch in place of the one before; gives its lease back."""

    def hasten(self, article_id: int, source: str, *, edited_at: datetime, now: datetime) -> None:
        """Have a page looked at soon that its source says was edited, unless it was looked at since then."""

    def lose(self, article_id: int, status: int, *, now: datetime) -> None:
        """Write down that an article's page is gone; it stays so until it is found again."""

    def find_again(self, article_id: int, *, now: datetime) -> None:
        """Write down that a page, gone or not, is there."""

    def keep_snapshot(self, article_id: int, revision: int, snapshot: Snapshot, *, now: datetime) -> None:
        """Keep the page that a version was read from; the first one of a version stays."""


class Hosts(Protocol):
    """The store's face for hosts."""

    def hosts(self, names: Collection[str]) -> dict[str, Host]:
        """Give what is known of these hosts."""

    def paused_hosts(self, *, now: datetime) -> dict[str, datetime]:
        """Give the hosts that asked to be left alone until a time that is still to come."""

    def pause_host(self, name: str, until: datetime) -> None:
        """Leave a host alone until then; a pause is never shortened."""

    def keep_robots(self, name: str, file: RobotsFile) -> None:
        """Remember a robots.txt."""


class Sites(Protocol):
    """The store's face for what a site repeats on its pages."""

    def site(self, host: str, language: str, fingerprints: Collection[str]) -> Site:
        """Give how many pages in this language were read, and what was counted of these paragraphs."""

    def count_page(self, host: str, language: str, seen: Mapping[str, Sighting], shown: Collection[str]) -> None:
        """Count a page, and the paragraphs `seen` on it, by fingerprint; `shown` are those of all its paragraphs."""
