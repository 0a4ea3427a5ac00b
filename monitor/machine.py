"""What is known to be wrong with versions of the libraries below us, and what we do about it: pure (case 64)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from monitor.model import Check, fine, noted, wrong

Release = tuple[int, ...]

# From this release on, expat stops entities that expand without end (CVE-2013-0340); feeds are XML from anybody.
SAFE_EXPAT: Release = (2, 4, 1)
# Before it, one token that never ends takes quadratic time (CVE-2023-52425).
GOOD_EXPAT: Release = (2, 6, 0)
# Before it, entities may overflow or damage its dictionary (CVE-2022-40303, CVE-2022-40304).
GOOD_LIBXML2: Release = (2, 10, 3)
# From these releases on, Python refuses to write a header with a line break in it (CVE-2024-6923).
_GOOD_MAIL: Mapping[Release, Release] = {(3, 11): (3, 11, 10), (3, 12): (3, 12, 5)}
# Ends of security fixes: devguide.python.org/versions, openssl-library.org/policies/releasestrat.
_PYTHON_ENDS: Mapping[Release, date] = {
    (3, 11): date(2027, 10, 31),
    (3, 12): date(2028, 10, 31),
    (3, 13): date(2029, 10, 31),
    (3, 14): date(2030, 10, 31),
}
_OPENSSL_ENDS: Mapping[Release, date] = {
    (3, 0): date(2026, 9, 7),
    (3, 1): date(2025, 3, 14),
    (3, 2): date(2025, 11, 23),
    (3, 3): date(2026, 4, 9),
    (3, 4): date(2026, 10, 22),
    (3, 5): date(2030, 4, 8),
    (3, 6): date(2026, 11, 1),
}
_OPENSSL_LAST_ENDED: Release = (1, 1)  # with all before it, in September 2023
_OTHER_PYTHON = "install a newer Python and this program in it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What this process runs on. `journal` is the mode that the database is opened in; None: a library is not there."""

    python: Release
    sqlite: Release
    journal: str
    expat: Release
    openssl: Release
    openssl_name: str = "OpenSSL"
    libxml2: Release
    uvloop: str | None
    pysqlite3: str | None


def findings(versions: Versions, today: date) -> tuple[Check, ...]:
    """Give one check for each library, those that are well too."""
    return (
        _python(versions.python, today),
        _sqlite(versions),
        _expat(versions.expat),
        _openssl(versions, today),
        _libxml2(versions.libxml2),
        _loop(versions.uvloop),
    )


def _python(version: Release, today: date) -> Check:
    end = _PYTHON_ENDS.get(version[:2])
    if end is not None and today > end:
        return noted("Python", f"{_dotted(version)} has had no security fixes since {end}", _OTHER_PYTHON)
    if version < _GOOD_MAIL.get(version[:2], version):
        told = (
            f"{_dotted(version)} lets a title add lines to a mail's header (CVE-2024-6923);"
            " our own header writer is on, and every mail is checked before it is sent"
        )
        return noted("Python", told, f"install {_dotted(_GOOD_MAIL[version[:2]])} or newer")
    return fine("Python", _dotted(version))


def _sqlite(versions: Versions) -> Check:
    version = _dotted(versions.sqlite)
    if versions.journal != "wal":
        told = (
            f"{version} may damage a WAL database that several processes write; the journal is"
            f" {versions.journal.upper()} instead: nothing is lost, writing is somewhat slower"
        )
        remedy = (
            "pip install pysqlite3, or SQLite 3.51.3 or newer" if versions.pysqlite3 is None else "update pysqlite3"
        )
        return noted("SQLite", told, remedy)
    by = f" by pysqlite3 {versions.pysqlite3}" if versions.pysqlite3 else ""
    return fine("SQLite", f"{version}{by}, journal {versions.journal.upper()}")


def _expat(version: Release) -> Check:
    told = _dotted(version)
    if version < SAFE_EXPAT:
        what = f"{told} lets a feed of a few lines take all memory (CVE-2013-0340): nothing starts"
        return wrong("expat", what, f"install expat {_dotted(SAFE_EXPAT)} or newer, or a Python that brings one")
    if version < GOOD_EXPAT:
        what = (
            f"{told} takes very long over some feeds (CVE-2023-52425);"
            " each feed is parsed in a process that is ended at its limit (limits.parse)"
        )
        return noted("expat", what, f"install expat {_dotted(GOOD_EXPAT)} or newer")
    return fine("expat", told)


def _openssl(versions: Versions, today: date) -> Check:
    told, version = f"{versions.openssl_name} {_dotted(versions.openssl)}", versions.openssl
    end = _OPENSSL_ENDS.get(version[:2]) if versions.openssl_name == "OpenSSL" else None
    ended = end is not None and today > end
    if not ended and not (versions.openssl_name == "OpenSSL" and version[:2] <= _OPENSSL_LAST_ENDED):
        return fine("OpenSSL", told)
    since = f"since {end}" if end else "for years"
    what = (
        f"{told} has had no fixes from its authors {since};"
        " certificates and names are verified all the same, and nothing older than TLS 1.2 is spoken"
    )
    return noted("OpenSSL", what, "update it, unless your distribution mends it itself (Debian, Ubuntu and Red Hat do)")


def _libxml2(version: Release) -> Check:
    told = _dotted(version)
    if version < GOOD_LIBXML2:
        what = (
            f"{told} can be made to crash by a page (CVE-2022-40303);"
            " pages and feeds are read in processes of their own, which are replaced"
        )
        return noted("libxml2", what, "pip install --upgrade lxml")
    return fine("libxml2", told)


def _loop(uvloop: str | None) -> Check:
    if uvloop is None:
        return noted("uvloop", "not there; Python's own loop is used, which is slower", "pip install uvloop")
    return fine("uvloop", uvloop)


def _dotted(version: Release) -> str:
    return ".".join(map(str, version))
