"""Which characters the bytes of a feed or page mean, whatever it says of itself (XML 1.0, appendix F; RFC 7303; HTML).

Outlets declare the wrong encoding, or none. Valid UTF-8 is UTF-8; a declaration counts where it can be right; for the
rest, Cyrillic encodings are told apart by how often lower-case letters come out.
"""

from __future__ import annotations

import codecs
import re

from monitor.collect.codepages import decode_by, table_of

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
    """
    utf-8 utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be ascii
    cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258
    iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10
    iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-cyrillic mac-roman cp866 cp437 cp850 big5
    big5hkscs gb2312 gbk gb18030 euc_jp euc_kr shift_jis cp932 cp949 iso2022_jp iso2022_kr hz tis-620
    """.split()
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
_CAPITALISED = re.compile(r"\b[А-ЯЁ][а-яё]{2}")
_INVERTED = re.compile(r"\b[а-яё][А-ЯЁ]{2}")
_MOSTLY_FINE = 0.005
_FOREIGN = bytes(range(0x80, 0x100))
_ENOUGH = 10  # foreign bytes after which one broken one is an accident


def decode(body: bytes, content_type: str | None) -> str:
    """Give the text of a body; never fails."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace").lstrip("\ufeff")
    if body[:4].count(0) > 1:
        return body.decode(_wide(body), "replace")
    named = _named(body, content_type)
    declared = _allowed(named)
    if any(name.startswith(_SEVEN_BIT) for name in declared):
        return body.decode(declared[0], "replace")
    text = _utf8(body)
    return _as_named(body, named, declared) if text is None else text


def _as_named(body: bytes, named: list[str], declared: list[str]) -> str:
    if table := next(filter(None, map(table_of, named)), None):
        return decode_by(table, body)
    for name in declared:
        try:
            return _believed(body, body.decode(name), name)
        except UnicodeDecodeError:
            continue
    return _guess(body, declared)


def _wide(body: bytes) -> str:
    """Give the encoding of several bytes a character by where the zeros are (XML 1.0, appendix F.1)."""
    if body[:4].count(0) == 3:  # noqa: PLR2004 - of four
        return "utf-32-le" if body[0] else "utf-32-be"
    return "utf-16-le" if body[1:2] == b"\0" else "utf-16-be"


def _utf8(body: bytes) -> str | None:
    """Give the text if it is UTF-8; one that is cut off within a character is, if it has others of several bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(body)
    except UnicodeDecodeError:
        return _utf8_of_halves(body)
    return None if decoder.getstate()[0] and text.isascii() else text


def _utf8_of_halves(body: bytes) -> str | None:
    """Give the text if it is UTF-8 made of UTF-16 one half after the other (CESU-8); a half alone is replaced."""
    try:
        text = body.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _named(body: bytes, content_type: str | None) -> list[str]:
    """Give the names of encodings that the document or its server says."""
    names = []
    if match := _DECLARED.match(body[:400]):
        names.append(match[1].decode("ascii"))
    if content_type and (found := _CHARSET.search(content_type)):
        names.append(found[1])
    if match := _META.search(body[:_META_WITHIN]):
        names.append(match[1].decode("ascii"))
    return names


def _allowed(names: list[str]) -> list[str]:
    """Give those that are encodings of text, as Python calls them.

    Latin-1 comes last: servers name it for want of knowledge.
    """
    known = []
    for name in names:
        try:
            canonical = codecs.lookup(name).name
        except LookupError:
            continue
        if canonical in _ALLOWED and canonical not in {"utf-8", "ascii"}:
            known.append(_WIDER.get(canonical, canonical))
    return sorted(known, key=lambda name: name == "cp1252")


def _believed(body: bytes, text: str, name: str) -> str:
    """Give a text as it is declared, unless it shows that it is Russian in another encoding.

    Read as Latin, Russian is accented letters one after the other. Of windows-1251 and koi8-r each, read as the other,
    has small letters where capitals are: `вОЕННОПЛЕННЫЕ`.
    """
    if name in _CYRILLIC:
        return _cyrillic(body) if len(_INVERTED.findall(text)) > len(_CAPITALISED.findall(text)) else text
    if name == "cp1252" and _lower_letters(other := _cyrillic(body)) > _foreign(body) / 2:
        return other
    return text


def _guess(body: bytes, declared: list[str]) -> str:
    utf8 = body.decode("utf-8", "replace")
    foreign = _foreign(body)
    if utf8.count("\ufffd") <= _MOSTLY_FINE * foreign + (foreign >= _ENOUGH):
        return utf8
    if declared:
        return body.decode(declared[0], "replace")
    text = _cyrillic(body)
    return text if _lower_letters(text) > foreign / 2 else body.decode("cp1252", "replace")


def _cyrillic(body: bytes) -> str:
    """Give the text in the Cyrillic encoding in which most of it are small letters."""
    return max((body.decode(name, "replace") for name in _CYRILLIC), key=_lower_letters)


def _foreign(body: bytes) -> int:
    return len(body) - len(body.translate(None, _FOREIGN))


def _lower_letters(text: str) -> int:
    """Count letters of lower-case Cyrillic runs: a single one is more likely an accented Latin letter."""
    return sum(map(len, _RUNS.findall(text)))
