"""Two days without a mail server, skipped through: what waits is on disk, not in memory (case 12)."""

from __future__ import annotations

import sys
from bisect import bisect
from itertools import pairwise
from pathlib import Path

import pytest

from tests.rigs.longrun import MIB, long_run
from tests.rigs.soak_web import WINDOW
from tests.rigs.verdict import links

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0), pytest.mark.unmeasured]

OUTLETS, ROUNDS = 25, 20
WAITING = OUTLETS * ROUNDS * WINDOW  # 10,000 alerts
RATE = 30  # mails a minute
MINUTE = 1 / 60  # hours
GROWTH = 50  # MiB


def test_case_12_two_days_without_a_mail_server_take_no_memory_and_end_in_order(tmp_path: Path, words: Path) -> None:
    """10,000 alerts wait; then the oldest go first, 30 mails a minute, each article in one of them (case 12)."""
    assert words.is_dir()
    news = {"news": 1.0, "matching_share": 1.0, "faulty": 0.0, "batch": WINDOW}
    with long_run(tmp_path, seed=1, outlets=OUTLETS, every="2h", rate=RATE, **news) as run:
        web, mail = run.servers.outlets, run.servers.mail
        for _ in range(3):  # what is loaded once is loaded
            run.round(2.4)
        while mail.received == [] or run.samples[-1].sent != run.samples[-2].sent:
            run.round(MINUTE)
        before, first, sent = run.samples[-1].rss, web.number, len(mail.received)
        mail.away = True
        born = [first]  # the number that the first article of each round has
        while web.number < first + WAITING:
            run.round(48 / ROUNDS)
            born.append(web.number)
        assert len(mail.received) == sent
        mail.away, web.silent = False, True
        while run.samples[-1].sent == sent or run.samples[-1].sent != run.samples[-2].sent:
            run.round(MINUTE)
        grown = max(sample.rss for sample in run.samples) - before
        drained = mail.received[sent:]
        rounds = [sample.sent for sample in run.samples]
        found = run.finish()
    sys.stdout.write(
        f"\n{web.number - first} alerts waited: {grown / MIB:+.1f} MiB at most; then {len(drained)} mails, {RATE} a minute\n"
    )
    assert found.problems == ()
    assert grown / MIB < GROWTH
    assert max(after - ago for ago, after in pairwise(rounds)) <= RATE
    ages = [bisect(born, min(links(one.raw))) for one in drained]
    assert ages == sorted(ages)
    assert len({*ages}) >= ROUNDS
