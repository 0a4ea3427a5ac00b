"""The last word of a daemon that ends on its database: straight to the operator, as no outbox can be trusted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from monitor.app.compose import make_transports
from monitor.app.ending import CAUSE, Note, leave_note, read_note
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
    """Leave a note and send one mail, unless the note of an earlier end says that it was sent.

    Whatever comes of it is logged; nothing is raised but CancelledError.
    """
    note = read_note(config.data) or Note(at=SystemClock().now(), why=str(error))
    if note.sent:
        return
    _keep(config, note, log)  # before anything that may take long: the end may be a hard one
    try:
        async with asyncio.timeout(patience.total_seconds()):
            await _tell(config, note, log)
    except TimeoutError:
        log.error("last_word_not_sent", error=f"no end within {patience}")
    except Exception as wrong:  # the boundary of the process: it ends on the damage, and not on this
        log.error("last_word_not_sent", error=str(wrong), exc_info=wrong)


async def _tell(config: Config, note: Note, log: Log) -> None:
    """Send the mail to each of the operator's channel; whoever hears first is noted at once."""
    channel = channels_of(config).get(config.operator or "")
    if channel is None:
        return
    text = f"The daemon has ended: its database cannot be used\n\n{note.why}\n\n{_UNTIL}"
    clock = SystemClock()
    made = make_transports(config, clock=clock, failpoint=failpoints({}), pulse=Pulse(clock.monotonic))
    transport = next(one for one in made if channel.name in one.channels)
    try:
        for recipient in channel.recipients:
            # Of the time of the end, and so the same mail at each try: one that did arrive is known again.
            message = letters(config).notice(text, cause=CAUSE, recipient=recipient, channel=channel.name, now=note.at)
            if await _send(transport, message, log) and not note.sent:
                note = replace(note, sent=True)
                _keep(config, note, log)
    finally:
        await transport.notifier.close()


async def _send(transport: Transport, message: Message, log: Log) -> bool:
    recipient = shorten_address(message.recipient)
    try:
        await transport.notifier.open()
        await transport.notifier.send(message)
    except (TransportError, DeliveryError) as error:
        log.error("last_word_not_sent", recipient=recipient, error=str(error))
        return False
    log.warning("operator_told", cause=CAUSE, over=False, recipient=recipient, text=message.subject)
    return True


def _keep(config: Config, note: Note, log: Log) -> None:
    """Leave the note; where that cannot be, the mail goes out all the same, at each start if need be."""
    try:
        leave_note(config.data, note)
    except OSError as wrong:
        log.warning("last_word_not_kept", error=str(wrong))


_UNTIL = (
    "Nothing is collected or sent until a person mends it; it does not start again by itself. `monitor db verify` says"
    " what is wrong, `monitor db restore FILE` takes a backup; docs/operate.md has the steps (exit status 65)."
)
