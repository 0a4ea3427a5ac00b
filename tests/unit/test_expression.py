r"""Regular expressions in queries: \b, \w and \d for every script, offsets in the original text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import PatternError
from monitor.query.expression import Expression, Readable


def found(pattern: str, text: str) -> list[str]:
    return [text[start:end] for start, end in Expression(pattern).spans(Readable(text))]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"\bЕреван\b", "«Ереван»", ["Ереван"]), (r"\bЕреван\b", "Ереванский", []), (r"\bԵրևան\w*", "Երևանում։", ["Երևանում"]),
        (r"\bтыл\b", "котыл тыл", ["тыл"]), (r"пат\w+", "патрон.", ["патрон"]), (r"\d+ dead", "٣٤ dead", ["٣٤ dead"]),
        (r"ტყვ\w+", "ტყვეები", ["ტყვეები"]), (r"ПЛЕН", "плен", ["плен"]), (r"(?-i)ПЛЕН", "плен", []), (r"əsir\b", "ƏSIR ", ["ƏSIR"]),
        (r"\bfoo\b.*\bbar\b", "foo, x bar.", ["foo, x bar"]), (r"\bfoo\b.*\bbar\b", "foo, x barn", []),
        (r"o\Bo", "foo", ["oo"]), (r"\Boo", "foo oo", ["oo"]), (r"\bx\b$", "ab x", ["x"]), (r"^\bab", "ab x", ["ab"]),
        (r"\b(\bab)", "ab x", ["ab"]), (r"a\b|b", "ac b a", ["b", "a"]), (r"[^a-z]x\b", "ax 1x", ["1x"]), (r"\W+x", "a—x", ["—x"]),
        (r"[\w-]+\b!", "a-b!", ["a-b!"]), (r"\S+@", "ճ@", ["ճ@"]), (r"[\D]7", "77 x7", [" 7", "x7"][1:]), (r"a.c\b", "a c", ["a c"]),
        (r"(?s)a.c\b", "a\nc", ["a\nc"]), (r"a.c\b", "a\nc", []), (r"\Qa.c\E\b", "abc a.c", ["a.c"]), (r"\x{430}\b", "а", ["а"]),
        (r"a{2}\b", "aaa aa", ["aa", "aa"]), (r"[[:digit:]]+\b", "a 12", ["12"]), (r"[]x]y\b", "]y", ["]y"]), (r"\pL\b1?x", "é x", []),
        (r"1\P{Greek}\b", "1α 1b", ["1b"]), (r"(?P<a>x)\b", "x", ["x"]), (r"e\b", "cafe\u0301 e", ["e"]), (r"\bé", "é", ["é"]),
        ("патрон", "па\u00adт\u200bрон", ["па\u00adт\u200bрон"]), (r"\bпатрон\b", "(па\u00adтрон)", ["па\u00adтрон"]), ("ինչ", "ի՞նչ", ["ի՞նչ"]),
        ("ab", "\ud800ab\udfff", ["ab"]), (r"\bab\b", "\ud800ab\udfff", ["ab"]), ("ab", "😀ab", ["ab"]), (r"\bab", "\x01ab\x02", ["ab"]),
        (r"\s+b", "a\u00a0\u2003b", ["\u00a0\u2003b"]),
    ],
)  # fmt: skip # a table
def test_expressions_find_what_they_say_in_every_script(pattern: str, text: str, expected: list[str]) -> None:
    """(case 110)"""
    assert found(pattern, text) == expected


ATOMS = [
    "a",
    "б",
    "ə",
    "1",
    " ",
    ".",
    r"\w",
    r"\W",
    r"\d",
    r"\s",
    r"\S",
    r"\D",
    "[aб]",
    "[^a]",
    r"[\w-]",
    r"[^\w]",
    r"[\d ]",
    "-",
]
PATTERNS = st.recursive(
    st.sampled_from([*ATOMS, r"\b", r"\B", r"\b", "^", "$"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join).map("({})".format),
        st.tuples(st.sampled_from(ATOMS), st.sampled_from(["*", "+", "?", "{2}", "*?"])).map("".join),
    ),
    max_leaves=7,
)


@pytest.mark.slow
@settings(max_examples=1500, deadline=None)
@given(PATTERNS, st.text(alphabet="aбə1 -\n", max_size=12))
def test_expressions_find_what_pythons_would(pattern: str, text: str) -> None:
    """Python's own expressions, whose classes are Unicode's, are the measure; they only cannot be bounded in time."""
    try:
        ours = Expression(pattern)
    except PatternError:
        return
    theirs = [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]
    if all(start < end for start, end in theirs) and not text.endswith("\n"):  # where $ means less to Python
        assert ours.spans(Readable(text)) == theirs


def test_an_expression_that_would_hang_does_not() -> None:
    """(case 35)"""
    assert found(r"(a+)+\b$", "a" * 5000 + "!") == []
    assert found(r"(.*)*x\b", "y" * 5000 + " x")


def test_places_of_one_expression_are_bounded() -> None:
    """A text of nothing but hits does not fill the memory."""
    assert len(found("ab", "ab " * 5000)) == 1000
