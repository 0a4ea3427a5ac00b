"""The passages that made a rule match, with the matched words marked: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.model import Article, Match
from monitor.text import side_by_side

WIDEST = 320  # code points of a passage
MOST = 3  # passages of an article
# Ends of sentences in the scripts of the region; the Armenian full stop is not a colon.
_SENTENCE_END = re.compile(r"[.!?։…](?=[\s»”\"]|$)|\n")
_CUT = " .…[]"  # what a summary ends with where it was cut
_EDGE = re.compile(r"\S*\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a passage; `marked` where it is a matched word."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence or more around matched words, in pieces."""

    field: str
    pieces: tuple[Piece, ...]


def passages(article: Article, matches: Sequence[Match], *, most: int | None = MOST) -> tuple[Passage, ...]:
    """Give the passages of an article that matched, in reading order, at most so many of them (None: all).

    A title that matched is not repeated: the title itself is shown, marked.
    """
    texts = {"summary": article.summary, "text": article.text}
    found = []
    for name, text in texts.items():
        spans = _spans(matches, name)
        found += [Passage(name, _pieces(text, window, spans)) for window in _windows(text, spans)]
    return tuple(_distinct(found)[:most])


def marked_title(article: Article, matches: Sequence[Match]) -> tuple[Piece, ...]:
    """Give the title in pieces."""
    return _pieces(article.title, (0, len(article.title)), _spans(matches, "title"))


def _spans(matches: Sequence[Match], name: str) -> list[tuple[int, int]]:
    """Give the stretches to mark; the words of a phrase are one."""
    return side_by_side((word.start, word.end) for match in matches for word in match.words if word.field == name)


def _windows(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give sentence-sized windows around the spans; those that touch are one, up to the widest."""
    windows: list[tuple[int, int]] = []
    for start, end in spans:
        if windows and end <= windows[-1][1]:
            continue
        left, right = _sentence(text, start, end)
        if windows and left <= windows[-1][1] and right - windows[-1][0] <= WIDEST:
            windows[-1] = (windows[-1][0], right)
        else:
            windows.append((max(left, windows[-1][1] if windows else 0), right))
    return windows


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Give the sentence around a span, cut to the widest window."""
    room = (WIDEST - (end - start)) // 2
    lowest, highest = max(0, start - room), min(len(text), end + room)
    left = max((match.end() for match in _SENTENCE_END.finditer(text, lowest, start)), default=lowest)
    after = _SENTENCE_END.search(text, end, highest)
    right = after.end() if after else highest
    return left, right


def _pieces(text: str, window: tuple[int, int], spans: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """Cut a window at the spans; an ellipsis stands where a sentence was cut."""
    left, right = window
    inside = [(start, end) for start, end in spans if left <= start and end <= right]
    if left and inside and text[left - 1 : left].strip() and not _SENTENCE_END.match(text, left - 1):
        left = min(_next_word(text, left), inside[0][0])
    pieces = [Piece("… ", marked=False)] if left and not _ends_sentence(text, left) else []
    at = left
    for start, end in inside:
        pieces += [Piece(text[at:start], marked=False), Piece(text[start:end], marked=True)]
        at = end
    rest = text[at:right]
    if right < len(text) and not _ends_sentence(text, right):
        rest = rest.rsplit(None, 1)[0] + " …" if " " in rest.strip() else rest + " …"
    pieces.append(Piece(rest, marked=False))
    return _tidy(pieces)


def _tidy(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Fold white space, drop what is empty, trim both ends."""
    folded = [Piece(re.sub(r"\s+", " ", piece.text), piece.marked) for piece in pieces]
    kept = [piece for piece in folded if piece.text]
    if kept and not kept[0].marked:
        kept[0] = Piece(kept[0].text.lstrip(), marked=False)
    if kept and not kept[-1].marked:
        kept[-1] = Piece(kept[-1].text.rstrip(), marked=False)
    return tuple(piece for piece in kept if piece.text)


def _next_word(text: str, at: int) -> int:
    match = _EDGE.match(text, at)
    return match.end() if match else at


def _ends_sentence(text: str, at: int) -> bool:
    """Tell whether a sentence ends before this place."""
    return not text[:at].strip() or text[:at].rstrip()[-1:] in ".!?։…»”" or "\n" in text[at - 1 : at + 1]


def _distinct(found: Sequence[Passage]) -> list[Passage]:
    """Drop a passage that stands there already, and one of the summary with which one of the text begins."""
    seen: dict[str, Passage] = {}
    for passage in found:
        seen.setdefault("".join(piece.text for piece in passage.pieces).strip("… "), passage)
    texts = [words for words, passage in seen.items() if passage.field == "text"]
    return [
        passage
        for words, passage in seen.items()
        if passage.field != "summary" or not any(text.startswith(words.rstrip(_CUT)) for text in texts)
    ]
