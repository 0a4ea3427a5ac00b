"""What runs in a parse worker: limits first, then parsing; a process that nothing else depends on."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import threading
import time
from datetime import datetime

from monitor.collect.parse import parse_feed
from monitor.errors import SourceError
from monitor.model import ParsedFeed

MEMORY = 768 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
_LOOK_SECONDS = 1.0


def begin(parent: int) -> None:
    """Limit this process and tie its life to its parent's; runs once in each new worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches the whole group; the parent decides
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    """End when the parent is gone: the signal above does not exist everywhere, and may have come too early."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


def work(body: bytes, url: str, content_type: str | None, now: datetime) -> ParsedFeed | tuple[str, str]:
    """Parse; a feed that cannot be read comes back as the kind and detail of its error."""
    try:
        return parse_feed(body, url, content_type, now)
    except SourceError as error:
        return (error.kind, error.detail)
    except MemoryError:
        return ("parse_memory", f"the feed needs more than {MEMORY // 2**20} MiB to parse")
    except Exception as error:  # noqa: BLE001 - the boundary of a process: parsers raise anything on hostile input
        return ("parse_crash", f"{type(error).__name__}: {error}"[:300])
