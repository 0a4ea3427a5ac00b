"""What `monitor sources add` shows and asks, without any outlet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.app import new_sources
from monitor.cli.adding import _Rows, pace
from monitor.config import Config, load
from monitor.model import Candidate, Discovery, Draft, Origin, SourceKind, Texts
from tests.factories import NOW

EN = Candidate(
    kind=SourceKind.FEED,
    url="https://echo.example/feed/",
    origin=Origin.LINKED,
    outlet="Mountain Echo | News",
    language="en",
    entries=10,
    per_day=8.2,
    texts=Texts.FULL,
    newest=(Draft(title="A bridge is open", published_at=NOW),),
)
RU = replace(EN, url="https://echo.example/ru/feed/", language="ru")
MORE = replace(EN, url="https://echo.example/politics/feed/", per_day=0.1)
KNOWN = replace(EN, url="https://www.one.example/feed", language="ka", also=("https://echo.example/ge/feed/",))
FOUND = Discovery(address="https://echo.example/", candidates=(EN, RU, MORE, KNOWN), remarks=("a remark",))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    file = tmp_path / "config.yaml"
    file.write_text(
        "contact: a@example.org\nchannels: {desk: {type: maildir}}\n"
        'sources:\n  - {name: one, outlet: One, feed: "http://one.example/feed/", enabled: false}\n',
        encoding="utf-8",
    )
    return load(file, environ={})


@pytest.mark.parametrize(
    ("told", "chosen"),
    [("\n", (EN, RU)), ("a\n", (EN, RU, MORE)), ("n\n", ()), ("3, 1\n", (MORE, EN)), ("3 3\n", (MORE,)), ("4\n", ()), ("0\n5\nx\n2\n", (RU,))],
)  # fmt: skip # a table
def test_an_answer_is_numbers_or_a_or_n_or_enter(told: str, chosen: tuple[Candidate, ...], config: Config) -> None:
    with CliRunner().isolation(input=told):
        assert tuple(_Rows(config, FOUND).asked()) == chosen


def test_options_choose_the_best_of_each_language_or_all_that_is_new(config: Config) -> None:
    rows = _Rows(config, FOUND)
    assert tuple(rows.chosen(yes=True, everything=False)) == (EN, RU)
    assert tuple(rows.chosen(yes=False, everything=True)) == (EN, RU, MORE)
    assert tuple(rows.chosen(yes=False, everything=False)) == ()
    assert rows.twins == [None, None, None, "one"]


def test_sources_get_names_of_the_outlet_and_its_languages(config: Config) -> None:
    made = new_sources(config, (EN, RU, MORE), allow_private=(), verify_tls=False)
    assert [(source.name, source.outlet, source.language) for source in made] == [
        ("mountain-echo-en", "Mountain Echo", "en"), ("mountain-echo-ru", "Mountain Echo", "ru"), ("mountain-echo-politics-en", "Mountain Echo", "en"),
    ]  # fmt: skip # a table
    assert made[0].entry["verify_tls"] is False
    assert "verify_tls" not in new_sources(config, (EN,), allow_private=(), verify_tls=True)[0].entry


def test_the_table_names_what_is_known_and_the_remarks_follow(config: Config) -> None:
    runner = CliRunner()
    with runner.isolation() as (out, err, _):
        _Rows(config, FOUND).show()
        shown, said = out.getvalue().decode(), err.getvalue().decode()
    lines = shown.splitlines()
    assert [line.split()[0] for line in lines] == ["kind", "1*", "2*", "3", "4"]
    assert "8 a day" in lines[1]
    assert "2026-11-24 12:00 A bridge is open" in lines[1]
    assert lines[4].rstrip().endswith("one (disabled)")
    assert said.splitlines() == [
        "https://www.one.example/feed is also at https://echo.example/ge/feed/",
        "note: a remark",
    ]


@pytest.mark.parametrize(
    ("per_day", "told"), [(24.4, "24 a day"), (1.0, "1 a day"), (0.5, "every 2 days"), (0.9, "every 1 day"), (0.01, "less than monthly"), (None, None)]
)  # fmt: skip # a table
def test_the_pace_is_told_in_words(per_day: float | None, told: str | None) -> None:
    assert pace(replace(EN, per_day=per_day)) == told
    assert pace(replace(EN, per_day=per_day, asleep=True)) == "nothing for half a year"
