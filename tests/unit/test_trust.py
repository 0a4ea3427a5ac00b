"""Rules on trial: what they would have caught, how versions differ, why an alert came, what people think of it."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from sqlite_utils.utils import sqlite3

from monitor.app import trial_of, try_on_the_past
from monitor.app.backtest import Catch
from monitor.app.startup import bring_up
from monitor.cli.charts import bars, by_time, fewer, folded, marked
from monitor.cli.root import cli
from monitor.model import Filters, MessageState, Notice, Precision, Retention
from monitor.rules import RuleSet, read_article
from tests.factories import NOW, article, match, rule
from tests.fakes import FakeLog, here
from tests.rigs.desk import RULES, SPAN, Desk
from tests.rigs.site import Site, rss

CHANGED = RULES.replace("prisoner OR военнопленный", "prisoner AND swap OR captive")


@pytest.fixture
def desk(tmp_path: Path, words: Path) -> Iterator[Desk]:
    assert words.is_dir()
    made = Desk(tmp_path)
    yield made
    made.store.close()


def filled(desk: Desk) -> Desk:
    """Three articles of the last days that the first rule catches, one that it does not, and one of long ago."""
    desk.add("Prisoners came home", "Eight prisoners crossed the bridge. It rained.", days=2)
    desk.add("A swap is planned", "The prisoner swap is near.", days=2, source="two", outlet="Two")
    desk.add("Возвращение", "Переговоры о возвращении военнопленных завершились.", days=1, language="ru")
    desk.add("Captives of winter", "The village was cut off.", days=1)
    desk.add("Prisoners of long ago", days=60)
    return desk


# -- rules test -----------------------------------------------------------------------------------------------------------


def test_a_rule_is_tried_on_stored_articles_by_source_language_and_day(desk: Desk) -> None:
    """Only those first seen in the time asked for count."""
    (found,) = filled(desk).asked("rules", "test", "prisoners", *SPAN)
    assert (found["stored"], found["purged"], found["compared"]) == (4, 0, None)
    caught = found["caught"]
    assert caught["articles"] == 3
    assert caught["by_source"] == {"one": 2, "two": 1}
    assert caught["by_language"] == {"en": 2, "ru": 1}
    assert caught["by_day"] == {"2026-11-22": 2, "2026-11-23": 1}


def test_what_is_shown_for_people_is_a_chart_and_marked_samples_that_fit_80_columns(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into a pipe goes plain text without colours; days without an article have a line, too."""
    monkeypatch.delenv("COLUMNS", raising=False)
    told = filled(desk).run("rules", "test", "prisoners", *SPAN).stdout
    lines = told.splitlines()
    assert lines[1:3] == ["3 articles of 4 (75.0%)", "first seen from 2026-11-01 00:00 to 2026-11-25 00:00 UTC"]
    assert f"one     2  {'█' * 40}" in lines
    assert f"two     1  {'█' * 20}" in lines
    assert "2026-11-24  0" in lines
    assert "2026-11-23  1  " + "█" * 20 in lines
    assert "2026-11-21  0" not in lines, "there was no article yet"
    assert "    Eight [prisoners] crossed the bridge." in lines
    assert "  [Prisoners] came home" in lines
    assert "    Переговоры о возвращении [военнопленных] завершились." in lines
    assert "\x1b" not in told
    assert max(map(len, lines)) <= 80


def test_samples_are_of_every_language_before_they_are_many_of_one(desk: Desk) -> None:
    """The newest of a language that is rare is worth more than one more of the common one."""
    desk.add("Возвращение", "Переговоры о возвращении военнопленных завершились.", days=3, language="ru")
    for number in range(6):
        desk.add(f"Prisoners of day {number}", days=2 - number / 10)
    (found,) = desk.asked("rules", "test", "prisoners", *SPAN, "--samples", "3")
    titles = [sample["title"] for sample in found["caught"]["samples"]]
    assert titles == ["Prisoners of day 5", "Prisoners of day 4", "Возвращение"]
    (none,) = desk.asked("rules", "test", "prisoners", *SPAN, "--samples", "0")
    assert (none["caught"]["articles"], none["caught"]["samples"]) == (7, [])


def test_no_more_samples_are_held_than_are_shown_of_each_language() -> None:
    """Memory is bounded, however many articles a rule catches."""
    catch = Catch(2, {7: True, 8: False})
    for number in range(1000, 0, -1):
        catch.add(article(id=number, language="en" if number % 2 else "ru"), match())
    assert {lang: len(kept) for lang, kept in catch._samples.items()} == {"en": 2, "ru": 2}
    told = catch.told()
    assert (told["articles"], told["marked_relevant"], told["marked_irrelevant"]) == (1000, 1, 1)


@pytest.mark.parametrize(
    ("query", "more"),
    [
        ("prisoner -bridge", ""),
        ('"prisoner swap" OR bridge', ""),
        ("title:prisoner", ""),
        ("prison*", ""),
        ("prisoner", ", languages: [ru]"),
        ("prisoner", ", sources: [two]"),
        ("prisoner", ", mentions: 2"),
        ("lang:fr", ""),
        ("prisonnier", ""),
    ],
)
def test_the_past_is_judged_exactly_as_new_articles_are(desk: Desk, query: str, more: str) -> None:
    """The index only proposes: scope, mentions and articles in languages of no rule count as they do in the daemon."""
    filled(desk).add("Les prisonniers", "Huit prisonniers sont revenus.", language="fr")
    desk.rewrite(f"  - {{name: tried, query: '{query}', to: [desk]{more}}}")
    rules = RuleSet(desk.config.rules, desk.analyser)
    articles = desk.store.get(range(1, 7)).values()
    expected = {item.id for item in articles if rules.match(item, read_article(item, desk.analyser))}
    (found,) = desk.asked("rules", "test", "tried", "--since", "2020-01-01", "--samples", "100")
    assert {sample["id"] for sample in found["caught"]["samples"]} == expected


def test_articles_whose_keys_are_old_are_looked_at_all_the_same(desk: Desk) -> None:
    """While the index is made anew, what it says of them is nothing."""
    filled(desk)
    desk.store._run("UPDATE article_keys_fts SET title = '', body = ''")
    desk.store.begin_index("another analysis")
    assert desk.asked("rules", "test", "prisoners", *SPAN)[0]["caught"]["articles"] == 3


@pytest.mark.slow
def test_hundreds_of_articles_are_read_a_few_at_a_time_newest_first(desk: Desk) -> None:
    """No reader stands in a writer's way for long."""
    for number in range(450):
        desk.add(f"Prisoners, part {number}", days=1 - number / 1000)
    (found,) = desk.asked("rules", "test", "prisoners", *SPAN, "--samples", "1")
    assert found["caught"]["articles"] == 450
    assert [sample["title"] for sample in found["caught"]["samples"]] == ["Prisoners, part 449"]


def test_purged_texts_are_named_because_only_their_titles_can_be_looked_at(desk: Desk) -> None:
    """Otherwise a back-test over a long time would promise too little."""
    filled(desk).add("A longer story", "Prisoners wait.", days=20, text_state="complete")
    desk.store.purge(now=NOW, retention=Retention(articles=timedelta(days=10)))
    (found,) = desk.asked("rules", "test", "prisoners", *SPAN)
    assert (found["purged"], found["caught"]["articles"]) == (1, 3)
    assert "of 1 purged text only the titles are looked at" in desk.run("rules", "test", "prisoners", *SPAN).stdout


def test_a_query_of_no_rule_yet_can_be_tried(desk: Desk) -> None:
    """Nothing of it is stored."""
    (found,) = filled(desk).asked("rules", "test", "--query", "captive OR swap", *SPAN)
    assert (found["rule"], found["caught"]["articles"], found["compared"]) == ("", 2, None)
    assert "query: captive OR swap" in desk.run("rules", "test", "--query", "captive OR swap", *SPAN).stdout
    assert desk.store._rows("SELECT count(*) FROM rules") == [(2,)]


def test_a_rule_that_catches_nothing_is_told_in_a_line(desk: Desk) -> None:
    """There is nothing to draw."""
    told = filled(desk).run("rules", "test", "ceasefire", *SPAN).stdout
    assert "0 articles of 4 (0.0%)" in told
    assert "█" not in told


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        ((), 2, "name a rule, or give a query"),
        (("prisonners",), 78, "there is no rule 'prisonners'; did you mean prisoners?"),
        (("zebra",), 78, "there is no rule 'zebra'; see `monitor rules list`"),
        (("--query", "(prisoner"), 2, "^ this bracket is never closed"),
    ],
)
def test_a_wrong_question_is_answered_with_what_would_be_right(
    desk: Desk, arguments: tuple[str, ...], status: int, told: str
) -> None:
    """And with the documented status."""
    result = desk.run("rules", "test", *arguments)
    assert result.exit_code == status
    assert told in result.stderr


def test_bars_are_cut_to_the_terminal_and_never_vanish() -> None:
    """One of a thousand is still a bar, a long name is cut, many names are summed up."""
    found = [click.unstyle(line) for line in bars("source", {"a" * 50: 1000, "small": 1, "none": 0})]
    assert found[0] == "source"
    assert max(map(len, found)) <= 80
    assert found[1].startswith("a" * 29 + "…  1000  ██")
    assert found[2].endswith("     1  █")
    assert found[3].endswith("     0")
    assert list(bars("source", {})) == []
    assert fewer({"a": 5, "b": 3, "c": 2, "d": 1}, 2) == {"a": 5, "b": 3, "2 others": 3}


@pytest.mark.parametrize(
    ("first", "last", "head", "expected"),
    [
        (date(2026, 11, 23), date(2026, 11, 25), "day (UTC)", {"2026-11-23": 1, "2026-11-24": 0, "2026-11-25": 2}),
        (
            date(2026, 10, 24),
            date(2026, 11, 25),
            "week of (UTC)",
            {"2026-10-19": 0, "2026-10-26": 0, "2026-11-02": 0, "2026-11-09": 0, "2026-11-16": 0, "2026-11-23": 3},
        ),
        (date(2025, 1, 1), date(2026, 11, 25), "month (UTC)", {"2025-01": 0, "2026-11": 3}),
    ],
)
def test_long_times_are_told_by_week_or_month(first: date, last: date, head: str, expected: dict[str, int]) -> None:
    """No chart is longer than a month of days, and times without anything are there, too."""
    name, counts = by_time({"2026-11-23": 1, "2026-11-25": 2}, first, last)
    assert name == head
    assert counts.items() >= expected.items()
    assert sum(counts.values()) == 3
    assert len(counts) <= 33


def test_words_are_marked_by_type_on_a_terminal_and_by_brackets_elsewhere() -> None:
    """A long sentence is folded at blanks on a terminal, so that no word is torn."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert marked("a prisoner", [[2, 10]]) == "a [prisoner]"
    assert folded("word " * 40, "  ") == "  " + "word " * 40
    with contextlib.redirect_stdout(Terminal()):
        assert marked("a prisoner", [[2, 10]]) == "a " + click.style("prisoner", bold=True, underline=True)
        lines = folded("word " * 40, "  ").splitlines()
    assert len(lines) == 3
    assert all(line.startswith("  word") for line in lines)


# -- versions -------------------------------------------------------------------------------------------------------------


def test_a_changed_rule_shows_what_it_gains_and_loses_before_it_runs(desk: Desk) -> None:
    """It is compared with the last version in the database, its marks with it."""
    filled(desk)
    desk.run("mark", "1", "relevant")
    desk.run("mark", "3", "irrelevant")
    desk.rewrite(CHANGED)
    (found,) = desk.asked("rules", "test", "prisoners", *SPAN)
    compared = found["compared"]
    assert (compared["against"]["version"], compared["against"]["query"]) == (1, "prisoner OR военнопленный")
    assert [sample["title"] for sample in compared["added"]["samples"]] == ["Captives of winter"]
    assert [sample["title"] for sample in compared["lost"]["samples"]] == ["Возвращение", "Prisoners came home"]
    lines = desk.run("rules", "test", "prisoners", *SPAN).stdout.splitlines()
    assert "- query: prisoner OR военнопленный" in lines
    assert "+ query: prisoner AND swap OR captive" in lines
    assert (
        "1 article added, 2 articles (1 marked relevant, 1 marked irrelevant) lost,"
        " first seen from 2026-11-01 00:00 to 2026-11-25 00:00 UTC" in lines
    )
    assert desk.asked("rules", "list")[0]["changed"] is True
    desk.start(days=0)
    assert desk.asked("rules", "test", "prisoners", *SPAN)[0]["compared"] is None
    assert desk.asked("rules", "list")[0] | {"version": 2, "changed": False} == desk.asked("rules", "list")[0]


def test_another_query_can_be_tried_in_a_rules_place(desk: Desk) -> None:
    """So a person need not edit the file to see the difference."""
    (found,) = filled(desk).asked("rules", "test", "prisoners", "--query", "prisoner OR captive", *SPAN)
    assert (found["compared"]["added"]["articles"], found["compared"]["lost"]["articles"]) == (1, 1)


def test_two_kept_versions_can_be_compared_whatever_the_file_says_now(desk: Desk) -> None:
    """Without numbers: the file's version against the one before; a rule that left the file still has its versions."""
    filled(desk)
    desk.rewrite(CHANGED)
    desk.start(days=2)
    desk.rewrite(RULES.replace("prisoner OR военнопленный", "captive"))
    desk.start(days=1)

    def compared(*arguments: str) -> tuple[str, int, int, int]:
        (found,) = desk.asked("rules", "diff", "prisoners", *SPAN, *arguments)
        against = found["compared"]
        return found["query"], against["against"]["version"], against["added"]["articles"], against["lost"]["articles"]

    assert compared() == ("captive", 2, 0, 1)
    assert compared("--from", "1") == ("captive", 1, 1, 3)
    assert compared("--from", "1", "--to", "2") == ("prisoner AND swap OR captive", 1, 1, 2)
    assert compared("--to", "2") == ("prisoner AND swap OR captive", 1, 1, 2)
    lines = desk.run("rules", "diff", "prisoners", "--to", "2", *SPAN).stdout.splitlines()
    assert lines[0] == "prisoners, against version 1 of 2026-10-25"
    assert "+ 2026-11-23 12:00  one  en  article 4" in lines
    assert "- 2026-11-22 12:00  one  en  article 1" in lines
    desk.rewrite(RULES.replace("prisoners", "others"))
    assert compared() == ("captive", 2, 0, 1)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("prisoners",), "rule prisoners has no version before this one"),
        (("prisoners", "--from", "7"), "rule prisoners has no version 7; there are 1"),
        (("prisoner",), "there is no rule 'prisoner'; did you mean prisoners?"),
    ],
)
def test_a_version_that_is_not_there_is_named_with_those_that_are(
    desk: Desk, arguments: tuple[str, ...], told: str
) -> None:
    """Status 78, like all that is wrong about configured names."""
    result = desk.run("rules", "diff", *arguments)
    assert result.exit_code == 78
    assert told in result.stderr


def test_a_rule_that_never_ran_has_nothing_to_compare(desk: Desk) -> None:
    """Its first version comes with the next start."""
    desk.rewrite(RULES + "  - {name: fresh, query: storm, to: [desk]}\n")
    assert "no version of rule fresh is kept yet" in desk.run("rules", "diff", "fresh").stderr
    (found,) = desk.asked("rules", "test", "fresh", *SPAN)
    assert (found["caught"]["articles"], found["compared"]) == (0, None)


def test_a_version_that_cannot_be_read_any_more_is_said_and_not_compared(desk: Desk) -> None:
    """The query language may grow stricter; what the rule catches now is told all the same."""
    desk.store._run("UPDATE rules SET query = '(prisoner' WHERE name = 'prisoners'")
    (found,) = filled(desk).asked("rules", "test", "prisoners", *SPAN)
    assert (found["caught"]["articles"], found["compared"]) == (3, None)
    assert "never closed" in found["unreadable"]
    assert "The version before cannot be read any more" in desk.run("rules", "test", "prisoners", *SPAN).stdout
    assert desk.run("rules", "diff", "prisoners", "--from", "1", *SPAN).exit_code == 0


@pytest.mark.parametrize(
    ("changes", "version"),
    [
        ({"query": "b"}, 2),
        ({"mentions": 2}, 2),
        ({"when": ("update",)}, 2),
        ({"languages": ("ru", "en")}, 1),
        ({"sources": ("one",)}, 2),
        ({"to": ("other",)}, 1),
    ],
)
def test_what_changes_the_meaning_of_a_rule_makes_a_version(desk: Desk, changes: dict[str, Any], version: int) -> None:
    """Recipients and the order of a list do not."""
    values: dict[str, Any] = {"query": "a", "languages": ("en", "ru")}
    desk.store.version([rule("r", **values)], now=NOW)
    (changed,) = desk.store.version([rule("r", **values | changes)], now=NOW)
    assert changed.version == version


HOSTAGES = "  - {name: hostages, query: '@hostages', to: [desk]}\n"
FEW = "concepts: {hostages: {en: [hostage], ru: [заложник]}}\n"
MORE = "concepts: {hostages: {en: [hostage, captive], ru: [пленник]}}\n"


def test_a_rule_changes_with_the_words_of_the_concept_that_it_names(desk: Desk) -> None:
    """The words are kept with the version, so that the difference can be told, and the alert explained."""
    desk.rewrite(HOSTAGES, FEW)
    desk.start(days=5)
    filled(desk).add("Заложники вернулись домой", language="ru")
    (rule,) = desk.asked("explain", "1")[0]["rules"]
    assert [(word["form"], word["term"], word["concept"]) for word in rule["words"]] == [
        ("Заложники", "заложник", "hostages")
    ]
    assert "  Заложники: a form of заложник, in @hostages" in desk.run("explain", "1").stdout.splitlines()
    desk.rewrite(HOSTAGES, MORE)
    assert desk.asked("rules", "list")[0]["changed"] is True
    (found,) = desk.asked("rules", "test", "hostages", *SPAN)
    compared = found["compared"]
    assert compared["concepts"] == [
        {"concept": "hostages", "added": ["captive (en)", "пленник (ru)"], "lost": ["заложник (ru)"]}
    ]
    assert [sample["title"] for sample in compared["added"]["samples"]] == ["Captives of winter"]
    assert [sample["title"] for sample in compared["lost"]["samples"]] == ["Заложники вернулись домой"]
    desk.start(days=0)
    lines = desk.run("rules", "diff", "hostages", *SPAN).stdout.splitlines()
    assert "- @hostages: заложник (ru)" in lines
    assert "+ @hostages: captive (en)" in lines
    assert desk.store.version(desk.config.rules, now=NOW)[0].version == 2, "nothing changed since"
    assert desk.store._rows("SELECT DISTINCT name FROM concepts") == [("hostages",)], "others are named by no rule"


def test_a_version_is_read_with_its_concepts_although_these_have_left_the_file(desk: Desk) -> None:
    """What was kept with it is enough."""
    desk.rewrite(HOSTAGES, FEW)
    desk.start(days=5)
    filled(desk).add("Заложники вернулись домой", language="ru")
    desk.rewrite(HOSTAGES.replace("@hostages", "captive"))
    (found,) = desk.asked("rules", "test", "hostages", *SPAN)
    assert (found["unreadable"], found["compared"]["lost"]["articles"]) == (None, 1)


def test_a_query_that_is_tried_may_name_concepts(desk: Desk) -> None:
    """Those of the configuration and the shipped ones."""
    desk.rewrite(RULES, FEW)
    filled(desk).add("Заложники вернулись домой", language="ru")
    assert desk.asked("rules", "test", "--query", "@hostages OR @prisoners", *SPAN)[0]["caught"]["articles"] == 5
    assert "there is no concept @hostagez" in desk.run("rules", "test", "--query", "@hostagez").stderr


async def test_a_start_says_which_rule_changed_to_which_version(desk: Desk) -> None:
    """Unchanged and new rules are not worth a line."""
    desk.rewrite(CHANGED + "  - {name: fresh, query: storm, to: [desk]}\n")
    log = FakeLog()
    await bring_up(desk.config, desk.store, on_store=here, now=NOW, log=log)
    assert log.named("rule_changed") == [{"rule": "prisoners", "version": 2, "before": 1}]
    await bring_up(desk.config, desk.store, on_store=here, now=NOW, log=log)
    assert len(log.named("rule_changed")) == 1


# -- explain --------------------------------------------------------------------------------------------------------------


def test_an_alert_is_explained_by_its_words_in_their_sentences(desk: Desk) -> None:
    """Words of a phrase are told together, equal ones once."""
    desk.add("Talks go on", "It rained. The prisoners, eight prisoners, wait for the cease-fire.\n\nA prisoner wrote.")
    (found,) = desk.asked("explain", "1")
    prisoners, ceasefire = found["rules"]
    assert (prisoners["version"], prisoners["since"], prisoners["query"]) == (
        1,
        "2026-10-25T12:00:00Z",
        "prisoner OR военнопленный",
    )
    assert [(word["form"], word["term"]) for word in prisoners["words"]] == [
        ("prisoners", "prisoner"),
        ("prisoners", "prisoner"),
        ("prisoner", "prisoner"),
    ]
    (sentence, _) = prisoners["sentences"]
    assert [sentence["text"][start:end] for start, end in sentence["marked"]] == ["prisoners", "prisoners"]
    assert (found["kind"], found["delivery"], found["article"]["text"]) == ("new", None, "kept")
    assert ceasefire["mark"] is None
    lines = desk.run("explain", "1").stdout.splitlines()
    assert lines[0] == "alert 1: Talks go on"
    assert "rule prisoners, version 1 since 2026-10-25 12:00:00 UTC" in lines
    assert "  prisoners: a form of prisoner, 2 times" in lines
    assert "  prisoner" in lines
    assert "  cease fire" in lines
    assert "  text: The [prisoners], eight [prisoners], wait for the cease-fire." in lines
    assert "  text: The prisoners, eight prisoners, wait for the [cease-fire]." in lines
    assert "not in a mail yet" in lines


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("prison*", "  Prisoners: begins like prison*"),
        ("=Prisoners", "  Prisoners"),
        ("/[Pp]rison\\w+/", "  Prisoners: found by /[Pp]rison\\w+/"),
        ('"prisoner home"', "  Prisoners home: a form of prisoner home"),
    ],
)
def test_each_kind_of_term_is_told_by_what_it_asked_for(desk: Desk, query: str, told: str) -> None:
    """A beginning and an expression have no forms."""
    desk.rewrite(f"  - {{name: tried, query: '{query}', to: [desk]}}\n")
    desk.start(days=1)
    desk.add("Prisoners home again")
    assert told in desk.run("explain", "1").stdout.splitlines()


def test_every_attempt_of_delivery_is_told_with_the_servers_words(desk: Desk) -> None:
    """Attempts that were cut off count, too; one for which there was no connection is none."""
    desk.add("Prisoners came home")
    desk.send(
        (MessageState.QUEUED, "451 try later"),
        (MessageState.UNKNOWN, "time-out after DATA"),
        (MessageState.SENT, "250 queued as 7"),
    )
    (found,) = desk.asked("explain", "1")
    delivery = found["delivery"]
    assert (delivery["message_id"], delivery["state"]) == ("<1@example.org>", "sent")
    assert [(tried["at"], tried["state"], tried["reply"]) for tried in delivery["attempts"]] == [
        ("2026-11-24T12:00:00Z", "queued", "451 try later"),
        ("2026-11-24T12:01:00Z", "unknown", "time-out after DATA"),
        ("2026-11-24T12:02:00Z", "sent", "250 queued as 7"),
    ]
    lines = desk.run("explain", "1").stdout.splitlines()
    assert "mail <1@example.org>: sent" in lines
    assert "  2026-11-24 12:00:00 UTC  queued  451 try later" in lines


def test_a_way_out_that_is_refused_is_told_of_the_alert_that_waits_for_it(desk: Desk) -> None:
    """No mail was tried, so that no attempt says it; those of other ways out and other times are not told."""
    for cause in ("transport:desk", "transport:smtp"):
        desk.store.notice(Notice(cause=cause, text="long ago", at=NOW - timedelta(days=2)))
        desk.store.resolve(cause, NOW - timedelta(days=1))
    desk.add("Prisoners came home")
    desk.store.notice(Notice(cause="transport:smtp", text="535 no", at=NOW))
    assert desk.asked("explain", "1")[0]["outages"] == []
    desk.store.notice(Notice(cause="transport:desk", text="mail: Permission denied\n\nmore", at=NOW))
    told = "since 2026-11-24 12:00:00 UTC: mail: Permission denied; run: monitor mail test"
    assert f"  nothing can be sent {told}" in desk.run("explain", "1").stdout.splitlines()
    desk.store.resolve("transport:desk", NOW + timedelta(minutes=5))
    desk.send((MessageState.SENT, "250 ok"))
    desk.store.notice(Notice(cause="transport:desk", text="later", at=NOW + timedelta(hours=1)))
    (outage,) = desk.asked("explain", "1")[0]["outages"]
    assert (outage["since"], outage["until"]) == ("2026-11-24T12:00:00Z", "2026-11-24T12:05:00Z")
    told = "from 2026-11-24 12:00:00 UTC to 2026-11-24 12:05:00 UTC: mail: Permission denied"
    assert f"  nothing could be sent {told}" in desk.run("explain", "1").stdout.splitlines()


def test_outages_after_a_mail_was_given_up_are_not_told_of_it(desk: Desk) -> None:
    desk.add("Prisoners came home")
    desk.store.notice(Notice(cause="transport:desk", text="full", at=NOW))
    desk.store.resolve("transport:desk", NOW)
    desk.send((MessageState.QUEUED, "451 try later"), (MessageState.FAILED, "550 no such user"))
    desk.store.notice(Notice(cause="transport:desk", text="months later", at=NOW + timedelta(days=90)))
    assert [outage["reason"] for outage in desk.asked("explain", "1")[0]["outages"]] == ["full"]
    desk.store._run(
        "DELETE FROM attempts"
    )  # as of a mail whose channel has left the configuration before its first try
    assert [outage["reason"] for outage in desk.asked("explain", "1")[0]["outages"]] == ["full"]


def test_a_refused_login_is_told_of_an_alert_by_mail(desk: Desk) -> None:
    """All channels of type email have one way out."""
    desk.add("Prisoners came home")
    desk.store._run("UPDATE alerts SET recipient = 'anna@example.org'")
    desk.store.notice(Notice(cause="transport:smtp", text="535 no", at=NOW))
    (outage,) = desk.asked("explain", "1")[0]["outages"]
    assert (outage["reason"], outage["until"]) == ("535 no", None)


def test_an_attempt_in_the_middle_of_which_the_program_ended_is_told_as_that(desk: Desk) -> None:
    """When it began is not kept: the time is that at which it was found."""
    desk.add("Prisoners came home")
    desk.send()
    assert desk.store.claim_message(["desk"], now=NOW, lease=timedelta(minutes=2))
    desk.store.claim_message([], now=NOW + timedelta(hours=1), lease=timedelta(minutes=2))
    lines = desk.run("explain", "1").stdout.splitlines()
    assert "  found 2026-11-24 13:00:00 UTC  unknown  the program ended before the server's answer was heard" in lines
    assert "  unknown: it may have arrived; it goes again, the same bytes under the same Message-ID" in lines


def test_a_mail_that_waits_for_its_next_try_says_when(desk: Desk) -> None:
    """Mails of earlier releases have no attempts written down, only the last words."""
    desk.add("Prisoners came home")
    desk.send((MessageState.QUEUED, "451 try later"))
    desk.store._run("DELETE FROM attempts")
    lines = desk.run("explain", "1").stdout.splitlines()
    assert "  the server's last words: 451 try later" in lines
    assert "  tried next 2026-11-24 12:00:00 UTC" in lines


def test_an_alert_is_explained_by_the_rule_as_it_was_then(desk: Desk) -> None:
    """A later version, or a rule that has left the file, changes nothing about why it came."""
    desk.add("Prisoners came home")
    desk.rewrite(RULES.replace("prisoner OR военнопленный", "captive").replace("name: ceasefire", "name: truce"))
    desk.start(days=0)
    (found,) = desk.asked("explain", "1")
    assert [(item["version"], item["query"]) for item in found["rules"]] == [(1, "prisoner OR военнопленный")]


def test_an_alert_about_an_earlier_version_shows_that_version(desk: Desk) -> None:
    """What was left out of it is not kept, and not claimed."""
    number = desk.add("Talks", "Eight prisoners came home.")
    desk.revise(number, "All is well.")
    (found,) = desk.asked("explain", "1")
    assert found["rules"][0]["sentences"][0]["text"] == "Eight prisoners came home."
    assert (found["article"]["edited_since"], found["article"]["left_out"]) == (True, None)
    assert "  a new article; edited again since" in desk.run("explain", "1").stdout.splitlines()


def test_what_was_left_out_of_matching_is_told(desk: Desk) -> None:
    """A banner in the text explains why its words are not among those found."""
    text = "Read about prisoners here.\n\nEight prisoners came home."
    desk.add("Talks", text, left_out=((0, 26),))
    (found,) = desk.asked("explain", "1")
    assert found["article"]["left_out"] == [{"start": 0, "end": 26, "text": "Read about prisoners here."}]
    assert [word["start"] for word in found["rules"][0]["words"]] == [34]
    assert "1 passage of the site's own (26 characters)" in desk.run("explain", "1").stdout


def test_a_purged_text_leaves_the_words_and_says_so(desk: Desk) -> None:
    """Words of the title still have their sentence."""
    desk.add("A prisoner wrote", "Prisoners wait.", days=20, text_state="complete")
    desk.store.purge(now=NOW, retention=Retention(articles=timedelta(days=10)))
    (found,) = desk.asked("explain", "1")
    assert found["article"]["text"] == "gone"
    assert [word["form"] for word in found["rules"][0]["words"]] == ["prisoner", "Prisoners"]
    assert [item["field"] for item in found["rules"][0]["sentences"]] == ["title"]
    assert "its text is no longer kept" in desk.run("explain", "1").stdout


def test_a_rule_that_a_later_reading_withdrew_is_said_to_be(desk: Desk) -> None:
    """The alert was told with it; its words are gone."""
    number = desk.add("Prisoners and a ceasefire")
    desk.store.record(number, 0, [], withdrawn=["prisoners"])
    (found,) = desk.asked("explain", "1")
    assert [(item["rule"], item["version"]) for item in found["rules"]] == [("prisoners", None), ("ceasefire", 1)]
    assert "rule prisoners: no longer matches" in desk.run("explain", "1").stdout


@pytest.mark.parametrize("arguments", [("explain", "99"), ("mark", "99", "relevant")])
def test_an_alert_that_is_not_there_is_one_line(desk: Desk, arguments: tuple[str, ...]) -> None:
    """With the command that lists those that are."""
    result = desk.run(*arguments)
    assert (result.exit_code, result.stderr) == (1, "monitor: there is no alert 99; see `monitor alerts`\n")


# -- mark -----------------------------------------------------------------------------------------------------------------


def test_marks_give_each_rule_its_precision(desk: Desk) -> None:
    """Shown by `rules list` and `rules test`; marking twice replaces."""
    filled(desk)
    assert (
        "alert 1 is marked irrelevant for prisoners" in desk.run("mark", "1", "irrelevant", "--note", "a film").stdout
    )
    desk.run("mark", "1", "relevant")
    desk.run("mark", "2", "relevant")
    desk.run("mark", "3", "irrelevant", "--note", "a film")
    listed = {row["rule"]: (row["marked"], row["relevant"], row["precision"]) for row in desk.asked("rules", "list")}
    assert listed == {"prisoners": (3, 2, 0.667), "ceasefire": (0, 0, None)}
    assert "2 of 3 (67%)" in desk.run("rules", "list").stdout
    (found,) = desk.asked("rules", "test", "prisoners", *SPAN)
    assert found["precision"] == [{"version": 1, "marked": 3, "relevant": 2, "precision": 0.667}]
    assert "version 1: 2 of 3 (67%)" in desk.run("rules", "test", "prisoners", *SPAN).stdout
    (mark,) = [item["mark"] for item in desk.asked("explain", "3")[0]["rules"]]
    assert (mark["relevant"], mark["note"]) == (False, "a film")
    assert ": a film" in desk.run("explain", "3").stdout


def test_precision_is_told_by_version(desk: Desk) -> None:
    """So a person sees whether a change helped; the list has all versions together."""
    desk.add("Prisoners came home")
    desk.rewrite(RULES.replace("prisoner OR военнопленный", "prisoner"))
    desk.start(days=0)
    desk.add("More prisoners came home")
    desk.run("mark", "1", "irrelevant")
    desk.run("mark", "2", "relevant")
    rows = desk.asked("sql", "SELECT version, marked, relevant, precision FROM v_rule_precision ORDER BY version")
    assert [tuple(row.values()) for row in rows] == [(1, 1, 0, 0.0), (2, 1, 1, 1.0)]
    assert desk.asked("rules", "list")[0]["precision"] == 0.5


def test_an_alert_can_be_right_for_one_of_its_rules_alone(desk: Desk) -> None:
    """Two rules of one alert are two questions."""
    desk.add("Prisoners and a ceasefire")
    desk.run("mark", "1", "relevant")
    (said,) = desk.asked("mark", "1", "irrelevant", "--rule", "ceasefire")
    assert said == {"alert": 1, "verdict": "irrelevant", "rules": ["ceasefire"], "note": None}
    rows = desk.asked("sql", "SELECT rule, relevant FROM v_marks ORDER BY rule")
    assert [tuple(row.values()) for row in rows] == [("ceasefire", 0), ("prisoners", 1)]
    wrong = desk.run("mark", "1", "relevant", "--rule", "storm")
    assert wrong.exit_code == 1
    assert "alert 1 does not name the rule 'storm'; it names prisoners, ceasefire" in wrong.stderr
    assert desk.run("mark", "1", "perhaps").exit_code == 2


def test_who_erases_a_person_erases_marks_and_attempts_with_the_mails(desk: Desk) -> None:
    """Also with the sqlite3 shell, which does not look at foreign keys: a server's words may hold an address."""
    desk.add("Prisoners came home")
    desk.send((MessageState.SENT, "250 desk"))
    desk.run("mark", "1", "relevant", "--note", "desk")
    connection = sqlite3.connect(desk.config.database)
    connection.executescript("PRAGMA foreign_keys = 0; DELETE FROM alerts; DELETE FROM messages")
    assert connection.execute("SELECT (SELECT count(*) FROM marks), (SELECT count(*) FROM attempts)").fetchall() == [
        (0, 0)
    ]
    connection.close()


def test_a_share_of_nothing_is_none() -> None:
    """No mark is no opinion, not a bad one."""
    assert Precision().share is None
    assert Precision(marked=4, relevant=1).share == 0.25


# -- the whole way --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_a_round_did_is_explained_marked_and_tried_again(site: Site) -> None:
    """With the real program, feed and mail server: every answer of the server is kept, in its words."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, [*arguments, "--config", str(site.config)], prog_name="monitor")

    site.feed("one", rss(["Prisoners came home", "Apples are cheap", "A ceasefire holds"]))
    site.write()
    site.servers.sink.say("RCPT", "451 greylisted, try later")
    assert run("collect").exit_code == 0
    number = {row["title"]: row["id"] for row in map(json.loads, run("alerts", "--json").stdout.splitlines())}
    site.wait(lambda: run("collect").exit_code == 0 and len(site.mails) == 2, "both mails")
    accounts = [json.loads(run("explain", str(alert), "--json").stdout) for alert in number.values()]
    replies = [[tried["reply"] for tried in account["delivery"]["attempts"]] for account in accounts]
    assert sorted(map(len, replies)) == [1, 2]
    assert "451 greylisted, try later" in [told[0] for told in replies]
    assert all(told[-1].startswith("250") for told in replies)
    assert all(account["delivery"]["message_id"] in str(site.mails) for account in accounts)
    assert run("mark", str(number["Prisoners came home"]), "relevant").exit_code == 0
    assert json.loads(run("rules", "list", "--json").stdout.splitlines()[0])["precision"] == 1.0
    site.config.write_text(site.config.read_text().replace("query: ceasefire", "query: ceasefire OR apple"))
    found = json.loads(run("rules", "test", "ceasefire", "--json").stdout)
    assert [sample["title"] for sample in found["compared"]["added"]["samples"]] == ["Apples are cheap"]
    result = run("collect")
    assert '"event": "rule_changed"' in result.stderr
    assert json.loads(run("rules", "test", "ceasefire", "--json").stdout)["compared"] is None


@pytest.mark.slow
def test_a_long_back_test_says_how_far_it_is(desk: Desk) -> None:
    """Of the articles that the index proposes; a person at a terminal sees it move."""
    for number in range(120):
        desk.add(f"Prisoners, part {number}")
    told: list[tuple[int, int]] = []
    trial = trial_of(desk.config, "prisoners", None)
    try_on_the_past(desk.config, trial, Filters(), samples=1, tell=lambda done, total: told.append((done, total)))
    assert told == [(0, 120), (50, 120), (100, 120)]
