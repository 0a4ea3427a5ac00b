"""The back-filling stage, put together."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from monitor.app.ground import Ground
from monitor.app.watch import operator_of
from monitor.app.ways import WaysOut
from monitor.collect.crawl import CrawlPast
from monitor.collect.past import FeedPast, PastByWay
from monitor.pipeline import Backfilling, BackfillIngest, Judge


def make_backfilling(
    ground: Ground, judge: Judge, ways: WaysOut, *, place: Callable[[], AbstractAsyncContextManager[None]]
) -> Backfilling:
    """Give the stage; `place` is what a crawl holds while it runs."""
    store, limits = ground.store, ground.config.limits
    feeds = FeedPast(
        client=ways.client,
        parser=ways.parser,
        paging=ways.parser.paging,
        pauses=ways.pauses,
        robots=ways.robots,
        limits=limits,
        clock=ground.clock,
    )
    return Backfilling(
        configured={source.name: source for source in ground.config.sources},
        backfills=store,
        on_store=ground.on_store,
        past=PastByWay(feeds=feeds, crawls=CrawlPast(ways.crawls)),
        ingest=BackfillIngest(articles=store, backfills=store, sources=store, judge=judge, failpoint=ground.failpoint),
        operator=operator_of(ground),
        place=place,
        clock=ground.clock,
        log=ground.log,
        impasse=ground.impasse,
        zone=ground.config.timezone,
        limits=limits,
    )
