from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model import Draft, FindingState, Retention
from monitor.store import verify
from tests.factories import NOW
from tests.unit.test_pipeline import House, new

DAYS = 100
A_DAY = 8
WORDS = [f"word{number}" for number in range(4000)]
KEPT = timedelta(days=10)
RETENTION = Retention(visits=KEPT, messages=KEPT, articles=KEPT, snapshots=KEPT)


def entry(number: int, day: int) -> Draft:
    """An article of that day; one in four matches a rule."""
    chosen = random.Random(number)
    text = " ".join(chosen.choices(WORDS, k=500))
    title = f"Prisoners return {number}" if number % 4 == 0 else f"Weather {number}"
    return new(number, title=title, text=text, published_at=NOW + timedelta(days=day, seconds=30))


@pytest.mark.slow
async def test_case_80_a_hundred_days_of_retention_tell_nothing_again_and_the_size_levels_off(tmp_path: Path) -> None:
    """Five entries stay in the feed for good, the others for a few days: long after, or until, their texts are gone."""
    house = House(tmp_path / "monitor.db")
    house.store._run("PRAGMA synchronous = OFF")  # a hundred days of commits; no power is lost here
    pinned = [entry(number, 0) for number in range(4, 24, 4)]
    shown: list[Draft] = []
    sizes, told, number = [], 0, 100
    for day in range(DAYS):
        fresh = [entry(number + more, day) for more in range(A_DAY)]
        number += A_DAY
        shown = [*fresh, *shown][:30]
        for hour in (1, 7, 13, 19):
            told += house.visit(*shown, *pinned, now_minutes=day * 1440 + hour * 60)
        house.clock.advance(86_400)
        while await house.round():
            house.clock.advance(120)
        while house.store.purge(now=NOW + timedelta(days=day + 1), retention=RETENTION):
            pass
        house.store.checkpoint()
        sizes.append(house.path.stat().st_size)
    matching = 5 + DAYS * A_DAY // 4
    assert house.rows("SELECT count(*) FROM articles") == [(5 + DAYS * A_DAY,)]
    assert told == matching * 2  # two recipients
    sent = [message.recipient for message in house.notifier.sent]
    assert house.rows("SELECT count(*) FROM v_alerts WHERE state = 'sent'") == [(matching * 2,)]
    assert len({message.message_id for message in house.notifier.sent}) == len(sent)
    assert house.rows("SELECT count(*) FROM articles WHERE text != ''")[0][0] < 13 * A_DAY  # type: ignore[operator] # a number
    by_day = (sizes[-1] - sizes[DAYS // 2]) / (DAYS / 2)
    assert by_day < sizes[20] / 20 / 3, sizes  # what stays of a day is a fraction of what a day brings
    findings = verify(house.path, now=NOW + timedelta(days=DAYS), deep=True)
    assert [one for one in findings if one.state is FindingState.WRONG] == []
    house.store.close()
