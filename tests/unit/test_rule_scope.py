"""What narrows a rule, from config.yaml to the alert: kinds of news, mentions, languages, sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import load
from monitor.errors import ConfigError
from monitor.model import FullText, MatchedWord, Rule, When
from monitor.rules import mentions
from tests.factories import source
from tests.unit.test_full_text import page, read
from tests.unit.test_pipeline import House, new

HEAD = """\
contact: a@example.org
languages: [en, ru]
channels: {desk: {type: maildir, path: mail}, ops: {type: maildir, path: ops}}
sources:
  - {name: one, outlet: One, language: en, feed: "https://one.example/feed"}
  - {name: two, outlet: Two, language: uk, feed: "https://two.example/feed", enabled: false}
"""


def configured(folder: Path, keys: str) -> tuple[Rule, ...]:
    file = folder / "config.yaml"
    file.write_text(f"{HEAD}rules:\n  - {{name: tried, query: truce, to: [desk], {keys}}}\n", encoding="utf-8")
    return load(file, environ={}).rules


def house_with(folder: Path, keys: str, *, full_text: FullText = FullText.NEVER) -> House:
    rules = configured(folder, keys)
    return House(
        folder / "monitor.db", rules=rules, sources=tuple(source(name, full_text=full_text) for name in ("one", "two"))
    )


def alerts(house: House) -> list[tuple[object, ...]]:
    return house.rows(
        "SELECT articles.title, kind FROM alerts JOIN articles ON articles.id = article_id WHERE recipient LIKE 'anna%' ORDER BY alerts.id"
    )


def place(start: int, end: int, field: str = "text") -> MatchedWord:
    return MatchedWord(field=field, start=start, end=end, form="x", term="x")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], 0),
        ([place(0, 5)], 1),
        ([place(0, 5), place(6, 10)], 1),
        ([place(0, 5), place(7, 10)], 2),
        ([place(0, 5), place(0, 5)], 1),
        ([place(0, 5, "title"), place(0, 5), place(9, 14)], 3),
        ([place(0, 5, "title"), place(0, 5, "summary"), place(0, 5), place(9, 14)], 3),
        ([place(0, 5, "summary"), place(9, 14, "summary"), place(0, 5)], 2),
    ],
)
def test_a_mention_is_what_a_mail_marks_as_one(words: list[MatchedWord], expected: int) -> None:
    """Words side by side are one; a summary that repeats the text does not count twice."""
    assert mentions(words) == expected


def test_a_rule_with_mentions_is_told_only_of_articles_that_have_them(tmp_path: Path) -> None:
    """One word in passing is no news for such a rule."""
    house = house_with(tmp_path, "mentions: 2")
    house.visit(new(1, "A truce", text="It rained."), new(2, "A truce", text="The truce holds.", guid="2"))
    house.visit(
        new(3, "Talks", text="A truce-truce. Nothing else."), new(4, "Talks of the day", text="A truce. A truce.")
    )
    assert [title for title, _ in alerts(house)] == ["A truce", "Talks of the day"]
    assert house.rows("SELECT count(*) FROM matches") == [(2,)]
    house.store.close()


async def test_a_text_that_comes_later_may_bring_the_mentions(tmp_path: Path) -> None:
    """The title alone has one; the page has the others."""
    house = house_with(tmp_path, "mentions: 3", full_text=FullText.AUTO)
    house.visit(new(1, "A truce"))
    assert alerts(house) == []
    await read(house, 1, page("The truce holds.\n\nNobody broke the truce.", title="A truce"))
    assert alerts(house) == [("A truce", "new")]
    house.store.close()


def test_an_update_needs_one_mention_in_what_is_new_and_all_in_the_article(tmp_path: Path) -> None:
    """Otherwise a page that grows a passage at a time would never be told again."""
    house = house_with(tmp_path, "mentions: 2, when: [new, update]")
    house.visit(new(text="A truce. It rained."))
    assert alerts(house) == []
    house.visit(new(text="A truce. It rained.\n\nThe truce holds."))
    house.visit(new(text="A truce. It rained.\n\nThe truce holds.\n\nThe truce was broken."))
    house.visit(new(text="A truce. It rained.\n\nThe truce holds.\n\nThe truce was broken.\n\nIt snowed."))
    assert [kind for _, kind in alerts(house)] == ["new", "update"]
    house.store.close()


@pytest.mark.parametrize(
    ("when", "kinds"), [("[new]", ["new"]), ("update", ["update"]), ("[new, update]", ["new", "update"])]
)
def test_a_rule_hears_the_kinds_of_news_that_it_wants(tmp_path: Path, when: str, kinds: list[str]) -> None:
    """A single one may stand without brackets."""
    house = house_with(tmp_path, f"when: {when}")
    house.visit(new(text="A truce."))
    house.visit(new(text="A truce.\n\nThe truce was broken."))
    assert [kind for _, kind in alerts(house)] == kinds
    house.store.close()


def test_a_rule_for_languages_hears_of_articles_in_these_alone(tmp_path: Path) -> None:
    """The article's own language decides, not its source's."""
    house = house_with(tmp_path, "languages: [ru]")
    russian = "Стороны договорились: truce объявлен сегодня утром в столице"
    house.visit(new(1, "The truce was announced in the capital today"), new(2, russian))
    assert [title for title, _ in alerts(house)] == [russian]
    house.store.close()


def test_a_rule_for_sources_hears_of_these_alone(tmp_path: Path) -> None:
    """Whatever other rules hear of the article."""
    house = house_with(tmp_path, "sources: two")
    house.visit(new(1, "A truce in the north"))
    house.visit(new(1, "A truce in the south", url="https://two.example/1"), name="two")
    assert [title for title, _ in alerts(house)] == ["A truce in the south"]
    house.store.close()


def test_all_of_a_rules_scope_is_read(tmp_path: Path) -> None:
    """Disabled sources and languages that a source names are known, too."""
    (rule,) = configured(tmp_path, "when: [update, new], languages: [ru, uk], sources: [one, two], mentions: 4")
    assert (set(rule.when), rule.languages, rule.sources, rule.mentions) == (
        {When.NEW, When.UPDATE},
        ("ru", "uk"),
        ("one", "two"),
        4,
    )


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("when: [updated]", "when: 'updated' is not possible here; did you mean update?"),
        ("when: [always]", "when: 'always' is not possible here; write new or update"),
        ("when: []", "when: a rule that wants nothing is never told; write [new], [update] or [new, update]"),
        ("mentions: 0", "mentions: "),
        ("mentions: many", "mentions: this must be a whole number"),
        ("mention: 2", "mention: there is no such key here; did you mean mentions?"),
        ("sources: [on]", "sources: there is no source 'on'; did you mean one?"),
        ("languages: [rus]", "languages: no article is expected in 'rus'; did you mean ru?"),
        (
            "languages: [am]",
            "languages: no article is expected in 'am'; there are en, ru, uk; add it to languages: at the top",
        ),
        ("languages: [Russian]", "languages: 'Russian' is no language code"),
    ],
)
def test_what_narrows_a_rule_to_nothing_is_a_mistake(tmp_path: Path, keys: str, told: str) -> None:
    """A mistyped name would make a rule that never matches; nobody would notice."""
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, keys)
    (problem,) = caught.value.problems
    assert f"config.yaml:8: rules[0].{told}" in problem
