"""Word to the operator: once when something is wrong, once when it is over, by mail where there is a channel for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from monitor.model import Channel, Notice
from monitor.protocols import Clock, Log, Notices, OnStore
from monitor.render import Letters
from monitor.text import shorten_address


class Operator:
    """Tells a notice whose cause is new; what is told together is one mail."""

    def __init__(
        self, *, notices: Notices, on_store: OnStore, letters: Letters, channel: Channel | None, clock: Clock, log: Log
    ) -> None:
        """Take the operator's channel; None where there is none: then notices are kept and logged, and not mailed."""
        self._notices = notices
        self._on_store = on_store
        self._letters = letters
        self._channel = channel
        self._clock = clock
        self._log = log

    async def tell(self, notices: Sequence[Notice]) -> int:
        """Open notices and tell those whose cause was not open yet; gives how many."""
        return await self._on_store(self._tell, notices, over=False, now=self._clock.now())

    async def relieve(self, notices: Sequence[Notice]) -> int:
        """Close the notices of these causes and tell that those are over that were open; gives how many."""
        return await self._on_store(self._tell, notices, over=True, now=self._clock.now())

    async def open(self, prefix: str) -> frozenset[str]:
        """Give the open causes that begin so."""
        return await self._on_store(self._notices.open_causes, prefix)

    async def forget(self, causes: Collection[str]) -> None:
        """Close notices without a word: what they were about is no more."""
        for cause in causes:
            await self._on_store(self._notices.resolve, cause, self._clock.now())

    def _tell(self, notices: Sequence[Notice], *, over: bool, now: datetime) -> int:
        """Write notices and their mail in one transaction, so that none is open of which nobody was told."""
        with self._notices.transaction():
            if over:
                news = [notice for notice in notices if self._notices.resolve(notice.cause, now)]
            else:
                news = [notice for notice in notices if self._notices.notice(notice)]
            mailed = self._mail(news, now) if news else []
        # Not before: what was written may be taken back, and then nothing was told.
        for recipient in mailed:
            self._log.info("notice_formed", recipient=shorten_address(recipient), notices=len(news))
        for notice in news:
            self._log.warning("operator_told", cause=notice.cause, over=over, text=notice.text.partition("\n")[0])
        return len(news)

    def _mail(self, news: Sequence[Notice], now: datetime) -> list[str]:
        """Store a mail for each recipient; gives those for whom there was none yet."""
        if self._channel is None:
            return []
        text = news[0].text if len(news) == 1 else _together(news)
        cause = "\n".join(notice.cause for notice in news)
        mailed = []
        for recipient in self._channel.recipients:
            letter = self._letters.notice(text, cause=cause, recipient=recipient, channel=self._channel.name, now=now)
            if self._notices.form(letter, []):
                mailed.append(recipient)
        return mailed


def _together(news: Sequence[Notice]) -> str:
    """Give one text for several notices: how many, then each."""
    first = news[0].text.partition("\n")[0]
    return "\n\n".join((f"{first}, and {len(news) - 1} more", *(notice.text for notice in news)))
