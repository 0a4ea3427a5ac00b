"""The delivery stage: due alerts become messages, messages go out; retrying is decided here and nowhere else."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from monitor.digest import gather, most
from monitor.errors import CredentialsError, DeliveryError, PermanentRefusal, StoreError, TransportError, UnknownOutcome
from monitor.model import (
    AlertKind,
    AlertSettings,
    Backfill,
    Channel,
    DueGroup,
    Limits,
    Message,
    MessageState,
    Notice,
    Receipt,
    RetryPlan,
)
from monitor.pipeline.transport import Transport, mended
from monitor.protocols import Clock, Failpoint, Log, OnStore, Outbox
from monitor.pulse import Pulse
from monitor.render import Letters
from monitor.schedule import next_try
from monitor.text import shorten_address


class Delivery:
    """Forms and sends messages. One attempt at a time for each transport."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        on_store: OnStore,
        transports: tuple[Transport, ...],
        channels: Mapping[str, Channel],
        operator: str | None,
        letters: Letters,
        settings: AlertSettings,
        retry: RetryPlan,
        limits: Limits,
        clock: Clock,
        log: Log,
        failpoint: Failpoint,
        pulse: Pulse,
        jitter: Callable[[], float] = lambda: random.uniform(-1, 1),  # noqa: S311 - spreads load, protects nothing
    ) -> None:
        """Take the stage's surroundings; `pulse` hears of each message, of which there may be thousands in a row."""
        self._outbox = outbox
        self._on_store = on_store
        self._transports = transports
        self._channels = channels
        self._operator = operator
        self._letters = letters
        self._settings = settings
        self._retry = retry
        self._limits = limits
        self._clock = clock
        self._log = log
        self._failpoint = failpoint
        self._pulse = pulse
        self._jitter = jitter
        self._proved: set[str] = set()  # transports that have worked since the start
        self._stopping = False
        self._sending = asyncio.Lock()
        self._unsettled: dict[str, tuple[Message, Receipt]] = {}
        self.sent = 0

    async def form(self) -> int:
        """Form messages from the alerts that are due; their bytes are stored before anything is sent."""
        groups = await self._on_store(self._outbox.due, now=self._clock.now(), interval=self._settings.group_interval)
        formed = 0
        for group in gather(groups):
            while await self._form(group):
                formed += 1
        return formed

    async def _form(self, group: DueGroup) -> bool:
        """Form one message of a group; False when nothing is left of it."""
        self._pulse.promise("form")
        now = self._clock.now()
        waiting = await self._on_store(self._outbox.waiting, group, now=now, limit=most(group))
        if not waiting:
            return False
        neutral = self._channels[group.channel].neutral if group.channel in self._channels else False
        past = await self._past(group)
        message = self._letters.alerts(waiting, group=group.group, neutral=neutral, now=now, past=past)
        self._failpoint("before_form")
        ids = [item.alert.id for item in waiting if item.alert.id is not None]
        formed = await self._on_store(self._outbox.form, message, ids)
        self._failpoint("after_form")
        if formed:
            self._log.info("message_formed", articles=len(ids), recipient=shorten_address(group.recipient))
        return formed

    async def _past(self, group: DueGroup) -> Backfill | None:
        """Give the back-filling that a group is about, if it is about one."""
        if group.kind is not AlertKind.BACKFILL:
            return None
        return await self._on_store(self._outbox.backfill_of, group.group)

    async def send(self) -> int:
        """Send what is due, by every transport; gives how many messages arrived."""
        async with self._sending:
            await self._write_down()
            # Each to its end: one whose store is in the way must not leave another sending beside the next tick.
            ended = await asyncio.gather(*map(self._send_by, self._transports), return_exceptions=True)
        if errors := [error for error in ended if isinstance(error, BaseException)]:
            raise errors[0]
        return sum(count for count in ended if isinstance(count, int))

    @property
    def sending(self) -> bool:
        """Whether a mail is on its way, or a server is being greeted."""
        return self._sending.locked()

    async def _write_down(self) -> None:
        """Write what came of attempts while the store was in the way; until that is done, nothing else is sent."""
        for message, receipt in tuple(self._unsettled.values()):
            await self._settle(message, receipt)

    async def stop(self, grace: timedelta) -> None:
        """Take no more messages; wait for the one in flight, at most so long, then leave it unknown."""
        self._stopping = True
        try:
            async with asyncio.timeout(grace.total_seconds()):
                async with self._sending:
                    await self._write_down()
        except TimeoutError:
            self._log.warning("message_left_unknown")
        except StoreError as error:  # the next start sends it again, the same bytes
            self._log.error("not_stored", messages=len(self._unsettled), error=str(error))
        await asyncio.gather(*(transport.notifier.close() for transport in self._transports))

    async def _send_by(self, transport: Transport) -> int:
        sent = 0
        try:
            while self._may_send(transport) and await self._due(transport):
                await transport.notifier.open()
                sent += await self._send_next(transport)
        except TransportError as error:
            await self._fails(transport, error)
        finally:
            await transport.notifier.close()
            self._pulse.keep(f"send:{transport.name}")
        return sent

    def _may_send(self, transport: Transport) -> bool:
        now = self._clock.monotonic()
        return not self._stopping and not transport.circuit.blocked(now) and not transport.rate.wait(now)

    async def _due(self, transport: Transport) -> bool:
        return await self._on_store(self._outbox.has_due, transport.channels, now=self._clock.now())

    async def _send_next(self, transport: Transport) -> int:
        """Claim one message, hand it over, write down what came of it."""
        self._pulse.promise(f"send:{transport.name}")
        self._failpoint("before_claim")
        message = await self._on_store(
            self._outbox.claim_message, transport.channels, now=self._clock.now(), lease=transport.lease
        )
        self._failpoint("after_claim")
        if message is None:
            return 0
        transport.rate.count(self._clock.monotonic())
        try:
            receipt = await self._hand_over(transport, message)
        except TransportError:
            # Nothing was handed over: the message waits as it was, and no attempt is counted.
            await self._settle(message, self._receipt(MessageState.QUEUED, "", counts=False))
            raise
        await self._settle(message, receipt)  # before all else: what the store is in the way of must not go twice
        await self._works(transport)  # not before: a server may greet us and take nothing
        return int(receipt.state is MessageState.SENT)

    async def _hand_over(self, transport: Transport, message: Message) -> Receipt:
        """Try once; every answer about this message becomes a receipt."""
        try:
            reply = await transport.notifier.send(message)
        except UnknownOutcome as error:
            return self._again(message, error, MessageState.UNKNOWN)
        except PermanentRefusal as error:
            return self._receipt(MessageState.FAILED, error.reply)
        except DeliveryError as error:
            return self._again(message, error, MessageState.QUEUED)
        return self._receipt(MessageState.SENT, reply)

    def _again(self, message: Message, error: DeliveryError, state: MessageState) -> Receipt:
        """Plan another attempt, or give up."""
        now = self._clock.now()
        at = next_try(
            message.attempts + 1,
            self._retry,
            created_at=message.created_at,
            now=now,
            jitter=self._jitter(),
            unknown=state is MessageState.UNKNOWN,
        )
        if at is None:
            return self._receipt(MessageState.FAILED, f"given up after {self._retry.give_up}: {error.reply}")
        return Receipt(state=state, at=now, reply=error.reply, next_try_at=at)

    def _receipt(self, state: MessageState, reply: str, *, counts: bool = True) -> Receipt:
        return Receipt(state=state, at=self._clock.now(), reply=reply, counts=counts)

    async def _settle(self, message: Message, receipt: Receipt) -> None:
        """Write down what came of an attempt; where that fails it is kept, and written before anything else is sent."""
        self._failpoint("before_settle")
        self._unsettled[message.message_id] = message, receipt  # in hand until it is on disk
        await self._on_store(self._written_down, message, receipt, self._clock.now())
        del self._unsettled[message.message_id]
        self._failpoint("after_settle")
        told = {"recipient": shorten_address(message.recipient), "message_id": message.message_id}
        if receipt.state is MessageState.SENT:
            self.sent += 1
            self._log.info("message_sent", **told)
        elif receipt.state is MessageState.FAILED:
            self._log.error("message_failed", reply=receipt.reply, **told)
        elif receipt.counts:
            self._log.warning("message_deferred", state=str(receipt.state), reply=receipt.reply, **told)

    def _written_down(self, message: Message, receipt: Receipt, now: datetime) -> None:
        """Settle a message and, of one that was refused for good, tell the operator, in one transaction."""
        with self._outbox.transaction():
            # Of somebody forgotten nothing is told: the reply may repeat the address.
            if self._outbox.settle_message(message, receipt) and receipt.state is MessageState.FAILED:
                cause = f"message:{message.message_id}"
                text = f"A message to {shorten_address(message.recipient)} was refused for good\n\n{receipt.reply}"
                new = self._outbox.notice(Notice(cause=cause, text=text, at=receipt.at))
                # A notice that fails is noted, never told.
                if new and message.group != "operator":
                    self._form_notice(text, cause, now=now, but=message.recipient)

    async def _works(self, transport: Transport) -> None:
        """Close what was told of a transport, by a process before this one, too; at each success until it is stored."""
        if transport.circuit.close():
            self._proved.discard(transport.name)
        if transport.name in self._proved:
            return
        if since := await self._on_store(self._relieve, transport, self._clock.now()):
            self._log.info("transport_works_again", transport=transport.name, since=since)
        self._proved.add(transport.name)
        transport.untold, transport.last_error = None, ""

    def _relieve(self, transport: Transport, now: datetime) -> datetime | None:
        """Resolve the notice of a transport and store the mail about it in one transaction; gives since when it was."""
        with self._outbox.transaction():
            told = self._outbox.open_notice(transport.cause) or transport.untold
            if told is None:
                return None
            self._outbox.resolve(transport.cause, now)
            # One that the second probe found mended is a hiccup, and nobody's concern.
            if now - told.at >= self._limits.probe * 2:
                began, ended = map(self._letters.minute, (told.at, now))
                text = mended(began, ended, first=told.text, last=transport.last_error)
                self._form_notice(text, transport.cause, now=now)
        return told.at

    def _form_notice(self, text: str, cause: str, *, now: datetime, but: str | None = None) -> None:
        """Store a mail for each recipient of the operator's channel, `but` one of them."""
        channel = self._channels.get(self._operator or "")
        for recipient in channel.recipients if channel is not None else ():
            if recipient != but and channel is not None:
                letter = self._letters.notice(text, cause=cause, recipient=recipient, channel=channel.name, now=now)
                self._outbox.form(letter, [])

    async def _fails(self, transport: Transport, error: TransportError) -> None:
        """Open the circuit; the first failure is told, once the store lets it be, the rest only keep it open."""
        credentials = isinstance(error, CredentialsError)
        transport.last_error = str(error)
        wait = self._limits.credentials_probe if credentials else self._limits.probe
        if transport.circuit.open(self._clock.monotonic(), wait):
            self._log.error("transport_fails", transport=transport.name, error=str(error), next_probe=str(wait))
            transport.untold = Notice(cause=transport.cause, text=str(error), at=self._clock.now())
        if transport.untold is not None:
            await self._on_store(self._tell_trouble, transport, transport.untold)
            transport.untold = None

    def _tell_trouble(self, transport: Transport, notice: Notice) -> None:
        """Open the notice of a transport and store the mail about it in one transaction."""
        with self._outbox.transaction():
            # Where the operator hears by this very transport, the mail is formed when it can be sent.
            if self._outbox.notice(notice) and self._operator not in transport.channels:
                text = f"Mail cannot be sent\n\n{notice.text}\nNothing is lost; `monitor doctor` shows the step."
                self._form_notice(text, notice.cause, now=notice.at)
