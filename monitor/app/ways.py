"""The ways out to outlets, which visits, pages and back-filling share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import version

from monitor.app.ground import Ground
from monitor.collect.crawl import Crawls, CrawlSettings, HostMemory
from monitor.collect.feedrobots import FeedRobots
from monitor.collect.feeds import FeedCollector
from monitor.collect.http import HttpClient
from monitor.collect.pauses import Pauses
from monitor.collect.pool import WorkerPool
from monitor.collect.slots import HostSlots
from monitor.config import Config, child_environment


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysOut:
    """Who asks outlets, who reads what comes, and who knows which hosts are to be left alone."""

    client: HttpClient
    parser: WorkerPool
    pauses: Pauses
    robots: FeedRobots
    crawls: Crawls


def user_agent(contact: str) -> str:
    """Give the name we go by: program, version and, where there is one, whom to ask."""
    name = f"news-coverage-monitor/{version('news-coverage-monitor')}"
    return f"{name} (+{contact})" if contact else name


def crawl_settings(config: Config) -> CrawlSettings:
    """Give what every crawl child is started with."""
    return CrawlSettings(
        limits=config.limits,
        user_agent=user_agent(config.contact),
        folders=config.spiders,
        environ=child_environment(os.environ),
    )


def open_ways(ground: Ground, *, client: HttpClient, parser: WorkerPool, turns: HostSlots) -> WaysOut:
    """Put them on what is remembered of hosts; whoever opened client and parser closes them."""
    store, clock, on_store = ground.store, ground.clock, ground.on_store
    pauses = Pauses(store, on_store=on_store, clock=clock)
    memory = HostMemory(store, pauses=pauses, on_store=on_store, clock=clock)
    return WaysOut(
        client=client,
        parser=parser,
        pauses=pauses,
        robots=FeedRobots(client, hosts=store, pauses=pauses, on_store=on_store, clock=clock),
        crawls=Crawls(crawl_settings(ground.config), turns=turns, memory=memory, log=ground.log),
    )


def feed_collector(ground: Ground, ways: WaysOut) -> FeedCollector:
    """Give who visits feeds."""
    return FeedCollector(
        client=ways.client,
        parser=ways.parser,
        pauses=ways.pauses,
        robots=ways.robots,
        limits=ground.config.limits,
        clock=ground.clock,
    )
