"""What runs in a parse worker: limits first, then parsing; a process that nothing else depends on."""

from __future__ import annotations

import resource
import signal
import sys
from datetime import datetime

from monitor.errors import SourceError
from monitor.lifeline import tie_to
from monitor.model import ParsedFeed

MEMORY = 768 * 1024 * 1024


def begin(parent: int) -> None:
    """Limit this process and tie its life to its parent's; runs once in each new worker."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    tie_to(parent)


def work(body: bytes, url: str, content_type: str | None, now: datetime) -> ParsedFeed | tuple[str, str]:
    """Parse; a feed that cannot be read comes back as the kind and detail of its error."""
    from monitor.collect.parse import parse_feed  # noqa: PLC0415 - the daemon names this function and parses nothing

    try:
        return parse_feed(body, url, content_type, now)
    except SourceError as error:
        return (error.kind, error.detail)
    except MemoryError:
        return ("parse_memory", f"the feed needs more than {MEMORY // 2**20} MiB to parse")
    except Exception as error:  # noqa: BLE001 - the boundary of a process: parsers raise anything on hostile input
        return ("parse_crash", f"{type(error).__name__}: {error}"[:300])
