"""Encodings of the region for which Python has no codec: ARMSCII-8 (Armenia's AST 34.005), and two of Georgia.

The tables are those of GNU libiconv, under whose names pages declare them.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping

_ARMENIAN = "".join(chr(0x531 + number) + chr(0x561 + number) for number in range(38))
_ARMSCII_8 = (
    "".join(map(chr, range(0xA1)))
    + "\ufffd\u0587\u0589)(»«—.\u055d,-\u058a…\u055c\u055b\u055e"
    + _ARMENIAN
    + "\u055a\ufffd"
)
_WINDOWS = bytes(range(0xC0)).decode("cp1252", "replace")
_MKHEDRULI = "".join(map(chr, range(0x10D0, 0x10F7)))
_OLD_ALPHABET = "აბგდევზჱთიკლმნჲოპჟრსტჳუფქღყშჩცძწჭხჴჯჰჵ"
_TABLES: Mapping[str, str] = {
    "armscii-8": _ARMSCII_8,
    "armscii8": _ARMSCII_8,
    "georgian-academy": _WINDOWS + _MKHEDRULI + bytes(range(0xE7, 0x100)).decode("cp1252"),
    "georgian-ps": _WINDOWS + _OLD_ALPHABET + bytes(range(0xE6, 0x100)).decode("cp1252"),
}


def table_of(name: str) -> str | None:
    """Give the 256 characters of an encoding by its declared name; None for one that is not here."""
    return _TABLES.get(name.lower())


def decode_by(table: str, body: bytes) -> str:
    """Give the text of bytes by such a table; what it has no character for is replaced."""
    return codecs.charmap_decode(body, "replace", table)[0]
