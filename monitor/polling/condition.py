"""How a source does, in a word, and since when: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

from monitor.model import Condition, SourceState
from monitor.polling.rhythm import DAY, quiet_for, rate

REFUSALS = frozenset({"http_401", "http_403", "http_451", "challenge_page", "robots_disallowed"})
# What a dead address looks like: no name, no page, or a page where the feed was.
SOMETHING_ELSE = frozenset({"not_a_feed", "not_a_sitemap", "empty_listing", "nothing_found"})
_NOTHING_THERE = frozenset({"dns", "http_404", "http_410"}) | SOMETHING_ELSE
NO_WAY_OUT = frozenset({"dns", "connect", "timeout", "robots_unreachable"})  # what a dead network looks like
# The server need not have been asked: no sign of a way.
_NO_ANSWER = NO_WAY_OUT | {"bad_address", "blocked_address", "crawl_broken", "crawl_timeout", "host_paused", "internal",
                           "not_reached", "not_stored", "robots_disallowed", "spider_broken", "spider_error",
                           "spider_missing"}  # fmt: skip # a table
# What a page is that gives no article, though its server answers.
WITHOUT_TEXT = ("challenge_page", "http_401", "http_402", "http_403", "http_451", "no_article", "no_text", "not_a_page",
                "redirected_home", "wall_page")  # fmt: skip # a table
FAILURES = 3
OVER = timedelta(hours=6)
LONG = timedelta(days=2)  # after which nobody expects an answer any more
SILENT = timedelta(hours=12)
EXPECTED = 8.0  # articles that were to be expected, before a silence is worth a word: by chance, once in 3,000
OWN = 2.0  # and it is so many times as long as the longest of its own
NEVER = timedelta(days=7)  # without a single article since it was added
_NEWEST, _BEFORE = 5, 10  # pages by which a collapse is judged, and pages before them that make the measure
_LITTLE, _ENOUGH = 0.2, 300  # of the usual length; characters that are a text


def condition(state: SourceState, *, now: datetime) -> Condition:
    """Give the word for a source."""
    if state.failures:
        return _failing(state, now)
    if state.last_good_at is None:
        return Condition.NEW
    return Condition.QUIET if is_quiet(state, now=now) else Condition.WELL


def _failing(state: SourceState, now: datetime) -> Condition:
    """Tell a refusal, which a person must act on, from an address that is dead, and both from a bad day."""
    error = (state.last_error or "").partition(":")[0]
    if error in REFUSALS:
        return Condition.BLOCKED
    lasting = now - (state.failing_since or now)
    if lasting >= LONG or (error in _NOTHING_THERE and state.failures >= FAILURES and lasting >= OVER):
        return Condition.DEAD
    return Condition.SLOW


def is_quiet(state: SourceState, *, now: datetime) -> bool:
    """Tell whether a source says nothing although by its own rhythm, nights and weekends included, it should."""
    rhythm = state.rhythm
    if rhythm is None or rhythm.last_at is None:
        return state.first_good_at is not None and rhythm is not None and now - state.first_good_at >= NEVER
    silent = now - rhythm.last_at
    # Most sources are settled by their rate alone, without their hours: a visit must stay cheap.
    if silent < SILENT or 2 * rate(rhythm, now=rhythm.at) * (silent / DAY + 1) < EXPECTED:
        return False
    return quiet_for(rhythm, now=now) > max(EXPECTED, OWN * rhythm.silence)


def diagnosed(state: SourceState, *, now: datetime) -> SourceState:
    """Give a state after a visit with its word, and since when it holds."""
    word = condition(state, now=now)
    if word is state.condition and state.since is not None:
        return state
    began = {Condition.WELL: now, Condition.NEW: state.added_at, Condition.QUIET: _last_word(state)}
    return replace(state, condition=word, since=began.get(word, state.failing_since or now))


def _last_word(state: SourceState) -> datetime | None:
    last = state.rhythm.last_at if state.rhythm else None
    return last or state.first_good_at


def has_collapsed(lengths: Sequence[int]) -> bool:
    """Tell whether a source's pages have lost their texts.

    `lengths` are those of the texts of its newest pages, the newest first, 0 for one that could not be read.
    """
    newest, before = lengths[:_NEWEST], lengths[_NEWEST:]
    if len(before) < _BEFORE:
        return False
    usual = median(before)
    return usual >= _ENOUGH and max(newest) < _LITTLE * usual


def in_vain(failing: Sequence[SourceState], *, last_good_at: datetime | None) -> tuple[SourceState, ...]:
    """Give the sources that began to fail since any was read last, and were asked in vain since any server answered.

    What has failed before says nothing of the line: at night the dead may be the only ones that are asked for a while.
    But where its server answers, be it with an error, there is a way.
    """
    answers = (state.last_visit_at for state in failing if state.last_visit_at and _word(state) not in _NO_ANSWER)
    answered = max(answers, default=None)
    return tuple(
        state
        for state in failing
        if has_no_way_out(state)
        and state.failing_since
        and (last_good_at is None or state.failing_since > last_good_at)
        and (answered is None or (state.last_visit_at or state.failing_since) > answered)
    )


def is_cut_off(failing: Sequence[SourceState], *, last_good_at: datetime | None, servers: Mapping[str, str]) -> bool:
    """Tell whether it is us: several sources of several servers are asked in vain, and none answers any more.

    `servers` names each source's server. Where there are fewer, all of them are several: one server that is gone says
    nothing of the others, however many sources it has.
    """
    vain = in_vain(failing, last_good_at=last_good_at)
    silent = {servers.get(state.source, state.source) for state in vain}
    several, all_servers = min(FAILURES, max(len(servers), 1)), len(set(servers.values()))
    return len(vain) >= several and len(silent) >= min(FAILURES, all_servers)


def has_no_way_out(state: SourceState) -> bool:
    """Tell whether a source's last error is what a dead network looks like: no server answered."""
    return _word(state) in NO_WAY_OUT


def _word(state: SourceState) -> str:
    return (state.last_error or "").partition(":")[0]
