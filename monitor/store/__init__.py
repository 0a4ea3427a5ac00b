"""The store: one SQLite file that holds everything, and that anyone may query."""

from monitor.store.archive import ArchiveRows
from monitor.store.backups import Backups, all_copies
from monitor.store.connection import journal_mode, sqlite_version
from monitor.store.copying import copy_database
from monitor.store.dbfile import DatabaseFile, refuse_damaged
from monitor.store.evidence import EvidenceRows
from monitor.store.forgetting import Forgotten, forget, has_traces, rewrite
from monitor.store.history import HistoryRows
from monitor.store.mounts import network_file_system
from monitor.store.owner import Owner, current_owner, up_since
from monitor.store.restore import BackupFacts, look_at_backup, restore
from monitor.store.store import Store, open_store
from monitor.store.thread import Aside, StoreThread
from monitor.store.upgrade import Upgrade, lacking, upgrade
from monitor.store.verify import verify
from monitor.store.waysout import FOLDER, is_there, orphans

__all__ = [
    "FOLDER",
    "ArchiveRows",
    "Aside",
    "BackupFacts",
    "Backups",
    "DatabaseFile",
    "EvidenceRows",
    "Forgotten",
    "HistoryRows",
    "Owner",
    "Store",
    "StoreThread",
    "Upgrade",
    "all_copies",
    "copy_database",
    "current_owner",
    "forget",
    "has_traces",
    "is_there",
    "journal_mode",
    "lacking",
    "look_at_backup",
    "network_file_system",
    "open_store",
    "orphans",
    "refuse_damaged",
    "restore",
    "rewrite",
    "sqlite_version",
    "up_since",
    "upgrade",
    "verify",
]
