"""The store: every writing face on one class, so that one transaction can span them."""

from __future__ import annotations

from pathlib import Path

from monitor.store.backfills import BackfillRows
from monitor.store.conditions import ConditionRows
from monitor.store.connection import open_database
from monitor.store.hosts import HostRows
from monitor.store.housekeeping import PurgeRows
from monitor.store.key_index import KeyIndexRows
from monitor.store.looks import LookRows
from monitor.store.notices import NoticeRows
from monitor.store.outbox import OutboxRows
from monitor.store.owner import Owner
from monitor.store.pages import PageRows
from monitor.store.routing import RoutingRows
from monitor.store.sources import SourceRows
from monitor.store.standing import StandingRows
from monitor.store.upgrade import upgrade
from monitor.store.upkeep import UpkeepRows
from monitor.store.versions import RuleRows


class Store(
    SourceRows,
    ConditionRows,
    PageRows,
    LookRows,
    HostRows,
    RuleRows,
    OutboxRows,
    NoticeRows,
    RoutingRows,
    PurgeRows,
    KeyIndexRows,
    BackfillRows,
    UpkeepRows,
    StandingRows,
):
    """All writing faces (`Sources`, `Articles`, `Pages`, `Hosts`, `Outbox`, `KeyIndex` ...) on one SQLite connection."""


def open_store(path: Path, owner: Owner) -> Store:
    """Open the store, making or migrating (a copy first) the database where needed; for the calling thread alone."""
    upgrade(path)
    return Store(open_database(path), owner)
