r"""Regular expressions of people on RE2, with classes and word boundaries for every script.

RE2 takes `\w`, `\d`, `\s` and `\b` for ASCII. The classes are written out by Unicode's categories. For boundaries RE2
has no means, so the text gets them as characters: a mark at each, which everything in the expression but `\b` skips.
That is exact wherever `\b` stands, and as quick as RE2. Syntax: https://github.com/google/re2/wiki/Syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from monitor.errors import PatternError
from monitor.language import INSIDE_WORDS
from monitor.patterns import Pattern

_BOUNDARY, _INNER = "\x01", "\x02"  # stand for \b and \B; no stored text holds control characters
_MARKS = r"\x01\x02"
_SKIPPED = rf"[{_MARKS}]*"
_TWICE = 3  # marks at each boundary: \b(\bx) asks for two
_WORD = r"\p{L}\p{M}\p{N}_"
_BREAKS = r"\t\n\r"
_PUNCTUATION = r"\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}"
_CLASSES = {
    "w": _WORD,
    "d": r"\p{Nd}",
    "s": rf"{_BREAKS}\x0b\x0c\p{{Z}}",
    "W": rf"{_BREAKS}\p{{Cf}}\p{{Z}}\p{{S}}{_PUNCTUATION}",
    "D": rf"{_BREAKS}\p{{Cf}}\p{{Z}}\p{{S}}\p{{P}}\p{{L}}\p{{M}}\p{{Nl}}\p{{No}}",
    "S": r"\p{Cf}\p{S}\p{P}\p{L}\p{M}\p{N}",
}
_PIECE = re.compile(
    r"""(?P<quoted>\\Q(?:.*?)(?:\\E|\Z)) | (?P<edge>\\[bB]) | (?P<anchor>\\[Az]|\^) | (?P<end>\$)
    | (?P<escape>\\(?:[pP]\{[^}]*\}|[pP].|x\{[^}]*\}|x..|[0-7]{1,3}|.))
    | (?P<class>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])
    | (?P<group>\(\?(?:P?<[^>]*>|[imsU-]*[:)])|[()|]) | (?P<times>[*+?]|\{\d+(?:,\d*)?\})
    | (?P<dot>\.) | (?P<letter>.)""",
    re.VERBOSE | re.DOTALL,
)
_INVISIBLE = re.compile(f"[{INSIDE_WORDS}]")
_RUNS = Pattern(f"[{_WORD}]+")
_PROBES = ("a b", "я и", "ա և", "ა ბ", "ə i")
_LONGEST = 1 << 20  # code points; four times what is kept of an article
_MOST = 1000  # places of one expression in one text


class Readable:
    """A text as expressions look at it: without what is invisible, its boundaries marked where they are asked for."""

    def __init__(self, text: str) -> None:
        """Take the text; of one longer than any article, its beginning."""
        self._text = re.sub(f"[{_BOUNDARY}{_INNER}]", " ", text[:_LONGEST])

    @cached_property
    def _kept(self) -> list[int] | None:
        """Where each visible character stands in the text; None where nothing is invisible."""
        if not _INVISIBLE.search(self._text):
            return None
        return [at for at, char in enumerate(self._text) if not _INVISIBLE.match(char)]

    @cached_property
    def plain(self) -> bytes:
        """The text without what is invisible."""
        return _INVISIBLE.sub("", self._text).encode("utf-8", "replace")

    @cached_property
    def edged(self) -> bytes:
        """The same with a mark at each boundary."""
        return b"".join(self._marked(inner=False))

    @cached_property
    def marked(self) -> bytes:
        """The same with marks inside words, too."""
        return b"".join(self._marked(inner=True))

    def _marked(self, *, inner: bool) -> Iterator[bytes]:
        at, edge = 0, _BOUNDARY.encode() * _TWICE
        for start, end in _RUNS.spans(self.plain):
            yield _filled(self.plain[at:start], before=at == 0) if inner else self.plain[at:start]
            yield edge
            yield _filled(self.plain[start:end]) if inner else self.plain[start:end]
            yield edge
            at = end
        yield _filled(self.plain[at:], before=at == 0, after=True) if inner else self.plain[at:]

    def original(self, seen: bytes, start: int, end: int) -> tuple[int, int]:
        """Give the place in the text, in code points, of a stretch of one of the above in bytes."""
        first = _length(seen[:start])
        last = first + _length(seen[start:end])
        if self._kept is None:
            return first, last
        return (self._kept[first], self._kept[last - 1] + 1) if first < last else (first, first)


def _filled(piece: bytes, *, before: bool = False, after: bool = False) -> bytes:
    """Give a stretch without boundaries inside with a mark between all characters, and at the ends of the text."""
    mark = _INNER * _TWICE
    chars = mark.join(piece.decode("utf-8", "replace"))
    return ((mark if before and chars else "") + chars + (mark if after and chars else "")).encode()


def _length(seen: bytes) -> int:
    """Count the code points that are no marks."""
    marks = seen.count(_BOUNDARY.encode()) + seen.count(_INNER.encode())
    return len(seen.decode("utf-8", "replace")) - marks


class Expression:
    """An expression ready for use, whatever the case of letters unless it says `(?-i)`."""

    def __init__(self, text: str) -> None:
        """Compile it.

        Raises:
            PatternError: it is none, uses what RE2 leaves out, or finds nothing but the empty text.
        """
        if surrogate := re.search("[\ud800-\udfff]", text):
            raise PatternError("this is half a character; write the whole", position=surrogate.start())
        Pattern(text, ignore_case=True)  # its errors name places in what was written
        pieces = list(_PIECE.finditer(text))
        edges = {piece.group() for piece in pieces if piece.lastgroup == "edge"}
        self._seen = "marked" if r"\B" in edges else "edged" if edges else "plain"
        dotall = any(re.match(r"\(\?[imU]*s", piece.group()) for piece in pieces)
        write = _Writer(text, skips=bool(edges), dotall=dotall)
        self._pattern = Pattern("".join(map(write, pieces)), ignore_case=True, derived=True)
        if self._pattern.found_in("") or self._finds_nothing(Readable(_PROBES[0])):
            raise PatternError("it finds the empty text, and so everything; ask for at least one character", position=0)
        if all(self.spans(Readable(probe)) for probe in _PROBES):
            raise PatternError("it finds nearly everything; ask for more than any character", position=0)

    def _finds_nothing(self, text: Readable) -> bool:
        """Tell whether it finds an empty stretch of a text."""
        seen: bytes = getattr(text, self._seen)
        places = (text.original(seen, start, end) for start, end in self._pattern.spans(seen, _MOST))
        return any(start == end for start, end in places)

    def spans(self, text: Readable) -> list[tuple[int, int]]:
        """Give where it is found, in code points of the original text, end exclusive; nothing empty."""
        seen: bytes = getattr(text, self._seen)
        found = [text.original(seen, start, end) for start, end in self._pattern.spans(seen, _MOST)]
        return [(start, end) for start, end in found if start < end]


class _Writer:
    """Writes each piece of an expression anew."""

    def __init__(self, text: str, *, skips: bool, dotall: bool) -> None:
        self._text = text
        self._skips = skips
        self._dotall = dotall

    def __call__(self, piece: re.Match[str]) -> str:
        kind, text = str(piece.lastgroup), piece.group()
        if kind in {"anchor", "end", "group", "times"}:
            return (_SKIPPED if self._skips and text in {"$", r"\z"} else "") + text
        if kind == "edge":
            return r"\x01" if text == r"\b" else r"\x02"
        if kind == "quoted":
            return "".join(self._one(re.escape(char)) for char in text[2:].removesuffix(r"\E"))
        return self._one(self._single(kind, piece))

    def _single(self, kind: str, piece: re.Match[str]) -> str:
        """Write what stands for one character."""
        if kind == "class":
            return self._class(piece)
        if kind == "escape":
            return self._escape(piece)
        if kind == "dot" and self._skips:
            return f"[^{_MARKS}]" if self._dotall else rf"[^\n{_MARKS}]"
        return "." if kind == "dot" else re.escape(piece.group())

    def _one(self, text: str) -> str:
        return f"(?:{_SKIPPED}{text})" if self._skips else text

    def _escape(self, piece: re.Match[str]) -> str:
        text = piece.group()
        if text == r"\C":
            raise PatternError(r"\C is a byte, and no character; write . instead", position=piece.start())
        if text[1] in _CLASSES:
            return f"[{_CLASSES[text[1]]}]"
        if text[1] == "P" and self._skips:
            return rf"[^\p{text[2:]}{_MARKS}]"
        return text

    def _class(self, piece: re.Match[str]) -> str:
        text = piece.group()
        if self._skips and (denied := re.search(r"\\P|\[:\^", text)):
            raise PatternError(
                rf"{denied.group()} inside [] beside \b is not possible; write [^...]",
                position=piece.start() + denied.start(),
            )
        text = re.sub(r"\\(.)", lambda match: _CLASSES.get(match[1], match[0]), text, flags=re.DOTALL)
        return f"[^{_MARKS}{text[2:]}" if self._skips and text.startswith("[^") else text
