"""The store: one SQLite file that holds everything, and that anyone may query."""

from monitor.store.archive import ArchiveRows
from monitor.store.connection import journal_mode
from monitor.store.evidence import EvidenceRows
from monitor.store.history import HistoryRows
from monitor.store.owner import Owner, current_owner
from monitor.store.store import Store, open_store
from monitor.store.thread import StoreThread

__all__ = [
    "ArchiveRows",
    "EvidenceRows",
    "HistoryRows",
    "Owner",
    "Store",
    "StoreThread",
    "current_owner",
    "journal_mode",
    "open_store",
]
