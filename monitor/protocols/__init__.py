"""The seams: what the stages ask of the store, of the network and of time."""

from monitor.protocols.archive import Archive, Evidence
from monitor.protocols.faces import (
    Articles,
    Conditions,
    Housekeeper,
    KeyIndex,
    Leases,
    Marks,
    Notices,
    Outbox,
    Rules,
    Sources,
)
from monitor.protocols.ground import Clock, Failpoint, Log, OnStore
from monitor.protocols.overview import Caller, Overview
from monitor.protocols.pagefaces import Hosts, Looks, Pages, Sites
from monitor.protocols.pastfaces import Backfills
from monitor.protocols.upkeep import Backups, DatabaseFile, Upkeep
from monitor.protocols.ways import Collector, Notifier, PageReader, Parser, Past

__all__ = [
    "Archive",
    "Articles",
    "Backfills",
    "Backups",
    "Caller",
    "Clock",
    "Collector",
    "Conditions",
    "DatabaseFile",
    "Evidence",
    "Failpoint",
    "Hosts",
    "Housekeeper",
    "KeyIndex",
    "Leases",
    "Log",
    "Looks",
    "Marks",
    "Notices",
    "Notifier",
    "OnStore",
    "Outbox",
    "Overview",
    "PageReader",
    "Pages",
    "Parser",
    "Past",
    "Rules",
    "Sites",
    "Sources",
    "Upkeep",
]
