"""What is asked at every tick must cost the same after years: no query of a tick looks through what only grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.store import Store, current_owner, open_store
from tests.factories import NOW, source

LEASE = timedelta(minutes=2)
GROWING = ("articles", "article_ids", "revisions", "matches", "alerts", "messages", "attempts", "visits", "snapshots")
TICKS: dict[str, Callable[[Store], object]] = {
    "collect": lambda store: store.claim(now=NOW, limit=8, lease=LEASE),
    "read": lambda store: store.claim_pages(now=NOW, limit=64, lease=LEASE, only=["one"]),
    "look": lambda store: store.claim_looks(
        now=NOW, patience=timedelta(), limit=8, per_hour=60, lease=LEASE, only=["one"]
    ),
    "form": lambda store: store.due(now=NOW, interval=LEASE),
    "ask": lambda store: store.has_due(["desk"], now=NOW),
    "send": lambda store: store.claim_message(["desk"], now=NOW, lease=LEASE),
    "leases": lambda store: store.release_dead(now=NOW),
    "gaps": lambda store: store.note_gaps(now=NOW, most=10),
    "backfill": lambda store: store.claim_backfill(now=NOW, lease=LEASE),
    "settle": lambda store: store.settle_backfills(now=NOW, gap=LEASE, asked=LEASE, paused=LEASE),
    "failing": lambda store: store.failing(),
    "notices": lambda store: store.open_causes("failing:"),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "monitor.db", current_owner())
    opened.sync([source("one")], now=NOW, first_due={"one": NOW})
    yield opened
    opened.close()


@pytest.mark.parametrize("tick", TICKS)
def test_no_query_of_a_tick_looks_through_a_table_that_grows(store: Store, tick: str) -> None:
    with store.transaction():  # so that each stage finds something, and asks all that it asks
        number = store._run(
            "INSERT INTO articles (source, outlet, title, summary, text, language, first_seen_at, text_state, text_due_at,"
            " url, baseline, revision) VALUES ('one', '', '', '', '', 'en', ?, 'wanted', ?, 'https://one.example/', 0, 0)",
            [f"{NOW - LEASE:%Y-%m-%dT%H:%M:%SZ}"] * 2,
        ).lastrowid
        store._run(
            "INSERT INTO revisits (article_id, source, since, due_at) VALUES (?, 'one', ?1, '2000-01-01T00:00:00Z')",
            [number],
        )
    asked: list[str] = []
    connection = store._database.conn
    connection.set_trace_callback(asked.append)
    TICKS[tick](store)
    connection.set_trace_callback(None)
    queries = [sql for sql in asked if sql.lstrip().upper().startswith(("SELECT", "UPDATE", "INSERT", "DELETE"))]
    assert queries
    plans = {sql: [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")] for sql in queries}
    scans = [f"{step}: {sql}" for sql, steps in plans.items() for step in steps if _is_scan(step)]
    assert not scans


def _is_scan(step: str) -> bool:
    """Tell so of a step that reads a whole table, or all articles that a source ever had."""
    words = step.split()
    return (words[0] == "SCAN" and words[1] in GROWING and "INDEX" not in words) or step.endswith(
        "articles_source (source=?)"
    )
