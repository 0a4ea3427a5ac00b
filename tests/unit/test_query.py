from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils.utils import sqlite3

from monitor.config import shipped_glossary
from monitor.errors import QueryError
from monitor.language import ConceptTerm, Detector, Sense, terms_of
from monitor.model import Match, MatchedWord
from monitor.query import evaluate, parse, to_fts
from monitor.rules import RuleSet, index_text, read_article, try_query
from monitor.store.rows import match_of, words_json
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
        ("a NEAR/2 b", "b x a", ["b", "a"]),
        ("a NEAR/2 b", "a x x b", None),
        ("a NEAR b", "a . b", ["a", "b"]),
        ("a NEAR/1 a", "a", None),
        ("a NEAR/1 a", "a a", ["a", "a"]),
        ("a NEAR/5 b NEAR/5 c", "a c b", ["a", "c", "b"]),
        ("a NEAR/2 b", "a x b x x a", ["a", "b"]),
        ('(a OR "b c") NEAR/2 d', "d x b c", ["d", "b", "c"]),
        ("a{2}", "a x a", ["a", "a"]),
        ("a{3}", "a x a", None),
        ('"cease fire"{2}', "cease fire, cease fires", ["cease", "fire", "cease", "fires"]),
        ("(a OR b){3}", "a b a", ["a", "b", "a"]),
        ("pris*{2}", "prison prisoner", ["prison", "prisoner"]),
        ("a{1}", "a", ["a"]),
        ("lang:(ru OR en) a", "a", ["a"]),
        ("text:a title:a", "a", ["a"]),
        ("-(-a)", "a", ["a"]),
        ("cease-fire", "a ceasefire", ["ceasefire"]),
        ("ceasefire", "the cease-fire talks", ["cease", "fire"]),
        ('"ceasefire talks"', "the cease-fire talks", ["cease", "fire", "talks"]),
        ('"cease fire talks"', "the cease-fire talks", ["cease", "fire", "talks"]),
        ('"ce* talks"', "cease-fire talks", None),
        ("/pris\\w+/", "Prisons", ["Prisons"]),
        ("/fire{2}x?/", "fireex", ["fireex"]),
        ("/b c/ NEAR/2 a", "a x b c", ["a", "b c"]),
        ("/cat/{2}", "cat, cats", ["cat", "cat"]),
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
)  # fmt: skip # a table
def test_words_match_in_every_script(query: str, text: str, form: str) -> None:
    """(case 110)"""
    assert matched(query, text, None) == [form]


@pytest.mark.parametrize(
    ("query", "text"), [("əsir", "təsir"), ("плен", "плёнка"), ("mine", "miner"), ("ტყვე", "სატყვია")]
)
def test_words_inside_other_words_do_not_match(query: str, text: str) -> None:
    assert matched(query, text, None) is None


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


def found(query: str, **changes: Any) -> bool:
    one = article(**changes)
    return bool(RuleSet([rule("r", query)], stems()).match(one, read_article(one, stems())))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("title:truce", True), ("text:truce", True), ("title:week", False), ("text:week", True), ("text:border", True),
        ("title:(truce OR week)", True), ("title:=truce", True), ("text:(week -border)", False), ("week -title:week", True),
        ("title:/tru.e/", True), ("title:truce{2}", False), ("truce{2}", True), ("truce{3}", False), ("title:truce text:week", True),
        ("week NEAR/90 border", False), ("title:tru*", True), ('title:"truce week"', False),
        ("country:AM", True), ("country:(ge OR am)", True), ("country:ge", False), ("source:on*", True), ("source:o", False),
        ('outlet:"OC Media"', True), ("outlet:OC", False), ("author:petrosyan", True), ('author:"Anna Petrosyan"', True),
        ("author:Petros*", True), ("author:petros", False), ('author:"anna grigoryan"', False), ("-author:petrosyan truce", False),
        ("lang:EN truce", True), ("-lang:en truce", False),
        ("after:2026-11-20 truce", True), ("after:2026-11-21 truce", False), ("before:2026-11-21 truce", True),
        ("before:2026-11-20 truce", False), ("after:2026-11 truce", True), ("before:2026 truce", False), ("after:2026/11/20 truce", True),
    ],
)  # fmt: skip # a table
def test_fields_look_where_they_say(query: str, expected: bool) -> None:  # noqa: FBT001 - a table
    """A field holds for the word or bracket behind it; a summary that repeats the text does not count twice."""
    published = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
    fields = {"title": "The truce", "summary": "A border, the truce", "text": "The truce held for a week"}
    assert found(query, **fields, outlet="OC Media", author="Anna Petrosyan, Tbilisi", country="am", published_at=published) is expected  # fmt: skip # a table


def test_an_article_without_a_date_is_as_old_as_its_first_sight() -> None:
    """`after:` and `before:` ask for the day of publication, else for the day on which it was first seen."""
    assert found("after:2026-11-24 a", title="a", published_at=None)
    assert not found("before:2026-11-24 a", title="a", published_at=None)


CONCEPTS = {
    "captive": (
        ConceptTerm(text="prisoner of war", lang="en"),
        ConceptTerm(text="captive", lang="en", sense=Sense.EXACT),
        ConceptTerm(text="пленный", lang="ru"),
        ConceptTerm(text="mina", lang="az"),
        ConceptTerm(text="any"),
    ),
    "one": (ConceptTerm(text="truce", lang="en"),),
    "empty": (),
}


def words_of(query: str, text: str, lang: str) -> list[MatchedWord] | None:
    one = article(text=text, title="", language=lang)
    words = evaluate(parse(query, CONCEPTS), read_article(one, stems()), stems())
    return None if words is None else list(words)


@pytest.mark.parametrize(
    ("query", "text", "lang", "forms"),
    [
        ("@captive", "two prisoners of war", "en", ["prisoners", "of", "war"]),
        ("@captive", "captives", "en", None),
        ("@captive", "captive", "en", ["captive"]),
        ("@captive", "captive", "fr", None),
        ("@captive", "captive пленных", "ru", ["captive", "пленных"]),
        ("@captive", "пленных", "hy", ["пленных"]),
        ("@captive", "пленных", "uk", None),
        ("@captive", "mina", "az", ["mina"]),
        ("@captive", "mina", "tr", None),
        ("@captive", "mina any", "und", ["mina", "any"]),
        ("@captive{2}", "captive any", "en", ["captive", "any"]),
        ("@captive NEAR/2 @one", "a truce, captive", "en", ["truce", "captive"]),
        ("@one -@captive", "truce, captive", "en", None),
        ("title:@one", "truce", "en", None),
    ],
)
def test_a_concept_is_any_of_its_terms_in_their_languages(
    query: str, text: str, lang: str, forms: list[str] | None
) -> None:
    """A term with a language is looked for in paragraphs in that, or in its script, or where nobody knows the language."""
    words = words_of(query, text, lang)
    assert (None if words is None else [word.form for word in words]) == forms


def test_a_matched_word_names_its_term_and_its_concept() -> None:
    """What explains a match tells which word of which concept it was."""
    words = words_of("@captive OR week", "prisoners of war, a week", "en")
    assert words is not None
    assert [(word.form, word.term, word.concept) for word in words] == [
        ("prisoners", "prisoner of war", "captive"),
        ("of", "prisoner of war", "captive"),
        ("war", "prisoner of war", "captive"),
        ("week", "week", None),
    ]


def test_a_paragraph_is_asked_in_its_own_language() -> None:
    """In an English article a Russian quotation is found by a Russian word, and by a concept's Russian term."""
    text = "The ministry wrote this week:\n\nМы ждём возвращения всех пленных до конца этого года, все ждут."
    for query in ("пленный", "@captive"):
        words = words_of(query, text, "en")
        assert words is not None
        assert [word.form for word in words] == ["пленных"]


def test_rules_come_and_go_without_the_others() -> None:
    """A rule that is added is last in order; one that is removed matches no more; one of the same name is replaced."""
    rules = RuleSet([rule("a", "x"), rule("b", "x OR y")], stems())
    one = article(title="x")
    document = read_article(one, stems())

    def names() -> list[str]:
        return [match.rule for match in rules.match(one, document)]

    assert names() == ["a", "b"]
    rules.add(rule("c", "title:x"))
    rules.remove("a")
    rules.remove("never there")
    assert names() == ["b", "c"]
    rules.add(rule("b", "y"))
    assert names() == ["c"]
    assert [known.name for known in rules.rules] == ["c", "b"]
    with pytest.raises(QueryError):
        rules.add(rule("c", "("))
    assert names() == ["c"]


def test_a_rule_is_found_by_words_added_after_its_language_was_met() -> None:
    """The index grows in the languages that articles have come in already."""
    rules = RuleSet([rule("a", "truce")], stems())
    for lang, text in (("en", "prisoners"), ("ru", "пленных"), ("sv", "fångar"), ("und", "fångar")):
        one = article(title=text, language=lang)
        assert rules.match(one, read_article(one, stems())) == ()
    rules.add(rule("b", "prisoner OR пленный OR fångar OR fång*"))
    for lang, text in (("en", "prisoners"), ("ru", "пленных"), ("sv", "fångar"), ("und", "fångar"), ("no", "fången")):
        one = article(title=text, language=lang)
        assert [match.rule for match in rules.match(one, read_article(one, stems()))] == ["b"]


def test_a_query_that_requires_nothing_has_no_expression() -> None:
    """Search then looks at every article."""
    for query in ("source:one", "a OR source:one", "title:(source:one)", "/abc/", "/abc/ OR x", "title:/abc/ -x"):
        assert to_fts(parse(query), stems(), ["en"]) is None


@pytest.mark.parametrize("depth", [1, 10, 45])
def test_a_deep_query_is_still_searched_for(depth: int) -> None:
    """SQLite's parser has little room for brackets; what is deeper is searched for by less."""
    query = "".join(f"(a{n} OR (b{n} " for n in range(depth // 2)) + "truce" + "))" * (depth // 2)
    expression = to_fts(parse(query), stems(), ["en"])
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE k USING fts5(title, body, tokenize = \"ascii tokenchars '=~&+#_'\")")
    keys = index_text(read_article(article(title="truce " + " ".join(f"b{n}" for n in range(50))), stems()))
    base.execute("INSERT INTO k VALUES (?, ?)", [keys.title, keys.body])
    assert base.execute("SELECT count(*) FROM k WHERE k MATCH ?", [expression]).fetchone() == (1,)
    base.close()


EXAMPLES = re.findall(
    r"^\| `([^`]+)` \| (\w+) \| (.+?) \| (yes|no) \|$",
    (Path(__file__).parents[2] / "docs" / "query.md").read_text(),
    re.MULTILINE,
)


@pytest.mark.slow
@pytest.mark.parametrize(("query", "lang", "text", "answer"), EXAMPLES)
def test_every_example_of_the_documentation_is_true(query: str, lang: str, text: str, answer: str) -> None:
    analyser, shipped = dictionaries(), terms_of(shipped_glossary())
    (told,) = try_query(html.unescape(query), [text], lang=lang, analyser=analyser, detect=DETECT, concepts=shipped)
    assert told["matched"] == (answer == "yes")


def test_the_documentation_has_examples() -> None:
    assert len(EXAMPLES) > 40


def test_a_matched_word_is_stored_with_its_concept() -> None:
    """What is read back is what matched, of a concept or not."""
    words = tuple(words_of("@captive OR week", "prisoners of war, a week", "en") or ())
    match = Match(rule="r", version=3, words=words)
    assert match_of("r", 3, words_json(match)) == match
