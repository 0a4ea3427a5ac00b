"""What every test may lean on."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from monitor.store import connection, current_owner, open_store
from tests.language_fixtures import CACHE, word_forms
from tests.rigs import measuring
from tests.rigs.site import Servers, Site
from tests.rigs.web import WebRig

BUILD = connection._create


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Give the folder of real material; tests that use it are skipped where there is none."""
    folder = os.environ.get("MONITOR_CORPUS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("MONITOR_CORPUS names no folder of real feeds and pages")
    return Path(folder)


@pytest.fixture
async def web() -> AsyncIterator[WebRig]:
    """Give an outlet."""
    async with WebRig() as rig:
        yield rig


@pytest.fixture
async def canary() -> AsyncIterator[WebRig]:
    """Give a listener where nobody may come: a private address that no source was given."""
    async with WebRig("127.0.0.2" if psutil.LINUX else "::1") as rig:
        yield rig
        assert rig.connections == 0


@pytest.fixture(scope="session", autouse=True)
def measured_by_choice() -> Iterator[None]:
    """Have only those children measured that a rig says so of."""
    with measuring.taken():
        yield


@pytest.fixture(autouse=True)
def measured(request: pytest.FixtureRequest) -> Iterator[None]:
    """Heed the mark `unmeasured`."""
    with measuring.nothing() if request.node.get_closest_marker("unmeasured") else nullcontext():
        yield


@pytest.fixture(scope="session", autouse=True)
def schema_copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Make new databases of this process by copying one: to build the schema takes longer than most tests do."""
    built = tmp_path_factory.mktemp("schema") / "monitor.db"
    open_store(built, current_owner()).close()
    content = built.read_bytes()

    def copied(path: Path) -> None:
        path.touch(mode=0o600)
        path.write_bytes(content)

    with pytest.MonkeyPatch.context() as patch:
        # Patched, because the way in tests is the program's own, down to the command line.
        patch.setattr(connection, "_create", copied)
        yield


@pytest.fixture
def schema_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make new databases as the program does, for tests of just that."""
    monkeypatch.setattr(connection, "_create", BUILD)


@pytest.fixture(scope="session")
def words() -> Path:
    """Give the folder of word lists, built once for all tests of all runs."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / "lock"):
        forms = word_forms()
        for lang in ("en", "hy", "tr"):
            forms.warm(lang)
    return CACHE


@pytest.fixture
def servers() -> Iterator[Servers]:
    """Give outlets and a mail server on loopback."""
    with Servers() as running:
        yield running


@pytest.fixture
def site(tmp_path: Path, servers: Servers, words: Path) -> Iterator[Site]:
    """Give a whole installation; its processes end with the test."""
    assert words.is_dir()
    made = Site(tmp_path, servers)
    yield made
    made.close()
