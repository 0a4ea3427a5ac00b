"""The log: constant events, facts as fields, and never a secret (case 58)."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote

import pytest
from apscheduler.events import EVENT_JOB_MAX_INSTANCES
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from hypothesis import given
from hypothesis import strategies as st

from monitor.log import make_log
from monitor.redact import HIDDEN, Redaction

SECRET = "p@ss wörd/1'"


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_log_line_is_one_json_object_with_a_constant_event() -> None:
    stream = io.StringIO()
    make_log(stream, human=False).info("visited", source="ქართული", entries=3, error=None)
    (line,) = lines(stream)
    assert line["event"] == "visited"
    assert line["level"] == "info"
    assert line["source"] == "ქართული"
    assert line["entries"] == 3
    assert line["error"] is None
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.parametrize("terminal", [True, False])
def test_lines_for_people_are_coloured_on_a_terminal_alone(terminal: bool) -> None:  # noqa: FBT001 - a parameter
    stream = io.StringIO()
    stream.isatty = lambda: terminal  # type: ignore[method-assign] # it stands in for the real one
    make_log(stream, human=True).info("visited")
    assert ("\x1b[" in stream.getvalue()) is terminal


def test_times_are_utc_to_the_second() -> None:
    stream = io.StringIO()
    make_log(stream, human=False).info("works", since=datetime(2026, 11, 28, 12, tzinfo=timezone(timedelta(hours=4))))
    assert lines(stream)[0]["since"] == "2026-11-28T08:00:00Z"


def test_debug_lines_are_left_out_unless_asked_for() -> None:
    quiet, loud = io.StringIO(), io.StringIO()
    make_log(quiet, human=False).debug("detail")
    make_log(loud, human=False, debug=True).debug("detail")
    assert quiet.getvalue() == ""
    assert lines(loud)[0]["event"] == "detail"


@pytest.mark.parametrize("human", [True, False])
def test_case_58_a_secret_is_seen_in_no_spelling_and_at_no_depth(human: bool) -> None:  # noqa: FBT001 - a parameter
    stream = io.StringIO()
    log = make_log(stream, human=human, debug=True, secrets=[SECRET])
    spellings = [SECRET, quote(SECRET, safe=""), base64.b64encode(SECRET.encode()).decode(), repr(SECRET)]
    for spelling in spellings:
        log.debug("tried", text=f"AUTH {spelling} refused", nested={"list": [spelling, (spelling,)]})
        try:
            raise RuntimeError(f"server said: {spelling}")  # noqa: TRY301 - the traceback is what is tested
        except RuntimeError as error:
            log.error("crashed", exc_info=error)
    logging.getLogger("some.library").warning("wrong password %s", SECRET)
    told = stream.getvalue()
    assert "tried" in told
    assert "crashed" in told
    assert "some.library" in told
    for spelling in (*spellings[:3], json.dumps(SECRET)[1:-1]):
        assert spelling not in told


@pytest.mark.parametrize("human", [True, False])
def test_case_58_what_a_crash_had_in_its_hands_is_not_logged(human: bool) -> None:  # noqa: FBT001 - a parameter
    """A long value is cut before anybody could find a secret in it."""
    stream = io.StringIO()
    secret = "https://ping.example/" + "c4nary" * 40
    log = make_log(stream, human=human, secrets=[secret])
    held = {"address": secret, "before": f"see {secret}"}
    try:
        raise RuntimeError(str(len(held)))  # noqa: TRY301 - the traceback is what is tested
    except RuntimeError as error:
        log.error("crashed", exc_info=error)
    assert "RuntimeError" in stream.getvalue()
    assert "c4nary" not in stream.getvalue().replace('"c4nary"', "").replace(
        '= "https://ping.example/" + "c4nary" * 40', ""
    )


def test_case_58_tokens_in_addresses_are_not_logged() -> None:
    stream = io.StringIO()
    log = make_log(stream, human=False)
    log.info(
        "visited",
        url="https://user:pass@one.example/feed?token=canary#canary",
        text="see http://a@two.example/?k=canary now",
    )
    assert "canary" not in stream.getvalue()
    assert "pass" not in stream.getvalue()
    assert "https://one.example/feed?…" in stream.getvalue()


async def test_that_a_tick_still_runs_is_no_line_and_all_else_of_the_scheduler_is() -> None:
    stream, end = io.StringIO(), asyncio.Event()
    make_log(stream, human=False)
    skipped: list[object] = []
    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_job(end.wait, "interval", seconds=0.01, max_instances=1, misfire_grace_time=None)
    scheduler.add_job(nothing_like, "date", executor="nowhere")
    scheduler.add_listener(skipped.append, EVENT_JOB_MAX_INSTANCES)
    scheduler.start()
    async with asyncio.timeout(30):
        while not skipped:
            await asyncio.sleep(0.01)
    end.set()
    scheduler.shutdown(wait=False)
    told = [line["message"] for line in lines(stream)]
    assert any("nowhere" in str(message) for message in told)
    assert not any("skipped" in str(message) for message in told)


def nothing_like() -> None:
    """Never run: no executor has the name that its job asks for."""


@given(st.text(min_size=6), st.text())
def test_case_58_no_secret_survives_in_any_text(secret: str, around: str) -> None:
    assert secret not in Redaction([secret])(around + secret + around).replace(HIDDEN, "\0")


def test_case_79_a_closed_stream_loses_the_line_and_not_the_program() -> None:
    stream = io.StringIO()
    log = make_log(stream, human=False)
    stream.close()
    log.info("still_here")
