"""Which characters the bytes of a feed or page mean, whatever it says of itself (XML 1.0, appendix F; RFC 7303; HTML).

Outlets declare the wrong encoding, or none. Valid UTF-8 is UTF-8; a declaration counts where it can be right; for the
rest, Cyrillic encodings are told apart by how often lower-case letters come out.
"""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_META = re.compile(rb"""<meta\s[^<>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_META_WITHIN = 4096  # bytes; browsers look at 1,024, but outlets put scripts before it
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_SEVEN_BIT = ("iso-2022-", "iso2022", "hz")
# Text encodings only: Python also knows codecs that decompress, run escapes or resolve names.
_ALLOWED = frozenset(
    [
        "utf-8",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "ascii",
        "cp1250",
        "cp1251",
        "cp1252",
        "cp1253",
        "cp1254",
        "cp1255",
        "cp1256",
        "cp1257",
        "cp1258",
        "iso8859-1",
        "iso8859-2",
        "iso8859-3",
        "iso8859-4",
        "iso8859-5",
        "iso8859-6",
        "iso8859-7",
        "iso8859-8",
        "iso8859-9",
        "iso8859-10",
        "iso8859-13",
        "iso8859-14",
        "iso8859-15",
        "iso8859-16",
        "koi8-r",
        "koi8-u",
        "mac-cyrillic",
        "mac-roman",
        "cp866",
        "cp437",
        "cp850",
        "big5",
        "big5hkscs",
        "gb2312",
        "gbk",
        "gb18030",
        "euc_jp",
        "euc_kr",
        "shift_jis",
        "cp932",
        "cp949",
        "iso2022_jp",
        "iso2022_kr",
        "hz",
        "tis-620",
        "armscii-8",
    ]
)
# As browsers read them (Encoding Standard, "names and labels"): typographic quotes stand where Latin-1 has controls.
_WIDER = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
_CYRILLIC = ("cp1251", "koi8-r", "iso8859-5", "cp866")
_RUNS = re.compile("[а-яё]{3,}")
_MOSTLY_FINE = 0.005
_FOREIGN = 0x80
_ENOUGH = 10  # foreign bytes after which one broken one is an accident


def decode(body: bytes, content_type: str | None) -> str:
    """Give the text of a body; never fails."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace").lstrip("\ufeff")
    if b"\0" in body[:4]:
        return body.decode("utf-16-le" if body[1:2] == b"\0" else "utf-16-be", "replace")
    declared = _declared(body, content_type)
    if any(name.startswith(_SEVEN_BIT) for name in declared):
        return body.decode(declared[0], "replace")
    for name in ("utf-8", *declared):
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return _guess(body, declared)


def _declared(body: bytes, content_type: str | None) -> list[str]:
    """Give the encodings that the document or its server names, as far as they are encodings of text.

    Latin-1 comes last: servers name it for want of knowledge.
    """
    names = []
    if match := _DECLARED.match(body[:400]):
        names.append(match[1].decode("ascii"))
    if content_type and (found := _CHARSET.search(content_type)):
        names.append(found[1])
    if match := _META.search(body[:_META_WITHIN]):
        names.append(match[1].decode("ascii"))
    known = []
    for name in names:
        try:
            canonical = codecs.lookup(name).name
        except LookupError:
            continue
        if canonical in _ALLOWED and canonical not in {"utf-8", "ascii"}:
            known.append(_WIDER.get(canonical, canonical))
    return sorted(known, key=lambda name: name == "cp1252")


def _guess(body: bytes, declared: list[str]) -> str:
    utf8 = body.decode("utf-8", "replace")
    foreign = sum(byte >= _FOREIGN for byte in body)
    if utf8.count("\ufffd") <= _MOSTLY_FINE * foreign + (foreign >= _ENOUGH):
        return utf8
    if declared:
        return body.decode(declared[0], "replace")
    best = max(_CYRILLIC, key=lambda name: _lower_letters(body.decode(name, "replace")))
    text = body.decode(best, "replace")
    return text if _lower_letters(text) > foreign / 2 else body.decode("cp1252", "replace")


def _lower_letters(text: str) -> int:
    """Count letters of lower-case Cyrillic runs: a single one is more likely an accented Latin letter."""
    return sum(map(len, _RUNS.findall(text)))
