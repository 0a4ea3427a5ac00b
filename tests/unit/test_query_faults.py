"""Queries that are wrong: where, what would be right; and input that should be no trouble."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import QueryError
from monitor.language import UNKNOWN, ConceptTerm, Detector
from monitor.query import caret, facet_values, hints, parse, to_fts
from monitor.rules import RuleSet, read_article, try_query
from tests.factories import article, rule
from tests.language_fixtures import stems

CONCEPTS = {"prisoners": (ConceptTerm(text="prisoner", lang="en"),), "exchange": (ConceptTerm(text="swap"),)}
LIMIT = 3.0  # seconds of this process: at rest 0.1 are enough, and under coverage on a busy machine 1.1; what hangs takes minutes


def fault(query: str) -> QueryError:
    with pytest.raises(QueryError) as error:
        parse(query, CONCEPTS)
    return error.value


@pytest.mark.parametrize(
    ("query", "position", "said"),
    [
        ("", 0, "empty"), ("a AND", 5, "at the end"), ("(a", 0, "never closed"), ("a)", 1, "closes nothing"),
        ('a "b', 2, "no end"), ("x:y", 0, "there are title, text"), ("*", 0, "beginning of a word"),
        ("a*b", 0, "end of a word only"), ("a OR", 4, "at the end"), ("lang:", 0, "needs a value, such as lang:ru"),
        ("OR a", 0, "before 'OR'"), ('"..."', 0, "no word"), ("()", 1, "before"), ("=", 0, "missing"),
        ("a" * 10_001, 10_000, "longer"), ("(" * 60 + "a", 50, "levels"), ("a = b", 2, "missing"), ("NEAR b", 0, "before 'NEAR'"),
        ("titel:x", 0, "did you mean title:"), ("x langs:ru", 2, "did you mean lang:"), ("a && b", 2, "write AND"),
        ("a NEAR/0 b", 7, "from 1 to 100"), ("a NEAR/x b", 7, "from 1 to 100"), ("a NEAR/ b", 7, "from 1 to 100"),
        ("a near/5 b", 2, "write NEAR/10"), ("a AROUND(5) b", 2, "write NEAR/10"), ("a NEAR -b", 7, "before '-'"),
        ("a NEAR (b c)", 7, "between words, phrases"), ("(a b) NEAR c", 0, "between words, phrases"),
        ("a NEAR lang:en", 7, "between words"), ("a NEAR b NEAR c NEAR d NEAR e NEAR f", 30, "at most 4"),
        ("(a NEAR b NEAR c NEAR d NEAR e) NEAR f", 0, "between words"),
        ("x{", 1, "x{2} for at least twice"), ("x{0}", 1, "x{2}"), ("x{a}", 1, "x{2}"), ("x {2}", 2, "right behind"),
        ("{2}", 0, "right behind"), ("(a b){2}", 0, "counts words"), ("lang:en{2} x", 0, "counts words"), ("x}", 1, "x{2}"),
        ("@prisoner", 0, "did you mean @prisoners?"), ("@zzz", 0, "there are @exchange, @prisoners"), ("a @", 2, "name of a concept"),
        ("/a", 0, "no end"), ("x /(a/", 5, "has no )"), ("/(?=a)b/", 1, "looks around"), ("/a*/", 1, "empty text"),
        ("/\\b/", 1, "empty text"), ("/x?\\b/", 1, "empty text"), ("/./", 1, "nearly everything"), ("/\\w+/", 1, "nearly everything"),
        ("/\\C/", 1, "byte"), ("/[[:^alpha:]]\\bx/", 2, "not possible"), ("/[a\\PL]\\bx/", 3, "not possible"), ("/a\ud800/", 2, "half"),
        ("lang:english x", 5, "code of a language, such as lang:ru"), ("lang:r* x", 5, "code"), ("country:armenia x", 8, "code of a country"),
        ('source:"" x', 7, "needs a name"), ("source:(a title:b) x", 10, "takes names"), ("lang:(@prisoners) x", 6, "takes names"),
        ("a - b", 2, "right behind it, such as -film"), ("a –", 2, "right behind it"), ("/\bpris/", 1, "single quotes"),
        ("‘@prisoners’", 0, "straight ones"), ("'@prisoners' x", 0, "straight ones"),
        ("after:2026-13-01 x", 6, "such as after:2026-11-25"), ("before:yesterday x", 7, "needs a day"), ("after:(a) x", 6, "needs a day"),
        ("title:text:a", 6, "inside title:"), ("text:(x title:a)", 8, "inside text:"), ("e*", 0, "nearly everything"), ("title:", 0, "such as title:truce"),
    ],
)  # fmt: skip # a table
def test_errors_say_where_and_what_would_be_right(query: str, position: int, said: str) -> None:
    """Every mistake has its place and a remedy, and the caret stands under it."""
    error = fault(query)
    assert said in str(error)
    assert error.position == position
    if not query:
        return
    line, mark = caret(error).splitlines()
    at = mark.index("^")
    assert said in mark
    assert (
        position == len(query)
        or len(query) > len(line)
        or line[at] == query[position].replace("\ud800", " ").replace("\b", " ")
    )


@pytest.mark.parametrize(
    ("query", "position", "said"),
    [
        ("-a", 0, "nearly everything"), ("a OR -b", 0, "nearly everything"), ("-a -b", 0, "nearly everything"),
        ("after:2026-01-01", 0, "nearly everything"), ("title:(-a)", 0, "nearly everything"), ("a OR before:2026", 0, "nearly everything"),
        ("a -a", 2, "excludes"), ("a b -a", 4, "excludes"), ("a -(a OR b)", 2, "excludes"), ("Truce -truce", 6, "excludes"),
        ("title:a -a", 8, "excludes"), ("a{2} -a", 5, "excludes"), ("a{3} -a{2}", 5, "excludes"), ("a NEAR b -a", 9, "excludes"),
        ('"a b" -"a b"', 6, "excludes"), ("(a b) -(b a)", 6, "excludes"), ("(a OR b) -(a OR b OR c)", 9, "excludes"),
        ("title:(a b) -title:a", 12, "excludes"), ("x OR (a -a)", 8, "excludes"), ("@prisoners -@prisoners", 11, "excludes"),
        ("/abc/ -/abc/", 6, "excludes"), ("a (b c -b)", 7, "excludes"),
        ("lang:en lang:ru x", 0, "two of lang:"), ("x (source:a (y source:b))", 3, "two of source:"),
        ("lang:(en AND ru) x", 0, "two of lang:"), ("lang:(en OR ru) x lang:hy", 0, "two of lang:"), ("lang:en -lang:en x", 8, "asked for and excluded"),
        ("after:2026-02-01 before:2026-01-01 x", 0, "earlier day"), ("after:2026 before:2026 x", 0, "earlier day"),
    ],
)  # fmt: skip # a table
def test_a_query_that_never_or_always_matches_is_an_error(query: str, position: int, said: str) -> None:
    """What contradicts itself is told with the part that does."""
    error = fault(query)
    assert said in str(error)
    assert error.position == position


@pytest.mark.parametrize(
    "query",
    [
        "a -title:a", '"a b" -"b a"', "abc -abc*", "=a -b", "a{2} -a{3}", "(a OR b) -a", "a -(a b)", "lang:en -lang:ru x",
        "source:a* source:ab x", "author:a author:b", "(lang:en x) OR (lang:ru y)", "after:2026-01-01 before:2026-01-02 x",
        "text:a title:b", "a -text:a", "@prisoners -prisoner", "a OR (b -c)", "x -after:2026", "title:a -text:a",
    ],
)  # fmt: skip # a table
def test_a_query_that_may_match_is_none(query: str) -> None:
    """In doubt a query is taken as it is."""
    parse(query, CONCEPTS)


@pytest.mark.parametrize(
    ("query", "said"),
    [("a or b", "OR for either"), ("a and b", "AND, or nothing"), ("a not b", "NOT, or -"), ("(a) near b", "NEAR/10")],
)
def test_small_operators_are_words_with_a_hint(query: str, said: str) -> None:
    """`or` between words is looked for, and perhaps not meant."""
    parse(query)
    (hint,) = hints(query)
    assert said in hint


def test_what_an_editor_makes_of_a_hyphen_excludes_too() -> None:
    """A minus or dash before a word is never meant as a letter."""
    assert {parse(f"truce {dash}film") for dash in "-−–—"} == {parse("truce NOT film")}


def test_a_concept_in_quotation_marks_is_a_word_with_a_hint() -> None:
    (hint,) = hints('"@prisoners"')
    assert "for the concept leave the quotes out" in hint


def test_words_in_the_double_quotes_of_a_file_are_no_phrase_and_give_a_hint() -> None:
    (hint,) = hints("prisoner of war", in_double_quotes=True)
    assert "for a phrase write '\"prisoner of war\"'" in hint
    for query in ("truce", "prisoner AND war", "@prisoners", 'a "b c"'):
        assert hints(query, in_double_quotes=True) == ()


def test_words_that_only_look_like_operators_give_no_hint() -> None:
    """At the edge of a query, quoted, or after an operator, a small `or` joins nothing."""
    for query in ("or", "or a", "a or", '"a or b"', "a OR or b", "a =or b", "x or", "(x or) y"):
        assert hints(query) == ()


def test_an_error_in_a_long_query_shows_what_stands_around_it() -> None:
    """Nobody looks for a caret in ten thousand characters."""
    told = caret(fault("word " * 400 + "( " + "word " * 400))
    line, mark = told.splitlines()
    assert len(line) <= 120
    assert line[mark.index("^")] == "("
    assert caret(QueryError("plain")) == "plain"


def test_the_values_of_a_facet_are_known() -> None:
    """So that a rule for Russian texts alone that asks for lang:en is found out."""
    assert facet_values(parse("lang:en x"), "lang") == {"en"}
    assert facet_values(parse("(lang:en x) OR lang:ru"), "lang") == {"en", "ru"}
    assert facet_values(parse("lang:en OR x"), "lang") is None
    assert facet_values(parse("x -lang:en"), "lang") is None


HUGE = {
    "nested": "(" * 5000 + "a" + ")" * 5000,
    "nested within the limit": "(" * 4900 + "a" + ")" * 4900,
    "long": "a " * 50_000,
    "the longest": " ".join(f"w{number}" for number in range(1400)),
    "alternatives": " OR ".join(f"w{number}" for number in range(900)),
    "exclusions": " ".join(f"w{number} -v{number}" for number in range(650)),
    "minus": "a " + "- " * 4900,
    "not": "NOT " * 2400 + "a",
    "fields": "title:" * 1600 + "a",
    "counts": "a" + "{2}" * 3000,
    "near": "a NEAR " * 1400 + "a",
    "phrase": '"' + " ".join(f"w{number}" for number in range(1400)) + '"',
    "quotes": '"' * 9999,
    "regex": "/" + "(" * 900 + "a" + ")" * 900 + "/",
    "repeats": "/((a{100}){100}){100}/",
    "word": "x" * 9999,
    "slashes": "/" * 9999,
    "stars": "*" * 9999,
    "braces": "{" * 9999,
    "at": "@" * 9999,
    "surrogates": "\ud800" * 5000,
    "null": "a\0b \0",
    "right to left": "שלום \u202eאסיר\u202c أسير",
    "brackets of OR": "(a OR b) " * 1000 + "-(c OR d)",
}


@pytest.mark.parametrize("query", HUGE.values(), ids=HUGE)
def test_a_hostile_query_gets_an_answer_or_a_clear_error_at_once(query: str) -> None:
    """No length, depth or character of a query makes trouble; what can be read can be asked."""
    warm = stems()
    to_fts(parse("warm prison*"), warm)
    started = time.process_time()
    told = ""
    try:
        node = parse(query)
    except QueryError as error:
        told = caret(error)
    else:
        to_fts(node, warm)
        list(try_query(query, ["a w1 b c"], lang="en", analyser=warm, detect=Detector(["en"])))
        told = "read"
    assert time.process_time() - started < LIMIT
    assert told


TEXTS: dict[str, Any] = {
    "empty": "",
    "one word": "a" * 100_000,
    "one word of 10 MB": pytest.param("a" * 10_000_000, marks=pytest.mark.slow),
    "surrogates": "\ud800 truce \udfff",
    "null": "tru\0ce truce",
    "right to left": "\u202etruce\u202c שלום أسير",
    "marks": "truce\x01\x02 \u0301\u0301",
    "hyphens": "a-" * 2_000,
    "a compound of 20,000": pytest.param("a-" * 20_000, marks=pytest.mark.slow),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("lang", ["en", "ru", "ka", UNKNOWN, "", "xx-YY", "日本"])
def test_a_hostile_text_is_asked_like_any_other(text: str, lang: str) -> None:
    """Whatever its characters and its language, a text is matched or not, and offsets are right."""
    query = "truce OR /\\btruce\\b/ OR שלום OR truce NEAR/3 a OR tru*"
    analyser = stems()
    one = article(title="", text=text, language=lang)
    (match,) = RuleSet([rule("r", query)], analyser).match(one, read_article(one, analyser)) or (None,)
    assert (match is not None) == ("truce" in text)
    for word in match.words if match else ():
        assert text[word.start : word.end] == word.form


@given(
    st.text(alphabet=st.characters(codec=None, exclude_categories=()))
    | st.text(alphabet='ab "()|-=*/@{}2:.NEARORtilen\\[]^$')
)
def test_any_text_is_a_query_or_an_error_with_a_place(query: str) -> None:
    """Nothing that can be typed ends in another exception."""
    wrong = None
    try:
        node = parse(query, CONCEPTS)
    except QueryError as error:
        wrong = error
    else:
        to_fts(node, stems(), ["en"])
        one = article(title="a b title", language="en")
        RuleSet([rule("r", query)], stems(), CONCEPTS).match(one, read_article(one, stems()))
    assert wrong is None or (0 <= wrong.position <= len(query) and caret(wrong))
