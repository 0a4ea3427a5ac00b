"""Quiet sources, pages without texts, a line that is down: what the operator hears, over virtual days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.collect.http import Response
from monitor.errors import SourceError
from monitor.model import FullText, TextState
from tests.factories import NOW, article, source
from tests.rigs.outlets import Outlets, Request, Script, answer, feed

URL = "https://one.example/feed"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def outlets(tmp_path: Path) -> Iterator[Outlets]:
    made = Outlets(tmp_path, source())
    yield made
    made.close()


def dated(moments: list[datetime]) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{moment:%s}</guid><title>Title {moment:%s}</title>"
        f"<link>https://one.example/{moment:%s}</link><pubDate>{moment:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for moment in moments
    )
    return f"<rss version='2.0'><channel><title>One</title>{items}</channel></rss>".encode()


def publishing(every: timedelta, until: datetime) -> Script:
    """A feed that shows its last twenty articles and stops at a time."""

    def script(request: Request) -> Response:
        last = min(request.at, until)
        newest = NOW + every * ((last - NOW) // every)
        return answer(200, dated([newest - every * count for count in range(20)]))(request)

    return script


def unreachable(_: Request) -> Response:
    raise SourceError("dns", "no such name")


async def well(folder: Path, sources: int, url: str = "https://s{}.example/feed") -> Outlets:
    """Give outlets that were read for three hours; they want to be closed."""
    outlets = Outlets(folder, *(source(f"s{number}", url=url.format(number)) for number in range(sources)))
    outlets.web["*"] = answer(200, feed("1"))
    await outlets.live(hours=3)
    return outlets


async def cut_off(folder: Path, sources: int, url: str = "https://s{}.example/feed") -> Outlets:
    """Give outlets that were read for three hours, and cannot be reached any more; they want to be closed."""
    outlets = await well(folder, sources, url)
    outlets.web["*"] = unreachable
    return outlets


async def test_a_source_that_goes_quiet_is_told_once_and_once_when_it_publishes_again(outlets: Outlets) -> None:
    outlets.web[URL] = publishing(2 * HOUR, NOW + 4 * DAY)
    await outlets.live(days=4)
    assert outlets.subjects() == []
    await outlets.live(days=10)
    assert outlets.subjects() == ["News monitor: one (One) has said nothing since 2026-11-28 16:00 +04"]
    assert outlets.rows("SELECT state, since FROM v_source_health") == [("quiet", "2026-11-28T12:00:00Z")]
    outlets.restart()
    outlets.web[URL] = publishing(2 * HOUR, NOW + 99 * DAY)
    await outlets.live(days=2)
    assert outlets.subjects()[1:] == ["News monitor: one (One) publishes again"]
    assert outlets.rows("SELECT state FROM v_source_health") == [("well",)]


async def test_a_quiet_source_that_then_fails_is_not_said_to_publish_again(outlets: Outlets) -> None:
    outlets.web[URL] = publishing(2 * HOUR, NOW)
    await outlets.live(days=9)
    assert len(outlets.subjects()) == 1
    outlets.web[URL] = answer(500)
    await outlets.live(days=5)
    assert [subject for subject in outlets.subjects() if "again" in subject] == []
    assert outlets.rows("SELECT cause FROM events WHERE resolved_at IS NULL ORDER BY cause") == [
        ("failing:one",),
        ("quiet:one",),
    ]


async def test_a_quiet_source_that_fails_for_a_while_and_is_quiet_again_is_told_once(outlets: Outlets) -> None:
    outlets.web[URL] = publishing(2 * HOUR, NOW)
    await outlets.live(days=9)
    outlets.web[URL] = answer(500)
    await outlets.live(days=5)
    outlets.web[URL] = publishing(2 * HOUR, NOW)
    await outlets.live(days=9)
    assert len([subject for subject in outlets.subjects() if "has said nothing" in subject]) == 1
    outlets.web[URL] = publishing(2 * HOUR, NOW + 99 * DAY)
    await outlets.live(days=4)
    assert outlets.subjects()[-1] == "News monitor: one (One) publishes again"


async def test_a_line_that_is_down_is_one_mail_and_everything_is_asked_anew_when_it_works(tmp_path: Path) -> None:
    outlets = await cut_off(tmp_path, 40)
    await outlets.live(hours=20)
    assert len(outlets.subjects()) == 1
    assert outlets.subjects()[0].startswith("News monitor: No source can be reached since 2026-11-24")
    before = len(outlets.requests)
    for _ in range(12):
        await outlets.live(minutes=5)
    assert 5 <= len(outlets.requests) - before <= 40, "one is asked at each of these looks"
    outlets.web["*"] = answer(200, feed("1", "2"))
    for _ in range(4):
        await outlets.live(seconds=15)
    assert outlets.rows("SELECT count(*) FROM visits WHERE new_articles > 0 AND started_at > '2026-11-25'") != [(0,)]
    for _ in range(4):
        await outlets.live(seconds=15)
    assert outlets.subjects()[1:] == ["News monitor: Sources can be reached again"]
    assert outlets.rows("SELECT count(*) FROM source_state WHERE failures > 0") == [(0,)]
    outlets.close()


async def test_an_answer_of_what_failed_long_before_ends_it(tmp_path: Path) -> None:
    """Its server refuses, so there is a way to it; the others are asked at once, and not when it is their turn."""
    outlets = Outlets(tmp_path, *(source(f"s{number}") for number in range(9)))
    outlets.web |= {"*": answer(200, feed("1")), "https://s8.example/feed": answer(403)}
    await outlets.live(days=1)
    outlets.web["*"] = unreachable
    while not outlets.log.named("network_fails"):
        await outlets.live(minutes=1)
    assert outlets.line.down
    outlets.write("UPDATE source_state SET due_at = '2026-11-24T12:00:00Z' WHERE source = 's8'")
    await outlets.live(seconds=5)
    assert len(outlets.log.named("network_works_again")) == 1
    await outlets.live(minutes=5)
    assert len(outlets.log.named("network_fails")) == 2, "it was something else that answered: the line is down"
    outlets.close()


@pytest.mark.parametrize(("sources", "days"), [(9, 30), (1, 7)])
async def test_the_line_is_down_for_as_long_as_it_is_and_for_a_week_where_it_may_be_theirs(
    tmp_path: Path, sources: int, days: int
) -> None:
    """Pages use up their tries from then on: those of a server that is dead must fail some day."""
    outlets = await cut_off(tmp_path, sources)
    assert not outlets.line.down
    await outlets.live(hours=1)
    for _ in range(days - 1):
        await outlets.live(hours=24)
        assert outlets.line.down
    await outlets.live(days=2)
    assert outlets.line.down is (sources > 1)
    assert len(outlets.log.named("network_fails")) == 1
    outlets.restart()
    await outlets.live(seconds=15)
    assert outlets.line.down is (sources > 1)
    outlets.web["*"] = answer(200, feed("1", "2"))
    await outlets.live(days=2)
    assert not outlets.line.down
    assert len(outlets.log.named("network_works_again")) == 1
    outlets.close()


async def test_a_source_that_cannot_tell_for_half_an_hour_is_not_asked_whether_the_line_is_back(tmp_path: Path) -> None:
    """Its robots.txt could not be had."""
    outlets = await cut_off(tmp_path, 5)
    await outlets.live(hours=2)
    outlets.write(
        "UPDATE source_state SET due_at = '2027-01-01T00:00:00Z', last_error = iif(source < 's3',"
        " 'robots_unreachable: no', last_error)"
    )
    outlets.requests.clear()
    for _ in range(40):
        await outlets.live(seconds=15)
    assert {request.url for request in outlets.requests} == {f"https://s{number}.example/feed" for number in (3, 4)}
    assert len(outlets.requests) >= 10
    outlets.close()


async def test_a_few_editions_that_fail_on_the_only_server_are_no_outage(tmp_path: Path) -> None:
    url = "https://outlet.com/{}/feed"
    outlets = await well(tmp_path, 5, url)
    outlets.web |= {url.format(0): unreachable, url.format(1): unreachable}
    await outlets.live(days=1)
    assert outlets.log.named("network_fails") == []
    outlets.close()


async def test_what_failed_long_before_is_not_asked_whether_the_line_is_back(tmp_path: Path) -> None:
    """Nor is one alone that wants to be left alone: each has its turn."""
    outlets = Outlets(tmp_path, *(source(f"s{number}") for number in range(5)))
    outlets.web["*"] = answer(200, feed("1"))
    outlets.web["https://s0.example/feed"] = answer(403)
    outlets.web["https://s1.example/feed"] = answer(429)
    await outlets.live(hours=20)
    outlets.web["*"] = unreachable
    while not outlets.log.named("network_fails"):
        await outlets.live(minutes=1)
    outlets.requests.clear()
    for _ in range(360):
        await outlets.live(minutes=1)
    asked = Counter(request.url for request in outlets.requests)
    assert asked["https://s0.example/feed"] <= 10
    assert {f"https://s{number}.example/feed" for number in (2, 3, 4)} <= set(asked)
    outlets.web["*"] = answer(200, feed("1", "2"))
    for _ in range(10):
        await outlets.live(seconds=15)
    assert outlets.log.named("network_works_again")
    outlets.close()


async def test_a_server_that_answers_with_an_error_while_all_others_are_silent_is_no_mail_each_time(
    tmp_path: Path,
) -> None:
    outlets = await cut_off(tmp_path, 4)
    outlets.web["https://s0.example/feed"] = answer(503)
    for _ in range(2 * 24 * 12):
        await outlets.live(minutes=5)
    outages = [subject for subject in outlets.subjects() if "can be reached" in subject]
    assert len(outages) <= 1
    outlets.web["*"] = outlets.web["https://s0.example/feed"] = answer(200, feed("1", "2"))
    await outlets.live(hours=3)
    assert [event for event in outlets.subjects() if event.endswith("can be reached again")] == [
        "News monitor: Sources can be reached again"
    ] * len(outages)
    outlets.close()


async def test_editions_of_one_outlet_whose_server_is_gone_are_asked_ever_more_rarely(tmp_path: Path) -> None:
    outlets = await cut_off(tmp_path, 5, "https://outlet.com/{}/feed")
    outlets.requests.clear()
    for _ in range(24 * 60):
        await outlets.live(minutes=1)
    assert len(outlets.requests) < 300
    outlets.close()


@pytest.mark.parametrize("sources", [1, 2])
async def test_a_few_sources_are_read_within_a_minute_after_a_moment_without_a_line(
    tmp_path: Path, sources: int
) -> None:
    outlets = await cut_off(tmp_path, sources)
    while outlets.rows("SELECT count(*) FROM source_state WHERE failures > 0") != [(sources,)]:
        await outlets.live(seconds=15)
    outlets.web["*"] = answer(200, feed("1", "2"))
    for _ in range(6):
        await outlets.live(seconds=15)
    assert outlets.rows("SELECT count(*) FROM source_state WHERE failures > 0") == [(0,)]
    assert outlets.subjects() == []
    outlets.close()


@pytest.mark.parametrize("sources", [1, 2])
async def test_a_few_sources_that_could_not_be_reached_are_asked_ever_more_rarely_and_told_once(
    tmp_path: Path, sources: int
) -> None:
    """It may well be theirs."""
    outlets = await cut_off(tmp_path, sources)
    asked = [len(outlets.requests)]
    for _ in range(3):
        for _ in range(60):
            await outlets.live(minutes=1)
        asked.append(len(outlets.requests))
    first, second, third = (after - before for before, after in pairwise(asked))
    assert first > second >= third > 0
    assert second <= 6
    assert outlets.subjects() == []
    await outlets.live(hours=18)
    assert len(outlets.subjects()) == 1
    assert outlets.subjects()[0].startswith("News monitor: No source can be reached since 2026-11-24")
    before = len(outlets.requests)
    for _ in range(120):
        await outlets.live(minutes=1)
    assert len(outlets.requests) - before <= sources
    outlets.web["*"] = answer(200, feed("1", "2"))
    await outlets.live(hours=6)
    assert outlets.rows("SELECT count(*) FROM source_state WHERE failures > 0") == [(0,)]
    assert outlets.subjects()[1:] == ["News monitor: Sources can be reached again"]
    outlets.close()


async def test_a_moment_without_a_line_is_nobodys_concern(tmp_path: Path) -> None:
    outlets = await cut_off(tmp_path, 9)
    await outlets.live(minutes=20)
    outlets.web["*"] = answer(200, feed("1"))
    await outlets.live(days=1)
    assert outlets.subjects() == []
    assert [event for _, event, _ in outlets.log.events if event.startswith("network")] == [
        "network_fails",
        "network_works_again",
    ]
    assert outlets.log.named("network_fails")[0]["since"] >= NOW
    failed, well = (
        {fields["source"] for fields in outlets.log.named(event)} for event in ("source_failed", "source_works_again")
    )
    assert well == failed != set()
    outlets.close()


async def test_pages_that_lose_their_texts_are_told_once_and_once_when_they_are_back(tmp_path: Path) -> None:
    """The source counts as blocked, though its feed can be read: a wall stands before the pages."""
    outlets = Outlets(tmp_path, source(full_text=FullText.ALWAYS))
    outlets.web[URL] = publishing(2 * HOUR, NOW + 99 * DAY)

    def store(number: int, characters: int) -> None:
        page = article(
            title=f"T{number}",
            url=f"https://one.example/p{number}",
            text="x" * characters,
            text_state=TextState.COMPLETE,
            page_read_at=outlets.clock.now(),
            first_seen_at=outlets.clock.now(),
        )
        outlets.write(
            "INSERT INTO articles (source, outlet, language, title, summary, text, url, first_seen_at, text_state, baseline,"
            f" revision, page_read_at) VALUES ('one', 'One', 'en', '{page.title}', '', '{page.text}', '{page.url}',"
            f" '{page.first_seen_at:%Y-%m-%dT%H:%M:%SZ}', 'complete', 0, 0, '{page.first_seen_at:%Y-%m-%dT%H:%M:%SZ}')"
        )

    for number in range(12):
        store(number, 2000)
    await outlets.live(hours=3)
    assert outlets.subjects() == []
    for number in range(5):
        store(100 + number, 40)
    # Some show a wall and nothing else; that others do not answer at the moment says nothing.
    lost = "UPDATE articles SET page_read_at = NULL, text_state = 'wanted', text_error = 'wall_page: pay' WHERE title"
    outlets.write(f"{lost} IN ('T101', 'T103')")
    store(300, 2000)
    outlets.write(f"{lost.replace('wall_page: pay', 'timeout')} = 'T300'")
    await outlets.live(hours=3)
    assert outlets.subjects() == ["News monitor: one (One) gives its pages without their texts"]
    assert outlets.rows("SELECT state FROM v_source_health") == [("blocked",)]
    for number in range(5):
        store(200 + number, 2000)
    await outlets.live(hours=3)
    assert outlets.subjects()[1:] == ["News monitor: one (One) gives its pages' texts again"]
    assert outlets.rows("SELECT state FROM v_source_health") == [("well",)]
