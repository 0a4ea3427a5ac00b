"""The SMTP dialogue of `monitor doctor`: each step, which one fails, and that nothing is sent."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.doctor import mail_steps
from monitor.model import RetryPlan, Secret, Smtp, SmtpSecurity
from monitor.notify import Dialogue
from tests.rigs.smtp import DROP, HANG, Sink, certificate

PLAN = RetryPlan(waits=(timedelta(minutes=1),), give_up=timedelta(days=5))


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink() as made:
        yield made


def server(sink: Sink, **changes: Any) -> Smtp:
    smtp = Smtp(
        host="127.0.0.1",
        port=sink.port,
        security=SmtpSecurity.NONE,
        sender="News monitor <m@example.org>",
        retry=PLAN,
        connect=timedelta(seconds=20),
        command=timedelta(seconds=20),
    )
    return replace(smtp, **changes)


async def talk(smtp: Smtp, **more: Any) -> tuple[list[str], str]:
    """The steps that worked, and the one that failed with what was said of it."""
    steps = await Dialogue(smtp, **more).hold("anna@example.org")
    failed = [f"{step.stage}: {step.told}" for step in steps if not step.ok]
    assert not any(step.ok for step in steps[len(steps) - len(failed) :]) or not failed
    return [str(step.stage) for step in steps if step.ok], "".join(failed)


async def test_a_server_that_is_right_is_asked_up_to_the_recipient_and_nothing_is_sent(sink: Sink) -> None:
    sink.extensions = ("AUTH PLAIN",)
    steps, failed = await talk(server(sink, user="me", password=Secret("secret")))
    assert steps == ["name", "connection", "greeting", "EHLO", "AUTH", "MAIL", "RCPT"]
    assert failed == ""
    assert sink.verbs == ["EHLO", "AUTH", "MAIL", "RCPT", "RSET", "QUIT"]
    assert sink.received == []


@pytest.mark.parametrize(
    ("verb", "reply", "stage", "words"),
    [
        ("GREETING", "554 no service for you", "greeting", "554 no service for you"),
        ("GREETING", DROP, "greeting", ""),
        ("EHLO", "502 what", "EHLO", "502 what"),
        ("EHLO", DROP, "EHLO", ""),
        ("AUTH", "535 5.7.8 wrong password", "AUTH", "535 5.7.8 wrong password"),
        ("MAIL", "550 not your address", "MAIL", "550 not your address"),
        ("MAIL", "451 later", "MAIL", "451 later"),
        ("RCPT", "550 no such user", "RCPT", "550 no such user"),
        ("RCPT", DROP, "RCPT", ""),
    ],
)
async def test_the_first_step_that_fails_is_named_with_the_servers_words_and_a_remedy(
    verb: str, reply: str, stage: str, words: str, sink: Sink
) -> None:
    sink.extensions = ("AUTH PLAIN",)
    sink.say(verb, *([reply] * 2))
    smtp = server(sink, user="me", password=Secret("secret"))
    _, failed = await talk(smtp)
    assert failed.startswith(f"{stage}: ")
    assert words in failed
    (check,) = mail_steps(smtp, [(stage, False, failed)])
    assert check.remedy
    assert "{" not in check.remedy
    assert sink.received == []


async def test_a_server_that_says_nothing_is_left_after_its_time(sink: Sink) -> None:
    sink.say("GREETING", HANG)
    _, failed = await talk(server(sink, command=timedelta(seconds=0.2)))
    assert failed == "greeting: no answer within 0.2 s"


async def test_nobody_there_and_no_such_name_are_told_apart(sink: Sink) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        steps, failed = await talk(server(sink, port=unused.getsockname()[1]))
    assert steps == ["name"]
    assert failed.startswith("connection: ")
    steps, failed = await talk(server(sink, host="mail.invalid"))
    assert steps == []
    assert failed.startswith("name: ")


async def test_without_starttls_no_password_is_sent(sink: Sink) -> None:
    sink.extensions = ("AUTH PLAIN",)
    _, failed = await talk(server(sink, security=SmtpSecurity.STARTTLS, user="me", password=Secret("secret")))
    assert failed == "STARTTLS: the server offers no STARTTLS"
    assert "AUTH" not in sink.verbs


async def test_a_certificate_is_a_step_of_its_own(sink: Sink, tmp_path: Path) -> None:
    sink.extensions = ("STARTTLS", "AUTH PLAIN")
    sink.tls, trusted = certificate(tmp_path)
    smtp = server(sink, security=SmtpSecurity.STARTTLS, user="me", password=Secret("secret"))
    _, failed = await talk(smtp)
    assert failed.startswith("certificate: ")
    assert "AUTH" not in sink.verbs
    steps, failed = await talk(replace(smtp, ca_file=str(trusted)))
    assert (steps[3:], failed) == (["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT"], "")


async def test_certificates_that_cannot_be_read_are_named(sink: Sink, tmp_path: Path) -> None:
    gone = tmp_path / "ca.pem"
    _, failed = await talk(server(sink, security=SmtpSecurity.STARTTLS, ca_file=str(gone)))
    assert failed == f"certificate: no certificates can be read from {gone} (smtp.ca_file): No such file or directory"
    assert sink.verbs == []


async def test_addresses_are_named_as_a_mail_names_them(sink: Sink) -> None:
    smtp = server(sink, sender="M <m@почта.example>")
    steps = await Dialogue(smtp).hold("anna@պոստ.example")
    assert all(step.ok for step in steps)
    assert sink.named == ["m@xn--80a1acny.example", "anna@xn--mbbdki.example"]
    *_, last = await Dialogue(smtp).hold("аня@example.org")
    assert (str(last.stage), last.ok) == ("RCPT", False)
    assert "SMTPUTF8" in last.told


async def test_a_port_that_speaks_no_tls_is_told_as_one(sink: Sink) -> None:
    _, failed = await talk(server(sink, security=SmtpSecurity.TLS), tls=ssl.create_default_context())
    assert failed.startswith("certificate: ")


async def test_case_58_a_server_that_repeats_the_password_does_not_bring_it_into_the_report(sink: Sink) -> None:
    sink.extensions = ("AUTH PLAIN",)
    sink.say("AUTH", *["535 5.7.8 c4nary is wrong"] * 2)
    _, failed = await talk(server(sink, user="me", password=Secret("c4nary")))
    assert failed == "AUTH: 535 5.7.8 *** is wrong"
