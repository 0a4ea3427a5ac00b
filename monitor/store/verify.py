"""Looking a whole database through: SQLite's own checks, then what this program promises."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.errors import StoreDamaged, StoreError
from monitor.model import Finding, FindingState
from monitor.store.connection import connect_as_it_is, connect_for_reading, is_of_index, pending, translated
from monitor.store.invariants import INVARIANTS, Invariant
from monitor.store.owner import current_owner, is_dead
from monitor.store.rows import written
from monitor.store.waysout import is_there, refuse_shut_journal, remedy, way_back

_NAMED = 5  # exceptions that are named
_STEPS = 10_000  # of SQLite's machine between two looks at whether to go on
INDEXES = ("articles_fts", "article_keys_fts")
_LEASES = " UNION ALL ".join(
    f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"
    for table, column in (
        ("messages", "lease_owner"), ("source_state", "lease_owner"), ("backfills", "lease_owner"),
        ("revisits", "lease_owner"), ("articles", "text_lease_owner"),
    )
)  # fmt: skip # a table


def verify(
    path: Path, *, now: datetime, rules: Collection[str] | None = None, deep: bool = False
) -> tuple[Finding, ...]:
    """Look a database through without changing it; works beside a daemon.

    `rules` are those in force: what an older one matched may have been dropped with it. `deep` compares the search
    index with every word of the articles, too, which holds the write lock meanwhile.

    Raises:
        StoreError: there is none, or it is of another version of this program. StoreDamaged: its log alone is there.
    """
    if not is_there(path):
        raise StoreError(f"there is no database at {path}")
    try:
        with translated(path), closing(connect_for_reading(path)) as connection:
            lacks = pending(connection, path)
            findings = list(_sqlite(connection, path))
            if any(finding.state is FindingState.DAMAGED for finding in findings):
                refuse_shut_journal(path)  # a daemon that came meanwhile tears what is read, and the file is sound
                return tuple(findings)
            if lacks:
                raise StoreError(f"{path} is of an earlier version; `monitor db migrate` brings it up to date")
            findings += [_look(connection, one, now, rules) for one in INVARIANTS]
            findings.append(_leases(connection))
        if deep:
            findings.append(_indexes(path))
        findings.append(_permissions(path))
    except StoreDamaged as error:
        what = str(error).removesuffix(remedy(path)).rstrip(" .;")  # which is for those who have not looked yet
        return (_damaged("file", what, path),)
    return tuple(findings)


def quick_check(path: Path, *, unwanted: Callable[[], bool] = lambda: False) -> str | None:
    """Look through every page of a database, the search indexes too; gives what is wrong, or None.

    `unwanted` ends it early when it says so: then nothing was found so far.

    Raises:
        StoreDamaged: it cannot even be begun. IndexDamaged: a search index alone. StoreError: the machine is in the way.
    """
    with translated(path), closing(connect_for_reading(path)) as connection:
        connection.set_progress_handler(unwanted, _STEPS)
        try:
            told = [str(row[0]) for row in connection.execute("PRAGMA quick_check(10)")]
        except Exception as error:
            if getattr(error, "sqlite_errorname", None) == "SQLITE_INTERRUPT":
                return None
            raise
    return None if told == ["ok"] else "; ".join(line for text in told for line in text.splitlines())


def only_indexes(told: str) -> bool:
    """Tell whether a check's words are about the search indexes alone, which can be made anew."""
    return all("inverted index" in line or "fts5" in line.lower() for line in told.split("; "))


def _sqlite(connection: Any, path: Path) -> Iterator[Finding]:  # noqa: ANN401 - either of two sqlite3 modules
    told = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
    lines = [line for text in told for line in text.splitlines()]
    if lines == ["ok"]:
        yield Finding(check="integrity")
    elif only_indexes("; ".join(lines)):
        yield Finding(check="integrity", state=FindingState.WRONG, what="; ".join(lines), remedy=_ANEW)
    else:
        yield _damaged("integrity", "; ".join(lines), path)
    rows = connection.execute("PRAGMA foreign_key_check").fetchall()
    wrong = sorted({f"{row[0]} {row[1]} names a missing row of {row[2]}" for row in rows})
    yield _told("foreign_keys", wrong, "{} rows name others that are not there", way_back(path))


def _look(
    connection: Any,  # noqa: ANN401 - either of two sqlite3 modules
    one: Invariant,
    now: datetime,
    rules: Collection[str] | None,
) -> Finding:
    values = {"now": written(now), "rules": None if rules is None else json.dumps(sorted(rules))}
    rows = connection.execute(one.query, values).fetchall()
    return _told(one.name, [str(row[0]) for row in rows], one.what, one.remedy, one.state)


def _leases(connection: Any) -> Finding:  # noqa: ANN401 - either of two sqlite3 modules
    here = current_owner()
    dead = sum(is_dead(text, here) for (text,) in connection.execute(_LEASES).fetchall())
    if not dead:
        return Finding(check="leases")
    what = f"{dead} pieces of work are held by processes that have ended"
    return Finding(check="leases", state=FindingState.NOTE, what=what, remedy="the daemon frees them within seconds")


def _indexes(path: Path) -> Finding:
    """Ask FTS5 to compare its indexes with what they are made of; it wants a transaction for it, which is undone."""
    with closing(connect_as_it_is(path)) as connection:
        for name in INDEXES:
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.execute(f"INSERT INTO {name}({name}, rank) VALUES ('integrity-check', 1)")
            except Exception as error:
                if not is_of_index(error):
                    raise
                what = f"{name} does not agree with the articles"
                return Finding(check="search_index_words", state=FindingState.WRONG, what=what, remedy=_ANEW)
            finally:
                connection.execute("ROLLBACK")
    return Finding(check="search_index_words")


def _permissions(path: Path) -> Finding:
    open_to = [str(place) for place in (path, path.parent) if place.stat().st_mode & 0o077]
    if not open_to:
        return Finding(check="private")
    what = f"other users may read {' and '.join(open_to)}, where addresses stand"
    return Finding(check="private", state=FindingState.NOTE, what=what, remedy=f"chmod go= {' '.join(open_to)}")


def _told(name: str, wrong: list[str], what: str, helps: str, state: FindingState = FindingState.WRONG) -> Finding:
    if not wrong:
        return Finding(check=name)
    named = ", ".join(wrong[:_NAMED]) + (f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else "")
    return Finding(check=name, state=state, what=f"{what.format(len(wrong))}: {named}", remedy=helps)


def _damaged(name: str, what: str, path: Path) -> Finding:
    return Finding(check=name, state=FindingState.DAMAGED, what=what, remedy=way_back(path))


_ANEW = "nothing is lost: `monitor run` makes the search index anew by itself"
