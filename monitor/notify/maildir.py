"""Delivery into a maildir (cr.yp.to/proto/maildir.html): a folder that mail programs read."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import TransportError
from monitor.folders import make_private
from monitor.model import Message
from monitor.protocols import Failpoint
from monitor.render import check_final


class MaildirNotifier:
    """`protocols.Notifier` for a folder. A message that comes twice is the same file."""

    def __init__(self, path: Path, *, failpoint: Failpoint) -> None:
        """Deliver below `path`, which is made when it is needed."""
        self._path = path
        self._failpoint = failpoint

    async def open(self) -> None:
        """Make the folders."""
        with _machine():
            for name in ("tmp", "new", "cur"):
                make_private(self._path / name)

    async def send(self, message: Message) -> str:
        """Write the message; it is on disk when this returns."""
        check_final(message.raw, message.recipient)
        await asyncio.to_thread(self._write, message)
        self._failpoint("after_250")
        return f"delivered to {self._path / 'new'}"

    async def close(self) -> None:
        """Nothing is held open."""

    def _write(self, message: Message) -> None:
        # Named after the Message-ID: a repeat after a crash replaces the file, also where it was read in between.
        name = hashlib.sha256(message.message_id.encode()).hexdigest()[:32] + ".news-monitor"
        with _machine():
            if any((self._path / "cur").glob(name + "*")):
                return
            temporary = self._path / "tmp" / name
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(message.raw)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path / "new" / name)
            _sync_folder(self._path / "new")


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _machine() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TransportError(f"{error.filename or 'maildir'}: {error.strerror or error}") from error
