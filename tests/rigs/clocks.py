"""The machine's wall clock as one process sees it, set while that process runs (libfaketime); monotonic time goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

LIBRARIES = (
    "usr/lib/*/faketime/libfaketimeMT.so.1",
    "usr/lib64/faketime/libfaketimeMT.so.1",
    "usr/lib/faketime/libfaketimeMT.so.1",
)


def library() -> str | None:
    """Give libfaketime's file; None where it is not installed (Debian: apt install libfaketime)."""
    return next((str(found) for pattern in LIBRARIES for found in sorted(Path("/").glob(pattern))), None)


# libfaketime 0.9.10 takes its offset from absolute monotonic times too, which Python's sleep goes by: it fails at once.
SLEEP = """import select, time
def sleep(seconds):
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        select.select([], [], [], left)
time.sleep = sleep
"""


class WallClock:
    """`clock.set(seconds)` puts it that far from the true time; `clock.environment` is for the process that sees it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "faketime"
        self._path = folder / "faked"
        self._path.mkdir()
        (self._path / "sitecustomize.py").write_text(SLEEP)
        self.set(0)

    @property
    def environment(self) -> dict[str, str]:
        found = library()
        assert found
        return {
            "LD_PRELOAD": found,
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",  # as earlier versions spell it
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": str(self._path),
        }

    def set(self, seconds: float) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+.0f}s\n")
        fresh.replace(self._file)  # never half a line

    def set_to(self, moment: datetime) -> None:
        self.set((moment - datetime.now(UTC)).total_seconds())
