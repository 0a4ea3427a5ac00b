"""Bringing the store up to the configuration, at each start."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import Event

from monitor.app.libraries import tell_libraries, versions
from monitor.clock import SystemClock
from monitor.config import Config
from monitor.model import Channel, ChannelKind, Rule
from monitor.polling.visits import first_due
from monitor.protocols import Clock, Log, OnStore
from monitor.store import (
    Store,
    Upgrade,
    current_owner,
    journal_mode,
    network_file_system,
    open_store,
    refuse_damaged,
    upgrade,
)

# Seconds that a start waits at most for a look through the database, some 70 MiB; the rest is looked at later.
_LOOK = 1.0


def channels_of(config: Config) -> dict[str, Channel]:
    """Give the channels by name."""
    return {channel.name: channel for channel in config.channels}


async def open_safely(config: Config, *, on_store: OnStore, clock: SystemClock, log: Log) -> Store:
    """Open the store: looked through first, then copied and brought up to date where it is of an earlier version.

    Raises:
        StoreDamaged, StoreError: it was not written to. CancelledError: what was under way was given up.
    """
    path = config.database
    await on_store(refuse_damaged, path, within=_LOOK, monotonic=clock.monotonic)
    if made := await _brought_up_to_date(path, on_store):
        log.info("database_upgraded", to=made.migrations[-1], migrations=len(made.migrations), before=str(made.before))
    store = await on_store(open_store, path, current_owner())
    if kind := network_file_system(path.parent):
        log.warning(
            "network_file_system", kind=kind, mode="truncate", remedy="name a folder on a local disk with --data"
        )
    elif journal_mode() != "wal":
        log.warning("sqlite_is_old", mode="truncate", remedy="nothing is lost; writing is somewhat slower")
    return store


async def _brought_up_to_date(path: Path, on_store: OnStore) -> Upgrade | None:
    """Upgrade the database; whoever is told to end meanwhile waits for neither the copy nor the migration."""
    told = Event()
    try:
        return await on_store(upgrade, path, unwanted=told.is_set)
    except asyncio.CancelledError:
        told.set()
        raise


async def bring_up(config: Config, store: Store, *, on_store: OnStore, now: datetime, log: Log) -> tuple[Rule, ...]:
    """Make known what is configured, free what the dead held, move what waits for those who left.

    Gives the rules with their versions.
    """
    due = first_due(config.sources, now=now, limits=config.limits)
    await on_store(store.sync, config.sources, now=now, first_due=due)
    before = await on_store(store.last_versions)
    rules = await on_store(store.version, config.rules, now=now, concepts=config.concept_versions)
    for rule in rules:
        if rule.name in before and rule.version != before[rule.name]:
            log.info("rule_changed", rule=rule.name, version=rule.version, before=before[rule.name])
    # Its own, too: what it held by another configuration may not have been given back, as the database was locked then.
    if released := await on_store(store.release_own, now=now) + await on_store(store.release_dead, now=now):
        log.info("leases_released", leases=released)
    channels = channels_of(config)
    moved, dropped = await on_store(store.reroute, _wanted(config, channels), others=_operators(config, channels))
    if moved or dropped:
        log.info("alerts_rerouted", moved=moved, dropped=dropped)
    await on_store(forget_ways_out, store, channels, now)
    return rules


def tell_ground(config: Config, before: Config | None, *, clock: Clock, log: Log) -> None:
    """Say in the log what a person should know of this machine and what it may reach: once, at the start of a daemon.

    After a reload, `before` which there was another configuration, only what is allowed now and was not then.
    """
    if before is None:
        tell_libraries(versions(), clock=clock, log=log)
    allowed = private_networks(config)
    if allowed and (before is None or allowed != private_networks(before)):
        log.info("private_networks_allowed", networks=list(allowed))


def private_networks(config: Config) -> tuple[str, ...]:
    """Give the networks of private addresses that may be reached, by whichever source or by the ping."""
    ping = config.ping.allow_private if config.ping else ()
    sources = (network for source in config.sources for network in source.allow_private)
    return tuple(sorted({str(network) for network in (*ping, *sources)}))


def forget_ways_out(store: Store, channels: Mapping[str, Channel], now: datetime) -> None:
    """Close what was told of ways out that are not configured any more: nobody else will."""
    known = {"smtp" if channel.kind is ChannelKind.EMAIL else channel.name for channel in channels.values()}
    for cause in store.open_causes("transport:"):
        if cause.removeprefix("transport:") not in known:
            store.resolve(cause, now)


def _wanted(config: Config, channels: Mapping[str, Channel]) -> dict[str, list[tuple[str, str]]]:
    """Give the recipients of each rule, each with its channel."""
    return {
        rule.name: [(recipient, name) for name in rule.to for recipient in channels[name].recipients]
        for rule in config.rules
    }


def _operators(config: Config, channels: Mapping[str, Channel]) -> list[tuple[str, str]]:
    """Give who gets operator notices, each with the channel."""
    return (
        [(recipient, config.operator) for recipient in channels[config.operator].recipients] if config.operator else []
    )
