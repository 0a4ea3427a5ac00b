from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils.utils import sqlite3

from monitor.errors import QueryError
from monitor.language import Detector
from monitor.model import Article, Rule
from monitor.query import caret, evaluate, parse, to_fts
from monitor.rules import RuleSet, index_text, read_article, try_query
from tests.factories import article, rule
from tests.language_fixtures import dictionaries, stems

DETECT = Detector(["en", "ru", "hy", "az", "ka", "tr"])


def matched(query: str, text: str, lang: str | None = "en") -> list[str] | None:
    (answer,) = try_query(query, [text], lang=lang, analyser=stems(), detect=DETECT)
    spans = answer["spans"]
    assert isinstance(spans, list)
    for start, end, form in spans:
        assert text[start:end] == form
    return [span[2] for span in spans] if answer["matched"] else None


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("ceasefire", "The ceasefires held", ["ceasefires"]),
        ("ceasefire", "fire", None),
        ('"prisoner of war"', "Prisoners of war return", ["Prisoners", "of", "war"]),
        ('"prisoner of war"', "war of prisoners", None),
        ("a b", "b and a", ["b", "a"]),
        ("a AND b", "a", None),
        ("a OR b", "b", ["b"]),
        ("a | b", "b", ["b"]),
        ("a -b", "a c", ["a"]),
        ("a NOT b", "a b", None),
        ("(a OR b) c", "b c", ["b", "c"]),
        ("prison*", "imprison prisons", ["prisons"]),
        ("=prisoner", "prisoners", None),
        ("=prisoner", "Prisoner", ["Prisoner"]),
        ('="cease fire"', "cease fires", None),
        ('="cease fire"', "Cease Fire", ["Cease", "Fire"]),
        ("cease-fire", "a cease-fire", ["cease", "fire"]),
        ("C++ AT&T", "AT&T uses C++", ["AT&T", "C++"]),
        ("“truce line”", "truce lines", ["truce", "lines"]),
        ('"cease fi*"', "cease firing", ["cease", "firing"]),
        ("title:a", "a", ["a"]),
        ("lang:en a", "a", ["a"]),
        ("lang:ru a", "a", None),
        ("don't", "don’t", ["don’t"]),
    ],
)
def test_queries_match_what_they_say(query: str, text: str, expected: list[str] | None) -> None:
    assert matched(query, text) == expected


@pytest.mark.parametrize(
    ("query", "text", "form"),
    [
        ("Ереван", "«Ереван»", "Ереван"), ("հրադադար", "(հրադադարի)։", "հրադադարի"), ("əsir", "ƏSİRLƏRİN", "ƏSİRLƏRİN"),
        ("ტყვე", "ᲢᲧᲕᲔ.", "ᲢᲧᲕᲔ"), ("перемирие", "перемирия", "перемирия"), ("պատանդ", "պա\u00adտանդ", "պա\u00adտանդ"),
        ("плен", "плен", "плен"),
    ],
)  # fmt: skip
def test_words_match_in_every_script(query: str, text: str, form: str) -> None:
    """(case 110)"""
    assert matched(query, text, None) == [form]


@pytest.mark.parametrize(
    ("query", "text"), [("əsir", "təsir"), ("плен", "плёнка"), ("mine", "miner"), ("ტყვე", "სატყვია")]
)
def test_words_inside_other_words_do_not_match(query: str, text: str) -> None:
    assert matched(query, text, None) is None


@pytest.mark.parametrize(
    ("query", "position", "said"),
    [
        ("", 0, "empty"), ("a AND", 5, "at the end"), ("(a", 0, "never closed"), ("a)", 1, "closes nothing"),
        ("-a", 0, "nearly everything"), ("a OR -b", 0, "nearly everything"), ('a "b', 2, "no end"), ("x:y", 0, "no field"),
        ("*", 0, "beginning of a word"), ("a*b", 0, "end of a word only"), ("a OR", 4, "at the end"), ("lang:", 0, "needs a value"),
        ("OR a", 0, "before"), ('"..."', 0, "no word"), ("()", 1, "before"), ("=", 1, "missing"), ("a" * 10_001, 0, "longer"),
        ("(" * 60 + "a", 50, "levels"), ("a = b", 2, "missing"),
    ],
)  # fmt: skip
def test_errors_say_where_and_what_would_be_right(query: str, position: int, said: str) -> None:
    with pytest.raises(QueryError, match=said) as error:
        parse(query)
    if position:
        assert abs(error.value.position - position) <= 1
    assert said in caret(error.value)


def test_the_caret_stands_under_the_place() -> None:
    with pytest.raises(QueryError) as error:
        parse("a (b")
    assert caret(error.value).splitlines()[:1] == ["a (b"]
    assert caret(error.value).splitlines()[1].startswith("  ^ ")
    assert caret(QueryError("plain")) == "plain"


def test_title_looks_at_the_title_alone() -> None:
    rules = RuleSet(
        [rule("t", 'title:"cease fire"'), rule("o", 'outlet:"OC Media" x'), rule("s", "source:one")], stems()
    )
    found = article(title="Nothing", text="cease fire x", outlet="OC Media", source="one")
    assert [match.rule for match in rules.match(found, read_article(found, stems()))] == ["o", "s"]


def test_a_rule_keeps_to_its_languages_and_sources() -> None:
    rules = RuleSet([rule("l", "a", languages=("ru",)), rule("s", "a", sources=("two",)), rule("n", "-b a")], stems())
    found = article(title="a", source="one", language="en")
    assert [match.rule for match in rules.match(found, read_article(found, stems()))] == ["n"]


def test_one_rule_works_in_many_languages_and_tells_the_words() -> None:
    rules = RuleSet([rule("p", "военнопленный OR prisoner OR prison*")], stems())
    for text, lang, form in (("военнопленных", "ru", "военнопленных"), ("prisoners", "en", "prisoners")):
        found = article(title=text, language=lang)
        (match,) = rules.match(found, read_article(found, stems()))
        assert {word.form for word in match.words} == {form}


WORDS = [
    "prisoner",
    "prisoners",
    "truce",
    "ceasefire",
    "военнопленных",
    "пленный",
    "əsir",
    "war",
    "C++",
    "AT&T",
    "fire",
]
LEAVES = st.sampled_from([*WORDS, '"prisoner war"', "=truce", "pris*", "title:war", "lang:en", "source:one", '"="'])
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
        st.tuples(inner, inner).map(" ".join),
        inner.map(lambda text: f"-({text})"),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(QUERIES, st.lists(st.sampled_from(WORDS), max_size=5), st.lists(st.sampled_from(WORDS), max_size=5))
def test_rules_and_the_search_index_never_miss_what_evaluation_finds(
    query: str, title: list[str], text: list[str]
) -> None:
    """The index over rules and the FTS5 expression are necessary conditions; they agree on every match."""
    try:
        node = parse(query)
    except QueryError:
        return
    analyser = stems()
    found: Article = article(title=" ".join(title), text=" ".join(text), language="en", source="one")
    document = read_article(found, analyser)
    direct = evaluate(node, document, analyser)
    by_rules = RuleSet([Rule(name="r", query=query, to=())], analyser).match(found, document)
    assert bool(by_rules) == (direct is not None)
    if direct is not None and (expression := to_fts(node, analyser, ["en", "ru", "az"])):
        keys = index_text(document)
        connection = sqlite3.connect(":memory:")
        connection.execute("CREATE VIRTUAL TABLE k USING fts5(title, body, tokenize = \"ascii tokenchars '=~&+#_'\")")
        connection.execute("INSERT INTO k VALUES (?, ?)", [keys.title, keys.body])
        assert connection.execute("SELECT count(*) FROM k WHERE k MATCH ?", [expression]).fetchone() == (1,)
        connection.close()


def test_a_query_that_requires_nothing_has_no_expression() -> None:
    assert to_fts(parse("source:one"), stems(), ["en"]) is None
    assert to_fts(parse("a OR source:one"), stems(), ["en"]) is None
    assert to_fts(parse("title:(source:one)"), stems(), ["en"]) is None


EXAMPLES = re.findall(
    r"^\| `([^`]+)` \| (\w+) \| (.+?) \| (yes|no) \|$",
    (Path(__file__).parents[2] / "docs" / "query.md").read_text(),
    re.MULTILINE,
)


@pytest.mark.slow
@pytest.mark.parametrize(("query", "lang", "text", "answer"), EXAMPLES)
def test_every_example_of_the_documentation_is_true(query: str, lang: str, text: str, answer: str) -> None:
    (found,) = try_query(query, [text], lang=lang, analyser=dictionaries(), detect=DETECT)
    assert found["matched"] == (answer == "yes")


def test_the_documentation_has_examples() -> None:
    assert len(EXAMPLES) > 15
