"""What every test may lean on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Give the folder of real material; tests that use it are skipped where there is none."""
    folder = os.environ.get("MONITOR_CORPUS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("MONITOR_CORPUS names no folder of real feeds and pages")
    return Path(folder)
