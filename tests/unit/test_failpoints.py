"""Failpoints do nothing unless asked, and then exactly once."""

from __future__ import annotations

import time

import pytest

from monitor.failpoints import FailpointReached, Failpoints, nowhere


def test_nothing_happens_at_a_place_that_was_not_named() -> None:
    nowhere("after_250")
    Failpoints.parse("before_commit=raise")("after_250")


def test_the_asked_pass_alone_fails() -> None:
    failpoints = Failpoints.parse("before_commit:3=raise, after_250=raise")
    failpoints("before_commit")
    failpoints("before_commit")
    with pytest.raises(FailpointReached):
        failpoints("before_commit")
    failpoints("before_commit")
    with pytest.raises(FailpointReached):
        failpoints("after_250")


def test_a_place_may_hold_the_process_up() -> None:
    started = time.monotonic()
    Failpoints.parse("after_mail=0.01")("after_mail")
    assert time.monotonic() - started >= 0.01


@pytest.mark.parametrize("text", ["after_250=explode", "after_250:x"])
def test_a_specification_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"could not convert|invalid literal"):
        Failpoints.parse(text)
