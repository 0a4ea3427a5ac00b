"""The live line at the foot of a terminal, with the log above it (rich's second use)."""

from __future__ import annotations

import io
from contextlib import suppress
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text


class StatusLine(io.TextIOBase):
    """A stream for the log that keeps one status line below what was written."""

    def __init__(self, stream: TextIO, *, live: bool) -> None:
        """Write to a stream; without `live`, only pass lines on."""
        self._stream = stream
        self.live = live
        self._console = Console(file=stream, stderr=True)
        self._live = Live(console=self._console, auto_refresh=False, transient=True) if live else None

    def __enter__(self) -> Self:
        """Start the line."""
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the line away; what was logged stays."""
        if self._live:
            with suppress(OSError):  # the terminal was closed
                self._live.stop()

    def show(self, text: str) -> None:
        """Replace the line."""
        if self._live:
            with suppress(OSError):
                self._live.update(Text(text, style="dim", no_wrap=True, overflow="ellipsis"), refresh=True)

    def write(self, text: str) -> int:
        """Write log lines above the line."""
        if self._live and text.strip():
            self._live.console.print(Text.from_ansi(text.rstrip("\n")), soft_wrap=True)
        elif not self._live:
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush the stream below."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Tell whether colours make sense."""
        return self._stream.isatty()
