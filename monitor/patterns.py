"""Regular expressions that people write, in time that grows with the text alone (RE2's door).

The syntax is RE2's (https://github.com/google/re2/wiki/Syntax): as Python's, without what cannot be bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote

import re2

from monitor.errors import PatternError

_LONGEST = 1000
_MEMORY = 8 << 20  # bytes for one expression, RE2's own figure; what needs more is refused
_LOOKS_AROUND = ("(?=", "(?!", "(?<=", "(?<!")
_REPEATS = "a thing is repeated once: write + or *, without a second sign behind it"
_ESCAPES = {"\\Z": "write $ for the end", "\\u": "write the character itself, or \\x{41}"}
_REMEDIES = {
    "missing )": "a ( has no ); add it, or write \\( for the character",
    "unexpected )": "a ) has no (; remove it, or write \\) for the character",
    "missing ]": "a [ has no ]; add it, or write \\[ for the character",
    "bad repetition operator": _REPEATS,
    "no argument for repetition operator": "nothing stands before this to repeat; write \\* for the character",
    "invalid repetition size": "a repetition goes from 0 to 1000, the smaller number first",
    "pattern too large": "it is too large; repeat less",
    "invalid character class range": "there is no such range or class of characters",
    "invalid named capture group": "write (?P<name>...), or just (...)",
    "trailing \\": "a \\ at the end means nothing; remove it",
}


class Pattern:
    r"""A regular expression, ready for use. `\d`, `\w` and `\b` mean ASCII; `\pL` is a letter of any script."""

    def __init__(self, text: str, *, ignore_case: bool = False, derived: bool = False) -> None:
        """Compile it; one that was `derived` by us from what a person wrote may be longer.

        Raises:
            PatternError: it is none, or uses what RE2 leaves out (look-around, back references).
        """
        if len(text) > _LONGEST and not derived:
            raise PatternError(f"it is longer than {_LONGEST} characters; write a shorter one", position=_LONGEST)
        try:
            self._compiled = re2.compile(_encoded(text), _options(ignore_case=ignore_case))
        except re2.error as error:
            raise _refused(text, error) from error

    def spans(self, encoded: bytes, most: int | None = None) -> list[tuple[int, int]]:
        """Give where it is found in a text in UTF-8, in bytes, end exclusive; at most so many places."""
        return [match.span() for match in islice(self._compiled.finditer(encoded), most)]

    def found_in(self, text: str) -> bool:
        """Tell whether it is found anywhere in a text."""
        return self._compiled.search(_encoded(text)) is not None

    def fits(self, url: str) -> bool:
        """Tell whether it is found in an address, written with percent signs or as people read it."""
        return self.found_in(url) or self.found_in(unquote(url))


def _options(*, ignore_case: bool = False) -> re2.Options:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.case_sensitive = not ignore_case
    options.log_errors = False  # on stderr, beside our own words
    return options


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _refused(text: str, error: Exception) -> PatternError:
    """Say in plain words what is wrong, and where."""
    kind, _, what = _words(error).partition(": ")
    position = next(_places(text, kind, what), len(text))
    if what.startswith(_LOOKS_AROUND):
        return PatternError(
            f"{what} looks around, which is not possible here; write what must be found", position=position
        )
    if kind == "invalid escape sequence":
        hint = "there are no back references" if what[1:].isdigit() else _ESCAPES.get(what, "leave the \\ out")
        return PatternError(f"{what} means nothing here; {hint}", position=position)
    return PatternError(_REMEDIES.get(kind, f"{kind} {what}".strip()), position=position)


def _places(text: str, kind: str, what: str) -> Iterator[int]:
    """Give where the fault may be: an end of what is named, up to which the expression has the same fault."""
    if kind.startswith(("missing", "trailing")):
        yield len(text) - kind.startswith("trailing")
        return
    named = ")" if kind == "unexpected )" else what
    places = [match.start() for match in re.finditer(re.escape(named), text)] if named else []
    for at in places:
        try:
            re2.compile(_encoded(text[: at + len(named)]), _options())
        except re2.error as error:
            if _words(error).partition(": ")[0] == kind:
                yield at
    yield from places


def _words(error: Exception) -> str:
    told = error.args[0] if error.args else ""
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
