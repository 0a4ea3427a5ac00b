"""When a page or a message is tried next: pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.model import Limits, RetryPlan

LONGEST_WAIT = timedelta(hours=24)  # for which a server is left alone, whatever it says
JITTER = 0.1
RETRY_JITTER = 0.2
_FORBIDDEN_FOR = timedelta(days=7)


def next_page_try(
    attempts: int, limits: Limits, *, now: datetime, asked: timedelta | None, jitter: float
) -> datetime | None:
    """Give when a page is tried again, or None to give it up; `attempts` includes the one just made.

    `asked` is what the server wants, `jitter` from -1 to 1 moves the plan's own wait by up to 10 %.
    """
    if attempts > len(limits.page_retry):
        return None
    wait = limits.page_retry[max(attempts, 1) - 1] * (1 + JITTER * jitter)
    return now + max(wait, min(asked or timedelta(), LONGEST_WAIT, limits.cap))


def next_daily_try(seen_at: datetime, *, now: datetime, jitter: float) -> datetime | None:
    """Give when a page is tried again that its site forbids today, or None once its article is a week old.

    Never within a day: by then the site's robots.txt is read anew.
    """
    if now - seen_at >= _FORBIDDEN_FOR:
        return None
    return now + LONGEST_WAIT * (1 + JITTER * (1 + jitter) / 2)


def next_try(
    attempts: int, plan: RetryPlan, *, created_at: datetime, now: datetime, jitter: float, unknown: bool = False
) -> datetime | None:
    """Give the time of the next attempt, or None to give up; `attempts` includes the one just made.

    After an unknown outcome the first wait counts: the message may be there, but if it is not, somebody waits. A server
    that never answers is asked as rarely as any other once all waits are used up. `jitter` from -1 to 1 moves the wait
    by up to 20 %. Nothing is given up before every wait was tried, however long the transport was down before.
    """
    if attempts > len(plan.waits) and now - created_at > plan.give_up:
        return None
    soon = unknown and attempts <= len(plan.waits)
    number = 0 if soon else min(max(attempts, 1), len(plan.waits)) - 1
    return now + plan.waits[number] * (1 + RETRY_JITTER * jitter)
