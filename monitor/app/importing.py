"""A list of subscriptions as sources: what is new, what is there already, what is refused."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from monitor.app.discover import known_sources
from monitor.clock import SystemClock
from monitor.collect.guard import AddressGuard, BlockedAddress
from monitor.collect.pool import LISTS, WorkerPool
from monitor.collect.worker import subscriptions
from monitor.config import Config, Known, NewSource
from monitor.config.naming import outlet_name
from monitor.model import Listed, SourceKind, Subscriptions
from monitor.urls import check_fetch_url, host_of

_LONGEST_NOTE = 200
_LOCAL = re.compile(r"(?:^|\.)(?:localhost|local|internal|lan|home\.arpa)$")
_FEED = re.compile(r"^feed:(?://)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What importing would come to: `twice` are addresses with the source that has them, `refused` with the reason."""

    new: tuple[NewSource, ...]
    twice: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str], ...]
    lists: tuple[str, ...]
    sites: tuple[str, ...]


def read_list(body: bytes) -> Subscriptions:
    """Read an OPML file, in a worker that is killed where it takes too long.

    Raises:
        SourceError: it is no such file, or lists more than can be imported at a time.
    """
    worker = WorkerPool(limit=timedelta(seconds=5), clock=SystemClock(), workers=1, loads=LISTS)
    try:
        return asyncio.run(worker.run(subscriptions, body))
    finally:
        worker.close()


def plan_import(config: Config, listed: Subscriptions, *, enabled: bool) -> Import:
    """Give the feeds of a list as sources with names of their own."""
    known = known_sources(config)
    new: list[NewSource] = []
    twice: list[tuple[str, str]] = []
    refused: list[tuple[str, str]] = []
    outlets = Counter(outlet_name(feed.title, _address(feed.url)) for feed in listed.feeds)
    for feed in listed.feeds:
        url = _address(feed.url)
        if why := refusal_of(url):
            refused.append((url, why))
        elif twin := known.twin(url):
            twice.append((url, twin))
        else:
            new.append(_source(feed, url, known, outlets, enabled=enabled))
    return Import(new=tuple(new), twice=tuple(twice), refused=tuple(refused), lists=listed.lists, sites=listed.sites)


def _source(feed: Listed, url: str, known: Known, outlets: Counter[str], *, enabled: bool) -> NewSource:
    outlet = outlet_name(feed.title, url)
    title = feed.title if outlets[outlet] > 1 and feed.title != outlet else outlet  # "BBC - Sport" among others of BBC
    name = known.free_name(title, url, None, several=False)
    known.take(name, url)
    note = " / ".join(feed.folders)[:_LONGEST_NOTE]
    return NewSource(name=name, outlet=outlet, kind=SourceKind.FEED, url=url, note=note, enabled=enabled)


def _address(url: str) -> str:
    """Give an address as it can be fetched: `feed:` is how browsers once called readers, and blanks are none."""
    bare = _FEED.sub("", url.strip())
    bare = bare if re.match(r"https?:", bare, re.IGNORECASE) or bare == url.strip() else f"http://{bare}"
    return bare.replace(" ", "%20")


def refusal_of(url: str) -> str | None:
    """Give why an address is not taken from a file of somebody else's: it is none, or it is private.

    Names are not resolved here: where one leads is checked whenever it is asked for.
    """
    try:
        check_fetch_url(url)
    except ValueError as error:
        return str(error)
    host = unicodedata.normalize("NFKC", host_of(url)).rstrip(".").lower()
    if _LOCAL.search(host):
        return "is a name of a local network"
    try:
        AddressGuard().check(_literal(host))
    except BlockedAddress:
        return "is no public address"
    except ValueError:
        return None  # a name
    return None


def _literal(host: str) -> str:
    """Give an IP address however it is spelt: 127.1, 0x7f000001 and 2130706433 are one.

    Raises:
        ValueError: it is a name.
    """
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except OSError as error:
            raise ValueError(host) from error
