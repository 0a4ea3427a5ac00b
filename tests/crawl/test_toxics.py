"""What a network does to honest programs: eight toxics between us and an outlet, and between us and the mail server.

Each ends in success or in an error that is tried again by itself, and afterwards nothing is lost or doubled (case 40).
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import AsyncExitStack
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from monitor.failpoints import nowhere
from monitor.notify import SmtpNotifier
from tests.rigs.hostile_feeds import rss
from tests.rigs.proxy import TOXICS, Proxy
from tests.rigs.rounds import feed_source, rounds, shortened
from tests.rigs.smtp import Sink
from tests.rigs.web import WebRig, ok
from tests.unit.test_notify import smtp
from tests.unit.test_pipeline import House, new

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]

SHORT = shortened(request=2, first_byte=1.5, connect=2)
LIMIT = timedelta(seconds=2)
TITLES = [f"Prisoners return {number} {'x' * 300}" for number in range(20)]
OUTCOMES = {
    "latency": {None},
    "down": {"connect"},
    "bandwidth": {"timeout"},  # 9 KB at 1 KB/s
    "slow_close": {None},
    "timeout": {"timeout"},
    "reset_peer": {"connect", "bad_response"},
    "slicer": {None},
    "limit_data": {"bad_response"},
}


async def test_case_40_a_feed_behind_a_toxic_line_is_read_or_an_error_and_read_when_the_line_is_well(
    tmp_path: Path, web: WebRig
) -> None:
    """Eight feeds, a toxic each: no half of one is stored, no validator of one is remembered, nothing doubled (case 40)."""
    async with AsyncExitStack() as stack:
        proxies, sources = {}, []
        for toxic in TOXICS:
            titles = "".join(f"<item><title>{toxic} {title}</title></item>" for title in TITLES)
            web.serve(f"/{toxic}", ok(rss(channel=titles), ETag='"1"'))
            proxies[toxic] = await stack.enter_async_context(Proxy(web.port, toxic, after=3000))
            sources.append(feed_source(toxic, f"http://127.0.0.1:{proxies[toxic].port}/{toxic}"))
        made = await stack.enter_async_context(rounds(tmp_path, sources, limits=SHORT))
        first = made.errors(await made.round())
        assert {toxic: error for toxic, error in first.items() if error not in OUTCOMES[toxic]} == {}
        entries = made.rows("SELECT source, count(*) FROM articles GROUP BY 1")
        assert dict(entries) == {toxic: len(TITLES) for toxic, error in first.items() if not error}
        for proxy in proxies.values():
            await proxy.heal()
        second = await made.round()
        assert made.errors(second) == dict.fromkeys(TOXICS)
        assert {toxic: visit.status for toxic, visit in second.items()} == {
            toxic: 200 if error else 304 for toxic, error in first.items()
        }
        entries = made.rows("SELECT source, count(*) FROM articles GROUP BY 1")
        assert dict(entries) == dict.fromkeys(TOXICS, len(TITLES))
        assert set(made.rows("SELECT failures, last_error FROM source_state")) == {(0, None)}


@pytest.mark.parametrize(
    ("toxic", "after"),
    [(toxic, 0) for toxic in TOXICS]
    + [(toxic, at) for toxic in ("timeout", "reset_peer", "limit_data") for at in (20, 40, 56)],
)
async def test_case_40_mails_behind_a_toxic_line_arrive_and_only_unknown_ones_twice(
    toxic: str, after: int, tmp_path: Path
) -> None:
    """Cut at the greeting, at MAIL and after DATA; the outbox says what it knows, and the bytes stay (case 40)."""
    house = House(tmp_path / "monitor.db")
    house.visit(new(1), new(2))
    await house.delivery.form()
    async with Sink() as sink, Proxy(sink.port, toxic, after=after) as proxy:
        out = smtp(sink, port=proxy.port, command=LIMIT, connect=LIMIT, data=LIMIT)
        house.transport.notifier = SmtpNotifier(out, clock=house.clock, failpoint=nowhere, pulse=house.pulse)
        await house.delivery.send()
        states = house.rows("SELECT state, attempts, message_id FROM messages")
        assert len(states) == 2
        assert {state for state, _, _ in states} <= {"queued", "unknown", "sent"}
        assert toxic not in {"latency", "bandwidth", "slicer", "slow_close"} or {state for state, _, _ in states} == {
            "sent"
        }
        unknown = {name for state, _, name in states if state == "unknown"}
        await proxy.heal()
        for _ in range(3):
            house.clock.advance(120)
            await house.delivery.send()
        assert {state for state, _, _ in house.rows("SELECT state, attempts, message_id FROM messages")} == {"sent"}
        assert house.rows("SELECT count(*) FROM messages WHERE lease_until IS NOT NULL") == [(0,)]
        copies: dict[str, list[bytes]] = defaultdict(list)
        for received in sink.received:
            copies[message_from_bytes(received.raw)["Message-ID"]].append(received.raw)
        # Of a way out that failed for long the operator hears once it works again: one more mail, of another group.
        told = {name for (name,) in house.rows("SELECT message_id FROM messages WHERE \"group\" = 'operator'")}
        assert set(copies) - told == {name for _, _, name in states}
        assert all(len(set(raws)) == 1 for raws in copies.values())
        assert {name for name, raws in copies.items() if len(raws) > 1} <= unknown
    house.store.close()
