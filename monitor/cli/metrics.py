"""`monitor status --prometheus`: figures for the node exporter's textfile collector (prometheus_client's door).

Names follow prometheus.io/docs/practices/naming; the file is replaced whole, since the collector may read at any time.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest, write_to_textfile
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.errors import StoreError

_PREFIX = "news_monitor_"


def exposition(facts: Mapping[str, Any], *, healthy: bool) -> str:
    """Give the figures in the text format, each with HELP and TYPE; `facts` are those of `monitor status`."""
    return generate_latest(_registry(facts, healthy=healthy)).decode("utf-8")


def write_exposition(facts: Mapping[str, Any], file: Path, *, healthy: bool) -> None:
    """Write them into a file, by way of another beside it.

    Raises:
        StoreError: the file cannot be written.
    """
    try:
        write_to_textfile(str(file), _registry(facts, healthy=healthy))
    except OSError as error:
        raise StoreError(f"{file}: {error.strerror}; name a file in a folder that you may write to") from error


def _registry(facts: Mapping[str, Any], *, healthy: bool) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(facts, healthy=healthy))
    return registry


class _Figures(Collector):
    """Gives the figures as prometheus_client wants them."""

    def __init__(self, facts: Mapping[str, Any], *, healthy: bool) -> None:
        self._facts = facts
        self._healthy = healthy

    def collect(self) -> Iterator[Metric]:
        yield from _always(self._facts, healthy=self._healthy)
        if self._facts["exists"]:
            yield from _of_sources(self._facts)
            yield from _of_mail(self._facts)
            yield from _of_database(self._facts)


def _always(facts: Mapping[str, Any], *, healthy: bool) -> Iterator[Metric]:
    yield _gauge("up", "Whether the daemon runs.", facts["running"])
    yield _gauge("healthy", "Whether `monitor status` says OK.", healthy)
    build = {"version": version("news-coverage-monitor"), "python": platform.python_version()}
    if facts["exists"]:
        build |= {"sqlite": facts["sqlite"], "journal": facts["mode"]}
    yield InfoMetricFamily(_PREFIX + "build", "What runs.", value=build)
    yield _gauge("disk_free_bytes", "Free room where the data folder is.", facts["free"])
    yield _gauge("disk_size_bytes", "Size of the disk where the data folder is.", facts["disk"]["total"])
    yield _gauge("disk_free_files", "Files that can still be made there.", facts["disk"]["free_files"])
    if (at := facts["last_backup_at"]) is not None:
        yield _gauge("last_backup_timestamp_seconds", "When the newest backup was made.", at.timestamp())


def _of_sources(facts: Mapping[str, Any]) -> Iterator[Metric]:
    yield _each("check_ok", "Whether a check of the whole holds.", "check", facts["checks"])
    yield _each("sources", "Sources by how they do.", "state", facts["sources"])
    health = facts["health"]
    last = {row["source"]: _seconds(row["last_good_at"]) for row in health if row["last_good_at"]}
    yield _each("source_last_good_timestamp_seconds", "When a source was read last.", "source", last)
    failures = {row["source"]: row["failures"] for row in health}
    yield _each("source_failures", "Failures of a source in a row.", "source", failures)
    yield CounterMetricFamily(_PREFIX + "articles", "Articles ever stored.", value=facts["articles"])


def _of_mail(facts: Mapping[str, Any]) -> Iterator[Metric]:
    mail = facts["mail"]
    yield _each("alerts", "Alerts by the state of their mail.", "state", facts["alerts"])
    yield _each("messages", "Messages by state; failed ones were refused for good.", "state", mail["states"])
    oldest = facts["oldest_pending_seconds"] or 0
    yield _gauge("oldest_pending_seconds", "How long the oldest alert or message waits; 0 if none does.", oldest)
    if mail["last_sent"]:
        yield _gauge("last_sent_timestamp_seconds", "When a mail server took a mail last.", _seconds(mail["last_sent"]))
    yield _gauge("open_notices", "Notices to the operator that are not over.", len(facts["notices"]))


def _of_database(facts: Mapping[str, Any]) -> Iterator[Metric]:
    yield _gauge("database_bytes", "Size of the database with its journal.", facts["size"])
    yield _gauge("database_wal_bytes", "Size of its write-ahead log.", facts["wal_bytes"])


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(_PREFIX + name, told, value=float(value))


def _each(name: str, told: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(_PREFIX + name, told, labels=[label])
    for key, value in values.items():
        labels: Sequence[str] = [key]
        family.add_metric(labels, float(value))
    return family


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
