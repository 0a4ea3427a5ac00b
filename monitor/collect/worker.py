"""What runs in a worker: limits first, then one task after the other; a process that nothing else depends on.

The tasks import what they need when they run: their callers name them and must not pay for parsers.
"""

from __future__ import annotations

import atexit
import importlib
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from monitor.errors import SourceError
from monitor.lifeline import tie_to
from monitor.model import Draft, Looked, Page, ParsedFeed, Subscriptions

if TYPE_CHECKING:
    from monitor.collect.paging import FeedLinks

T = TypeVar("T")
MEMORY = 768 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Failure:
    """A `SourceError` on its way between processes."""

    kind: str
    detail: str


def begin(parent: int, loads: str) -> None:
    """Limit this process, tie its life to its parent's and load a module; runs once in each new worker.

    What its tasks need is loaded before the first of them: on a busy machine that takes seconds, and no task's limit is
    for it.
    """
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy comes with trafilatura, and a buffer for each core with numpy
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # trafilatura would load it, and with it numpy (8 MiB), for a choice by language that is not asked of it.
    sys.modules["py3langid"] = None  # type: ignore[assignment] # what Python itself takes for "not there"
    tie_to(parent)
    # Its end is not an ordinary one: what libraries do at theirs may want a file, and none may be written here.
    atexit.register(os._exit, 0)
    importlib.import_module(loads)


def parse(
    body: bytes,
    url: str,
    content_type: str | None,
    now: datetime,
    *,
    country: str | None = None,
    language: str | None = None,
) -> ParsedFeed | Failure:
    """Parse a feed; `country` and `language` are the outlet's."""
    from monitor.collect.parse import parse_feed  # noqa: PLC0415 - see above

    return _guarded(lambda: parse_feed(body, url, content_type, now, country=country, language=language))


def paging(body: bytes, url: str, content_type: str | None) -> FeedLinks | Failure:
    """Find the next page of a feed."""
    from monitor.collect.paging import links_of  # noqa: PLC0415 - see above

    return _guarded(lambda: links_of(body, url, content_type))


def extract(page: Page, now: datetime) -> Draft | Failure:
    """Turn an article's page into a draft."""
    from monitor.collect.extract import extract_page  # noqa: PLC0415 - see above

    return _guarded(
        lambda: extract_page(
            page.body,
            url=page.url,
            content_type=page.content_type,
            selectors=page.selectors,
            country=page.country,
            now=now,
        )
    )


def look(body: bytes, url: str, content_type: str | None, now: datetime) -> Looked | Failure:
    """Tell whether an answer is a feed, a sitemap or a page, and read it."""
    from monitor.collect.discover.look import look as read  # noqa: PLC0415 - see above

    return _guarded(lambda: read(body, url, content_type, now))


def subscriptions(body: bytes) -> Subscriptions | Failure:
    """Read a list of subscriptions."""
    from monitor.collect.opml import read_subscriptions  # noqa: PLC0415 - see above

    return _guarded(lambda: read_subscriptions(body))


def _guarded(task: Callable[[], T]) -> T | Failure:
    """Run a task; whatever goes wrong comes back as a value."""
    try:
        return task()
    except SourceError as error:
        return Failure(error.kind, error.detail)
    except MemoryError:
        return Failure("parse_memory", f"this needs more than {MEMORY // 2**20} MiB to parse")
    except Exception as error:  # noqa: BLE001 - the boundary of a process: parsers raise anything on hostile input
        return Failure("parse_crash", f"{type(error).__name__}: {error}"[:300])
