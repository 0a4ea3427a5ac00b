"""Rules behind the index, a query evaluated alone and the search index agree on every query and article."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils.utils import sqlite3

from monitor.errors import QueryError
from monitor.language import Analyser, ConceptTerm, Sense, split_words
from monitor.model import Article
from monitor.query import Document, evaluate, parse, to_fts
from monitor.rules import RuleSet, index_text, read_article
from tests.factories import NOW, article, rule
from tests.language_fixtures import stems

TEXTS = [
    ("en", "Prisoners come home", "Eight prisoners of war were handed over at the border; the truce held for a week."),
    ("en", "A cease-fire, twice broken", "Both sides blamed each other. The ceasefire talks go on in the capital."),
    ("en", "Quotation", "The ministry wrote:\n\n«Мы ждём возвращения всех военнопленных до конца этого года, все ждут их.»"),
    ("ru", "Пленные вернулись домой", "Стороны обменялись военнопленными, перемирие соблюдается третью неделю."),
    ("ru", "Миротворцы уходят", "Пост миротворцев у деревни закрыт, сапёры нашли там мину и C++ тут ни при чём."),
    ("hy", "Ռազմագերիները տուն են վերադարձել", "Հրադադարը պահպանվում է, իսկ պատանդների ցուցակը դեռ հայտնի չէ։"),
    ("hy", "Սահմանին խաղաղ է", "Խաղաղապահների դիտակետը փակվել է, ռազմագերու հարազատները սպասում են 2026 թվականին։"),
    ("az", "Əsirlər qaytarıldı", "Tərəflər atəşkəsə əməl edir, əsirlərin siyahısı isə açıqlanmayıb."),
    ("az", "Esirler qaytarildi", "Terefler ateskese emel edir, esirlerin siyahisi ise aciqlanmayib."),
    ("ka", "ტყვეები სახლში დაბრუნდნენ", "მხარეებმა ტყვეები გაცვალეს, ცეცხლის შეწყვეტა ძალაშია და მშვიდობისმყოფელები რჩებიან."),
    ("tr", "Esirler evlerine döndü", "Taraflar ateşkese uyuyor; esirlerin listesi henüz açıklanmadı, mayınlar temizleniyor."),
    ("de", "Gefangene kehren heim", "Die Gefangenen wurden am Morgen ausgetauscht, der Waffenstillstand hält."),
    ("sv", "Fångar hem", "Åtta fångar kom hem i går, och vapenvilan håller fortfarande."),
    ("und", "mina", "əsir esir captive mina prisoner ტყვე плен 2026"),
    ("os", "Фыдрауагдтæ", "Уацайраг лæппутæ сæхимæ æрцыдысты, мина нæ уыди."),
]  # fmt: skip # a table
CONCEPTS = {
    "captive": (
        ConceptTerm(text="prisoner of war", lang="en"),
        ConceptTerm(text="captive", lang="en", sense=Sense.EXACT),
        ConceptTerm(text="военнопленный", lang="ru"),
        ConceptTerm(text="ռազմագերի", lang="hy"),
        ConceptTerm(text="əsir", lang="az"),
        ConceptTerm(text="ტყვე", lang="ka"),
        ConceptTerm(text="esir", lang="tr"),
        ConceptTerm(text="уацайраг", lang="os"),
        ConceptTerm(text="NATO", lang="ru"),
        ConceptTerm(text="2026", lang="hy"),
    ),
    "mine": (ConceptTerm(text="mina"), ConceptTerm(text="мина", lang="ru", sense=Sense.NOUN)),
}
OPERATORS = ["@captive", "@mine", "/pri\\w+/", "/\\bмин/", "lang:en", "lang:(ru OR hy)", "source:one", "author:anna",
             "country:am", "after:2026-11-24", "before:2026-11-24", "2026", "/\\d{4}\\b/"]  # fmt: skip # a table


def _corpus() -> Iterator[tuple[str, str, str]]:
    """Give some real sentences, where a corpus is named."""
    file = Path(os.environ.get("MONITOR_CORPUS", "-")) / "language" / "parallel_6lang.jsonl"
    for line in file.read_text(encoding="utf-8").splitlines()[:12] if file.exists() else ():
        row = json.loads(line)
        yield from ((lang, "", row[lang]) for lang in ("en", "ru", "hy", "az", "ka", "tr"))


@cache
def articles() -> list[tuple[Article, Document]]:
    analyser, found = stems(), []
    for number, (lang, title, text) in enumerate([*TEXTS, *_corpus()]):
        one = article(
            title=title or text[:30],
            summary=text[:60] if number % 3 == 0 else "",
            text=text,
            language=lang,
            source=("one", "two")[number % 2],
            author=("Anna Petrosyan", None)[number % 2],
            country=("am", "ge")[number % 2],
            published_at=NOW - timedelta(days=number % 4) if number % 5 else None,
        )
        found.append((one, read_article(one, analyser)))
    return found


@cache
def index() -> sqlite3.Connection:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE k USING fts5(title, body, tokenize = \"ascii tokenchars '=~&+#_'\")")
    for number, (_, document) in enumerate(articles()):
        keys = index_text(document)
        base.execute("INSERT INTO k (rowid, title, body) VALUES (?, ?, ?)", [number, keys.title, keys.body])
    return base


@cache
def words_known() -> Analyser:
    """One for all queries: loading its dictionaries takes longer than asking."""
    return stems()


@cache
def words() -> list[str]:
    return sorted({word for one, _ in articles() for word in split_words(f"{one.title} {one.text}") if '"' not in word})


def leaves() -> st.SearchStrategy[str]:
    word = st.sampled_from(words())
    return st.one_of(
        word,
        word,
        st.sampled_from(OPERATORS),
        word.map("={}".format),
        word.filter(lambda text: len(text) > 3).map(lambda text: f"{text[:3]}*"),
        st.sampled_from([(one.title, at) for one, _ in articles() for at in range(2)]).map(_phrase),
        st.tuples(word, word).map(" NEAR/5 ".join).map("({})".format),
        word.map("{}{{2}}".format),
    )


def _phrase(pick: tuple[str, int]) -> str:
    return '"' + " ".join(split_words(pick[0])[pick[1] : pick[1] + 2] or ["x"]) + '"'


def queries() -> st.SearchStrategy[str]:
    return st.recursive(
        leaves(),
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]} {pair[1]})"),
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]} -{pair[1]})"),
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]} NEAR/9 {pair[1]})"),
            inner.map("title:{}".format),
            inner.map("text:{}".format),
            inner.map("{}{{2}}".format),
        ),
        max_leaves=6,
    )


def agree(asked: list[str]) -> int:
    """Compare the three on these queries; gives how many could be read."""
    analyser = words_known()
    nodes = {}
    for query in asked:
        try:
            nodes[query] = parse(query, CONCEPTS)
        except QueryError:
            continue
    rules = RuleSet([rule(query, query) for query in nodes], analyser, CONCEPTS)
    alone = {query: set[int]() for query in nodes}
    for number, (one, document) in enumerate(articles()):
        found = {match.rule: match.words for match in rules.match(one, document)}
        for query, node in nodes.items():
            direct = evaluate(node, document, analyser)
            assert found.get(query) == direct, (query, one.title)
            if direct is not None:
                alone[query].add(number)
    for query, node in nodes.items():
        expression = to_fts(node, analyser)
        if expression is not None:
            proposed = {row[0] for row in index().execute("SELECT rowid FROM k WHERE k MATCH ?", [expression])}
            assert alone[query] <= proposed, (query, expression)
    return len(nodes)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_rules_search_and_a_query_alone_agree(data: st.DataObject) -> None:
    """Whatever is asked, the index over rules finds what evaluation finds, with the same words, and search proposes it."""
    agree(data.draw(st.lists(queries(), min_size=8, max_size=12)))


@pytest.mark.slow
def test_rules_search_and_a_query_alone_agree_thousands_of_times() -> None:
    """The same for more than three thousand queries that can be read."""
    read = 0

    @settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(queries(), min_size=10, max_size=20))
    def ask(asked: list[str]) -> None:
        nonlocal read
        read += agree(asked)

    ask()
    assert read > 3000


def test_the_texts_of_that_test_are_found_at_all() -> None:
    """Queries that match nothing would agree on everything."""
    analyser = stems()
    for query, least in (("@captive", 8), ("мина", 2), ("mina", 1), ("ceasefire", 1), ("2026", 2), ("/pri\\w+/", 2)):
        node = parse(query, CONCEPTS)
        found = [one.title for one, document in articles() if evaluate(node, document, analyser)]
        assert len(found) >= least, (query, found)
