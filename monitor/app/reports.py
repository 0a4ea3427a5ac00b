"""The stages that tell how the whole does: room on the disk, the daily mail, the dead-man's ping."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

from monitor.app.ground import Ground, letters
from monitor.app.startup import channels_of
from monitor.app.watch import operator_of
from monitor.collect.caller import PingCaller
from monitor.collect.http import HttpClient
from monitor.disk import file_size, look_at
from monitor.pipeline import Daily, Pinging, Room
from monitor.progress import pace
from monitor.store import up_since

Tick = Callable[[], Awaitable[object]]


def reports(ground: Ground, client: HttpClient) -> Mapping[str, Tick]:
    """Give their ticks by name; each is to come round every minute."""
    config, look = ground.config, partial(look_at, ground.config.data)
    room = Room(
        look=look, place=str(config.data), operator=operator_of(ground), clock=ground.clock, zone=config.timezone
    )
    ticks: dict[str, Tick] = {"room": room.tick}
    channel = channels_of(config).get(config.operator or "")
    if config.heartbeat is not None and channel is not None:
        daily = Daily(
            overview=ground.store,
            notices=ground.store,
            on_store=ground.on_store,
            letters=letters(config),
            channel=channel,
            at=config.heartbeat,
            zone=config.timezone,
            look=look,
            size_of=partial(_size_of, config.database),
            up_since=up_since(),
            clock=ground.clock,
            log=ground.log,
        )
        ticks["daily"] = daily.tick
    if config.ping is not None:
        pinging = Pinging(
            caller=PingCaller(config.ping, client),
            every=config.ping.every,
            interval=pace(config.sources),
            overview=ground.store,
            on_store=ground.on_store,
            clock=ground.clock,
            log=ground.log,
        )
        ticks["ping"] = pinging.tick
    return ticks


def _size_of(database: Path) -> int:
    return sum(file_size(part) for part in database.parent.glob(database.name + "*"))
