"""Which processes coverage measures besides the tests' own: programs and crawls of a few seconds.

A tracer slows a process by half. Workers may write no file, so there is nothing to gain from theirs; long runs go over
lines that shorter tests measure, and are marked `unmeasured`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

_taken: Mapping[str, str] = {}


@contextmanager
def taken() -> Iterator[None]:
    """Take what has a child measured out of this process's environment: only `environment()` has it from then on."""
    with pytest.MonkeyPatch.context() as patch:
        found = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_PROCESS_")}
        for name in found:
            patch.delenv(name)
        patch.setattr(f"{__name__}._taken", found)
        yield


@contextmanager
def nothing() -> Iterator[None]:
    """Have nothing measured but this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{__name__}._taken", {})
        yield


def environment(**more: str) -> dict[str, str]:
    """Give a measured child's environment."""
    return {**os.environ, **_taken, **more}
