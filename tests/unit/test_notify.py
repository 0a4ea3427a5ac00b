from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import (
    CredentialsError,
    MonitorError,
    PermanentRefusal,
    TemporaryRefusal,
    TransportError,
    UnknownOutcome,
)
from monitor.failpoints import FailpointReached, Failpoints, nowhere
from monitor.model import Message, RetryPlan, Secret, Smtp, SmtpSecurity
from monitor.notify import MaildirNotifier, SmtpNotifier
from monitor.pulse import Pulse
from tests.factories import NOW
from tests.fakes import FakeClock
from tests.rigs.smtp import DROP, HANG, Sink, certificate
from tests.unit.test_render import LETTERS, waiting

PLAN = RetryPlan(waits=(timedelta(minutes=1),), give_up=timedelta(days=5))


def letter(recipient: str = "anna@example.org", number: int = 1) -> Message:
    return LETTERS.alerts([waiting(number=number, recipient=recipient)], group="rule:x", neutral=False, now=NOW)


def smtp(sink: Sink, **changes: Any) -> Smtp:
    second = timedelta(milliseconds=300)
    plain = Smtp(
        host="127.0.0.1",
        port=sink.port,
        security=SmtpSecurity.NONE,
        sender="News <monitor@example.org>",
        retry=PLAN,
        command=second,
        connect=second,
        data=second,
    )
    return replace(plain, **changes)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink() as server:
        yield server


def notifier(sink: Sink, **changes: object) -> SmtpNotifier:
    return SmtpNotifier(smtp(sink, **changes), clock=FakeClock(), failpoint=nowhere, pulse=Pulse(FakeClock().monotonic))


async def test_a_message_arrives_byte_for_byte(sink: Sink) -> None:
    out = notifier(sink)
    await out.open()
    assert await out.send(letter()) == "250 kept"
    await out.open()
    await out.send(letter(number=2))
    await out.close()
    assert [item.raw for item in sink.received] == [letter().raw, letter(number=2).raw]
    assert (sink.received[0].sender, sink.received[0].recipient) == ("monitor@example.org", "anna@example.org")
    assert sink.connections == 1


@pytest.mark.parametrize(
    ("verb", "reply", "expected"),
    [
        ("MAIL", "450 later", TemporaryRefusal), ("MAIL", "550 never", PermanentRefusal), ("RCPT", "450 greylisted", TemporaryRefusal),
        ("RCPT", "550 no such user", PermanentRefusal), ("DATA", "451 later", TemporaryRefusal), ("DATA", "554 never", PermanentRefusal),
        ("DOT", "451 later", TemporaryRefusal), ("DOT", "452 full", TemporaryRefusal), ("DOT", "421 closing", TemporaryRefusal),
        ("DOT", "550 spam", PermanentRefusal), ("DOT", "554 no", PermanentRefusal), ("DOT", "552 too big", PermanentRefusal),
        ("DOT", DROP, UnknownOutcome), ("DOT", HANG, UnknownOutcome),
        ("MAIL", DROP, TransportError), ("RCPT", HANG, TransportError), ("MAIL", "421 going down", TransportError),
    ],
)  # fmt: skip # a table
async def test_every_answer_has_its_meaning(sink: Sink, verb: str, reply: str, expected: type[MonitorError]) -> None:
    """(cases 5, 7, 8, 10)"""
    sink.say(verb, reply)
    out = notifier(sink)
    await out.open()
    with pytest.raises(expected):
        await out.send(letter())
    await out.open()
    assert await out.send(letter(number=2)) == "250 kept"
    await out.close()


async def test_after_the_250_nothing_can_go_wrong_any_more(sink: Sink) -> None:
    """(case 6)"""
    for quit_reply in ("421 too late", DROP):
        sink.say("QUIT", quit_reply)
        out = notifier(sink)
        await out.open()
        assert await out.send(letter()) == "250 kept"
        await out.close()


@pytest.mark.parametrize("reply", ["421 too busy", DROP, HANG, "554 go away"])
async def test_a_server_that_does_not_greet_is_the_transports_failure(sink: Sink, reply: str) -> None:
    sink.say("GREETING", reply)
    with pytest.raises(TransportError):
        await notifier(sink).open()


async def test_nobody_listening_is_the_transports_failure(sink: Sink) -> None:
    with pytest.raises(TransportError):
        await notifier(sink, port=1).open()


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
async def test_a_password_is_given_only_over_tls(tmp_path: Path, mechanism: str) -> None:
    """(case 116)"""
    context, ca = certificate(tmp_path)
    async with Sink(extensions=("STARTTLS", f"AUTH {mechanism}"), tls=context) as sink:
        out = notifier(
            sink,
            security=SmtpSecurity.STARTTLS,
            user="u",
            password=Secret("secret"),
            ca_file=str(ca),
            command=timedelta(seconds=5),
        )
        await out.open()
        await out.send(letter())
        await out.close()
        assert sink.verbs.index("STARTTLS") < sink.verbs.index("AUTH")
        assert len(sink.received) == 1


async def test_a_wrong_password_is_for_a_person_to_mend(tmp_path: Path) -> None:
    """(case 11)"""
    context, ca = certificate(tmp_path)
    async with Sink(extensions=("STARTTLS", "AUTH PLAIN"), tls=context) as sink:
        out = notifier(
            sink,
            security=SmtpSecurity.STARTTLS,
            user="u",
            password=Secret("wrong"),
            ca_file=str(ca),
            command=timedelta(seconds=5),
        )
        with pytest.raises(CredentialsError, match="535"):
            await out.open()
        assert "MAIL" not in sink.verbs


async def test_a_name_that_no_server_can_have_is_trouble_of_the_way_out_and_no_crash(sink: Sink) -> None:
    with pytest.raises(TransportError, match=r"smtp\.\.example"):
        await notifier(sink, host="smtp..example.org").open()


async def test_certificates_that_cannot_be_read_are_for_a_person_to_mend(sink: Sink, tmp_path: Path) -> None:
    (empty := tmp_path / "ca.pem").write_text("nothing")
    for file in (empty, tmp_path / "gone.pem"):
        with pytest.raises(CredentialsError, match=r"smtp\.ca_file"):
            await notifier(sink, security=SmtpSecurity.STARTTLS, ca_file=str(file)).open()
    assert sink.verbs == []


@pytest.mark.parametrize(("extensions", "reply"), [((), None), (("STARTTLS",), "454 not now"), (("STARTTLS",), DROP)])
async def test_without_starttls_nothing_is_given_away(extensions: tuple[str, ...], reply: str | None) -> None:
    """(case 61)"""
    async with Sink(extensions=(*extensions, "AUTH PLAIN")) as sink:
        if reply:
            sink.say("STARTTLS", reply)
        with pytest.raises(TransportError):
            await notifier(sink, security=SmtpSecurity.STARTTLS, user="u", password=Secret("secret")).open()
        assert not {"AUTH", "MAIL"} & set(sink.verbs)


@pytest.mark.parametrize("security", [SmtpSecurity.STARTTLS, SmtpSecurity.TLS])
async def test_a_foreign_certificate_is_refused(tmp_path: Path, security: SmtpSecurity) -> None:
    """(cases 11, 61)"""
    context, _ = certificate(tmp_path)
    async with Sink(extensions=("STARTTLS",), tls=context) as sink:
        with pytest.raises(TransportError):
            await notifier(sink, security=security, command=timedelta(seconds=5)).open()
        assert "MAIL" not in sink.verbs


async def test_a_worn_connection_is_replaced(sink: Sink) -> None:
    """(case 117)"""
    clock = FakeClock()
    out = SmtpNotifier(smtp(sink, per_connection=2), clock=clock, failpoint=nowhere, pulse=Pulse(clock.monotonic))
    for number in range(1, 6):
        await out.open()
        await out.send(letter(number=number))
    assert sink.connections == 3
    clock.advance(3600)
    await out.open()
    await out.close()
    assert sink.connections == 4


async def test_an_address_that_needs_smtputf8_fails_alone(sink: Sink) -> None:
    """(case 115)"""
    out = notifier(sink)
    await out.open()
    with pytest.raises(PermanentRefusal, match="SMTPUTF8"):
        await out.send(letter("юзер@example.com"))
    await out.send(letter("u@հայ.example"))
    await out.close()
    assert sink.received[0].recipient == "u@xn--y9a3aq.example"


async def test_bytes_that_are_not_safe_never_leave(sink: Sink) -> None:
    """(case 48)"""
    out = notifier(sink)
    await out.open()
    with pytest.raises(PermanentRefusal, match="headers"):
        await out.send(replace(letter(), raw=letter().raw.replace(b"\r\nDate", b"\r\nBcc: x@y.z\r\nDate")))
    await out.close()
    assert "MAIL" not in sink.verbs


async def test_a_maildir_keeps_one_file_for_each_message(tmp_path: Path) -> None:
    out = MaildirNotifier(tmp_path / "mail", failpoint=nowhere)
    await out.open()
    assert "delivered" in await out.send(letter("desk"))
    await out.send(letter("desk"))
    (file,) = (tmp_path / "mail" / "new").iterdir()
    assert file.read_bytes() == letter("desk").raw
    assert file.stat().st_mode & 0o777 == 0o600
    file.rename(tmp_path / "mail" / "cur" / (file.name + ":2,S"))
    await out.send(letter("desk"))
    assert not list((tmp_path / "mail" / "new").iterdir())
    await out.close()


async def test_a_maildir_that_cannot_be_written_is_the_transports_failure(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("")
    with pytest.raises(TransportError):
        await MaildirNotifier(tmp_path / "mail", failpoint=nowhere).open()


def test_failpoints_act_at_the_pass_that_was_named() -> None:
    points = Failpoints.parse("here:2=raise, there=0.001")
    points("here")
    points("elsewhere")
    points("there")
    with pytest.raises(FailpointReached, match="here"):
        points("here")
    points("here")
    with pytest.raises(ValueError, match="x"):
        Failpoints.parse("a=x")
