"""The stages that look after the sources, put together."""

from __future__ import annotations

from monitor.app.ground import Ground, letters
from monitor.app.startup import channels_of
from monitor.collect.domains import registered_domain
from monitor.pipeline import Listening, Operator, Outage, Watching
from monitor.urls import host_of


def watching(ground: Ground) -> Watching:
    """Give the stage that hears of failures."""
    store, on_store, clock, log = ground.store, ground.on_store, ground.clock, ground.log
    operator = operator_of(ground)
    sources = {source.name: source for source in ground.config.sources}
    zone = ground.config.timezone
    outage = Outage(
        conditions=store,
        operator=operator,
        on_store=on_store,
        servers={name: server_of(source.url) for name, source in sources.items()},
        line=ground.line,
        clock=clock,
        log=log,
        zone=zone,
    )
    return Watching(
        configured=sources,
        conditions=store,
        operator=operator,
        outage=outage,
        on_store=on_store,
        clock=clock,
        zone=zone,
    )


def server_of(url: str) -> str:
    """Give whose server an address is on: all names of a registered domain are one outlet's."""
    host = host_of(url)
    return registered_domain(host) or host


def listening(ground: Ground) -> Listening:
    """Give the stage that hears of silence."""
    sources = {source.name: source for source in ground.config.sources}
    return Listening(
        configured=sources,
        conditions=ground.store,
        operator=operator_of(ground),
        on_store=ground.on_store,
        clock=ground.clock,
        zone=ground.config.timezone,
    )


def operator_of(ground: Ground) -> Operator:
    """Give who tells the operator."""
    config, store = ground.config, ground.store
    return Operator(
        notices=store,
        on_store=ground.on_store,
        letters=letters(config),
        channel=channels_of(config).get(config.operator or ""),
        clock=ground.clock,
        log=ground.log,
    )
