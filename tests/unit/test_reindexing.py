"""When words come to be analysed otherwise, stored articles are found by the new keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.language import Analyser, WordForms
from monitor.model import Article, Filters, IndexedText
from monitor.normalise import identity_keys
from monitor.pipeline import Reindexing
from monitor.store import ArchiveRows, Store, current_owner, open_store
from tests.factories import NOW, article, source
from tests.fakes import FakeClock, FakeLog, here


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "monitor.db", current_owner())
    opened.sync([source("one")], now=NOW, first_due={"one": NOW})
    yield opened
    opened.close()


def _fill(store: Store, number: int) -> None:
    for i in range(number):
        found = article(source="one", url=f"https://outlet.example/{i}", title=f"Title {i}")
        store.add(found, identity_keys(found), IndexedText(title="=old", body="=old"))


def _reindexing(store: Store, log: FakeLog, *, version: str, key: str = "=new") -> Reindexing:
    def read(_: Article) -> IndexedText:
        return IndexedText(title=key, body=key)

    return Reindexing(index=store, read=read, version=version, on_store=here, clock=FakeClock(NOW), log=log)


def _found(path: Path, key: str) -> int:
    return len(ArchiveRows(path).search(f'"{key}"', Filters(), before=None, limit=1000))


async def test_another_version_makes_every_key_anew_and_then_nothing_more(store: Store, tmp_path: Path) -> None:
    _fill(store, 45)
    log, path = FakeLog(), tmp_path / "monitor.db"
    shown: list[str] = []
    await _reindexing(store, log, version="1").finish(shown.append)
    assert (_found(path, "=old"), _found(path, "=new")) == (0, 45)
    assert shown[-1] == "search index: 45 of 45 articles read anew"
    await _reindexing(store, log, version="1", key="=again").tick()
    assert _found(path, "=again") == 0
    await _reindexing(store, log, version="2", key="=again").tick()
    assert _found(path, "=again") == 45
    assert [fields["articles"] for fields in log.named("reindexed")] == [45, 45]


async def test_a_new_database_has_nothing_to_read(store: Store) -> None:
    log = FakeLog()
    await _reindexing(store, log, version="1").tick()
    _fill(store, 3)
    await _reindexing(store, log, version="1").tick()
    assert not log.named("reindexing")


async def test_a_kill_half_way_goes_on_where_it_was(store: Store, tmp_path: Path) -> None:
    _fill(store, 45)
    stopped = _reindexing(store, FakeLog(), version="1")

    def stop(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await stopped.finish(stop)
    progress = ArchiveRows(tmp_path / "monitor.db").index_progress()
    assert progress.is_open
    assert progress.done == 20
    await _reindexing(store, FakeLog(), version="1").finish(lambda _: None)
    assert _found(tmp_path / "monitor.db", "=new") == 45


async def test_an_article_revised_meanwhile_keeps_its_own_new_keys(store: Store, tmp_path: Path) -> None:
    """What was read before the revision must not overwrite what came with it."""
    _fill(store, 1)
    store.begin_index("1")
    (old,) = store.unindexed(10)
    with store.transaction():
        changed = article(source="one", url="https://outlet.example/0", title="Another", id=old.id)
        store.revise(changed, IndexedText(title="=revised", body="=revised"), now=NOW, keep=3)
    store.index([(old, IndexedText(title="=stale", body="=stale"))], done=1)
    assert (_found(tmp_path / "monitor.db", "=revised"), _found(tmp_path / "monitor.db", "=stale")) == (1, 0)


def test_the_version_changes_with_the_languages_that_have_dictionaries(tmp_path: Path) -> None:
    versions = {Analyser(WordForms(tmp_path, languages)).version for languages in (("en",), ("en", "tr"))}
    assert len(versions) == 2
    assert Analyser(WordForms(None)).version not in versions
