"""How processes end: a child with its parent, however that ended; and none leaves its memory in a file."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

try:
    import resource
except ImportError:  # Windows has no core files
    resource = None  # type: ignore[assignment] # as above

_PR_SET_PDEATHSIG = 1
_LOOK_SECONDS = 1.0


def leave_no_core() -> None:
    """Let this process and its children leave no core file: passwords would stand in it (case 58)."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def tie_to(parent: int) -> None:
    """End this process when the process `parent` is gone, and leave Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the whole group; the parent decides
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    """Look at the parent: the signal above does not exist everywhere, and may have come too early."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)
