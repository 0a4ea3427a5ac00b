"""The last word of a daemon that ends on its database: straight to the operator, as no outbox can be trusted."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from monitor.app.compose import make_transports
from monitor.app.ending import CAUSE, Note, leave_note
from monitor.app.ground import letters
from monitor.app.startup import channels_of
from monitor.clock import SystemClock
from monitor.config import Config, failpoints
from monitor.errors import DeliveryError, StoreDamaged, TransportError
from monitor.model import Message
from monitor.pipeline import Transport
from monitor.protocols import Log
from monitor.pulse import Pulse
from monitor.text import shorten_address

PATIENCE = timedelta(seconds=30)  # systemd waits for 45 s


async def say_last_word(config: Config, error: StoreDamaged, *, log: Log, patience: timedelta = PATIENCE) -> None:
    """Leave a note for the next start and, unless that is done, send one mail, once.

    Whatever comes of it is logged; nothing is raised.
    """
    clock = SystemClock()
    try:
        first = leave_note(config.data, Note(at=clock.now(), why=str(error)))
    except OSError as wrong:
        log.warning("last_word_not_kept", error=str(wrong))
        return  # without it each start would send another
    channel = channels_of(config).get(config.operator or "")
    if not first or channel is None:
        return
    text = f"The daemon has ended: its database cannot be used\n\n{error}\n\n{_UNTIL}"
    made = make_transports(config, clock=clock, failpoint=failpoints({}), pulse=Pulse(clock.monotonic))
    transport = next(one for one in made if channel.name in one.channels)
    try:
        async with asyncio.timeout(patience.total_seconds()):
            for recipient in channel.recipients:
                message = letters(config).notice(
                    text, cause=CAUSE, recipient=recipient, channel=channel.name, now=clock.now()
                )
                await _send(transport, message, log)
    except TimeoutError:
        log.error("last_word_not_sent", error=f"no end within {patience}")
    finally:
        await transport.notifier.close()


async def _send(transport: Transport, message: Message, log: Log) -> None:
    recipient = shorten_address(message.recipient)
    try:
        await transport.notifier.open()
        await transport.notifier.send(message)
    except (TransportError, DeliveryError) as error:
        log.error("last_word_not_sent", recipient=recipient, error=str(error))
    else:
        log.warning("operator_told", cause=CAUSE, over=False, recipient=recipient, text=message.subject)


_UNTIL = (
    "Nothing is collected or sent until a person mends it; it does not start again by itself. `monitor db verify` says"
    " what is wrong, `monitor db restore FILE` takes a backup; docs/operate.md has the steps (exit status 65)."
)
