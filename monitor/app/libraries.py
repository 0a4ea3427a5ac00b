"""The libraries of this machine: which they are, and that hostile input could use none of them against it."""

from __future__ import annotations

import pyexpat
import re
import ssl
import sys
from importlib.metadata import PackageNotFoundError, version

from monitor.collect.html import libxml2_version
from monitor.errors import UnfitMachine
from monitor.machine import SAFE_EXPAT, Release, Versions, findings
from monitor.model import Verdict
from monitor.protocols import Clock, Log
from monitor.store import journal_mode, sqlite_version


def versions() -> Versions:
    """Give what this process runs on."""
    name = re.match(r"[A-Za-z]+", ssl.OPENSSL_VERSION)
    return Versions(
        python=tuple(sys.version_info[:3]),
        sqlite=sqlite_version(),
        journal=journal_mode(),
        expat=_numbers(pyexpat.EXPAT_VERSION),
        openssl=_numbers(ssl.OPENSSL_VERSION.split()[1]),
        openssl_name=name[0] if name else "OpenSSL",
        libxml2=libxml2_version(),
        uvloop=_installed("uvloop"),
        pysqlite3=_installed("pysqlite3"),
    )


def check_libraries() -> None:
    """Refuse a machine whose XML parser expands whatever it is told to.

    Raises:
        UnfitMachine: expat is older than 2.4.1.
    """
    if _numbers(pyexpat.EXPAT_VERSION) < SAFE_EXPAT:
        told, safe = pyexpat.EXPAT_VERSION.replace("_", " "), ".".join(map(str, SAFE_EXPAT))
        raise UnfitMachine(
            f"this Python reads XML with {told}, which a feed of a few lines can make take all memory"
            f" (CVE-2013-0340); install expat {safe} or newer, or a Python that brings one"
        )


def tell_libraries(running: Versions, *, clock: Clock, log: Log) -> None:
    """Say in the log what is wrong with a library, a line each, with what is done about it (case 64)."""
    for check in findings(running, clock.now().date()):
        if check.verdict is not Verdict.OK:
            log.warning("library_is_old", library=check.name, finding=check.told, remedy=check.remedy)


def _numbers(text: str) -> Release:
    return tuple(int(number) for number in re.findall(r"\d+", text))


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
