"""Who systemd is to the daemon: a socket that hears what it says of itself."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_MARK = "MARK=1"


@dataclass(frozen=True, slots=True)
class Heard:
    """One datagram."""

    lines: tuple[str, ...]

    def says(self, start: str) -> bool:
        return any(line.startswith(start) for line in self.lines)


class FakeSystemd:
    """`with FakeSystemd(folder) as systemd`: start the daemon with `systemd.environ(...)`, then ask what was said."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "notify.sock"
        self.heard: list[Heard] = []
        self._marked = threading.Semaphore(0)

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))
        # The kernel keeps ten datagrams or so: who does not listen all the time misses some.
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto(b"", str(self._path))
        self._thread.join(10)
        self._socket.close()
        self._path.unlink()

    def _listen(self) -> None:
        while text := self._socket.recv(65536).decode():
            if text == _MARK:
                self._marked.release()
            else:
                self.heard.append(Heard(tuple(text.splitlines())))

    def settle(self) -> None:
        """Wait until all that was said is heard."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto(_MARK.encode(), str(self._path))
        assert self._marked.acquire(timeout=30)

    def environ(self, *, watchdog: float | None = None) -> dict[str, str]:
        """What systemd leaves in the environment; `watchdog` in seconds."""
        usec = {"WATCHDOG_USEC": str(int(watchdog * 1e6))} if watchdog else {}
        return {"NOTIFY_SOCKET": str(self._path)} | usec

    def count(self, start: str) -> int:
        return sum(heard.says(start) for heard in self.heard)

    def order(self) -> list[str]:
        """What was said, without the signs of life and the status, in order."""
        names = [heard.lines[0] for heard in self.heard]
        return [name for name in names if not name.startswith(("WATCHDOG", "STATUS"))]
