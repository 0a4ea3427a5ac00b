"""Who was connected to, and what the guard had seen before: told by the processes themselves, children too.

A child's Python reads `sitecustomize.py` before anything else. It can also be told what names resolve to.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.collect.guard import AddressGuard

_CUSTOMIZE = """
import json, os, socket

from monitor import eventloop
from monitor.collect.guard import AddressGuard

_LOG = os.environ["MONITOR_WITNESS"]
_NAMES = json.loads(os.environ["MONITOR_NAMES"])
eventloop.loop_factory = lambda: None  # uvloop would resolve names by itself

def say(*words):
    with open(_LOG, "a") as log:
        log.write(json.dumps(words) + "\\n")

def connect(line, address, connect=socket.socket.connect):
    if line.family in (socket.AF_INET, socket.AF_INET6):
        say("connected", address[0], address[1])
    return connect(line, address)

def check(guard, text, check=AddressGuard.check):
    say("checked", text)
    return check(guard, text)

def getaddrinfo(host, port, *args, getaddrinfo=socket.getaddrinfo, **kwargs):
    say("asked", host)
    if host not in _NAMES:
        return getaddrinfo(host, port, *args, **kwargs)
    answers = _NAMES[host]
    told = answers.pop(0) if len(answers) > 1 else answers[0]
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in told]

socket.socket.connect = connect
AddressGuard.check = check
socket.getaddrinfo = getaddrinfo
"""
Names = Mapping[str, Sequence[Sequence[str]]]  # what each name resolves to, question by question


@dataclass
class Witness:
    """Told of connections, checks and questions, in order."""

    events: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def connected(self) -> list[str]:
        return [event[1] for event in self.events if event[0] == "connected"]

    def asked(self, host: str) -> int:
        return self.events.count(("asked", host))

    def unseen(self) -> list[str]:
        """Addresses that were connected to though the guard had not seen them."""
        checked: set[str] = set()
        found = []
        for kind, address, *_ in self.events:
            if kind == "checked":
                checked.add(address)
            elif kind == "connected" and address not in checked:
                found.append(address)
        return found


class ChildWitness:
    """`CrawlRig(environ=ChildWitness(folder).environ)`; `told()` once the child has ended."""

    def __init__(self, folder: Path, names: Names | None = None) -> None:
        self._log = folder / "witness.log"
        (folder / "sitecustomize.py").write_text(_CUSTOMIZE, encoding="utf-8")
        self.environ = {
            "PYTHONPATH": str(folder),
            "MONITOR_WITNESS": str(self._log),
            "MONITOR_NAMES": json.dumps(dict(names or {})),
        }

    def told(self) -> Witness:
        lines = self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []
        return Witness([tuple(json.loads(line)) for line in lines])


def watched(monkeypatch: pytest.MonkeyPatch) -> Witness:
    """Watch this process: it has no other place where everything that connects passes."""
    witness = Witness()
    connect, check = socket.socket.connect, AddressGuard.check

    def connecting(line: socket.socket, address: Any) -> None:
        if line.family in {socket.AF_INET, socket.AF_INET6}:
            witness.events.append(("connected", address[0]))
        connect(line, address)

    def checking(guard: AddressGuard, text: str) -> None:
        witness.events.append(("checked", text))
        check(guard, text)

    monkeypatch.setattr(socket.socket, "connect", connecting)
    monkeypatch.setattr(AddressGuard, "check", checking)
    return witness


class StubResolver(AbstractResolver):
    """Answers as it is told to, question by question; the last answer repeats. An alias is told as aiohttp tells it."""

    def __init__(self, names: Names) -> None:
        self._names = {host: list(answers) for host, answers in names.items()}
        self.asked: list[str] = []

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - the base class names it
    ) -> list[ResolveResult]:
        self.asked.append(host)
        if host not in self._names:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        answers = self._names[host]
        told = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in told
        ]

    async def close(self) -> None:
        return
