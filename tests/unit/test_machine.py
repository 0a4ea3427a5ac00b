"""What is said of the libraries below us, by version (case 64)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.app import tell_ground
from monitor.app.libraries import tell_libraries, versions
from monitor.config import Config, load
from monitor.machine import Versions, findings
from monitor.model import Verdict
from monitor.store import journal_mode
from tests.fakes import FakeClock, FakeLog

TODAY = date(2026, 11, 28)
GOOD = Versions(
    python=(3, 13, 1),
    sqlite=(3, 53, 0),
    journal="wal",
    expat=(2, 7, 1),
    openssl=(3, 5, 4),
    libxml2=(2, 14, 6),
    uvloop="0.23.0",
    pysqlite3="0.6.1",
)


def told(versions: Versions, today: date = TODAY) -> dict[str, tuple[str, str, str]]:
    return {check.name: (str(check.verdict), check.told, check.remedy) for check in findings(versions, today)}


def test_case_64_of_a_machine_of_today_nothing_is_said() -> None:
    assert {verdict for verdict, _, _ in told(GOOD).values()} == {"ok"}
    assert set(told(GOOD)) == {"Python", "SQLite", "expat", "OpenSSL", "libxml2", "uvloop"}


@pytest.mark.parametrize(
    ("changes", "name", "verdict", "finding", "mitigation"),
    [
        ({"sqlite": (3, 40, 1), "journal": "truncate", "pysqlite3": None}, "SQLite", "note", "3.40.1", "TRUNCATE"),
        ({"sqlite": (3, 51, 2), "journal": "truncate"}, "SQLite", "note", "3.51.2", "TRUNCATE"),
        ({"expat": (2, 5, 0)}, "expat", "note", "CVE-2023-52425", "ended at its limit"),
        ({"expat": (2, 4, 1)}, "expat", "note", "CVE-2023-52425", "ended at its limit"),
        ({"expat": (2, 4, 0)}, "expat", "wrong", "CVE-2013-0340", "nothing starts"),
        ({"python": (3, 11, 7)}, "Python", "note", "CVE-2024-6923", "our own header writer is on"),
        ({"python": (3, 11, 9)}, "Python", "note", "CVE-2024-6923", "checked before it is sent"),
        ({"python": (3, 12, 1)}, "Python", "note", "CVE-2024-6923", "our own header writer is on"),
        ({"python": (3, 12, 4)}, "Python", "note", "CVE-2024-6923", "our own header writer is on"),
        ({"openssl": (3, 0, 19)}, "OpenSSL", "note", "since 2026-09-07", "verified all the same"),
        ({"openssl": (1, 1, 1)}, "OpenSSL", "note", "for years", "TLS 1.2"),
        ({"libxml2": (2, 9, 14)}, "libxml2", "note", "CVE-2022-40303", "processes of their own"),
        ({"uvloop": None}, "uvloop", "note", "not there", "Python's own loop"),
    ],
)
def test_case_64_an_old_library_is_named_with_the_mitigation_that_is_on(
    changes: dict[str, Any], name: str, verdict: str, finding: str, mitigation: str
) -> None:
    found = told(replace(GOOD, **changes))
    assert {other for other, (state, _, _) in found.items() if state != "ok"} == {name}
    state, text, remedy = found[name]
    assert state == verdict
    assert finding in text
    assert mitigation in text
    assert remedy


@pytest.mark.parametrize(
    "changes",
    [
        {"python": (3, 11, 10)},
        {"python": (3, 12, 5)},
        {"python": (3, 15, 0)},
        {"expat": (2, 6, 0)},
        {"openssl": (4, 0, 1)},
        {"openssl": (3, 3, 6), "openssl_name": "LibreSSL"},
        {"libxml2": (2, 10, 3)},
        {"sqlite": (3, 51, 3), "pysqlite3": None},
    ],
)
def test_case_64_what_is_just_new_enough_or_not_known_is_well(changes: dict[str, Any]) -> None:
    assert {verdict for verdict, _, _ in told(replace(GOOD, **changes)).values()} == {"ok"}


def test_case_64_a_python_and_an_openssl_come_to_their_end_on_a_day() -> None:
    aging = replace(GOOD, python=(3, 11, 14))
    assert told(aging, date(2027, 10, 31))["Python"][0] == "ok"
    assert told(aging, date(2027, 11, 1))["Python"][1] == "3.11.14 has had no security fixes since 2027-10-31"
    assert told(GOOD, date(2030, 4, 8))["OpenSSL"][0] == "ok"
    assert told(GOOD, date(2030, 4, 9))["OpenSSL"][0] == "note"


def test_case_64_the_start_says_each_in_one_line_and_nothing_of_the_rest() -> None:
    log = FakeLog()
    old = replace(GOOD, python=(3, 11, 7), sqlite=(3, 40, 1), journal="truncate", expat=(2, 5, 0), openssl=(3, 0, 1))
    clock = FakeClock(datetime(2026, 11, 28, tzinfo=UTC))
    tell_libraries(old, clock=clock, log=log)
    lines = log.named("library_is_old")
    assert [line["library"] for line in lines] == ["Python", "SQLite", "expat", "OpenSSL"]
    assert all("\n" not in str(line["finding"]) and line["remedy"] for line in lines)
    again = FakeLog()
    tell_libraries(GOOD, clock=clock, log=again)
    assert again.named("library_is_old") == []


NETWORKS = """\
channels: {desk: {type: maildir, path: mail}}
operator: desk
sources:
  - {name: one, outlet: One, feed: "http://10.1.2.3/feed", allow_private: [10.1.2.0/24]}
  - {name: two, outlet: Two, feed: "http://10.1.2.4/feed", allow_private: [10.1.2.0/24]}
"""


def test_what_may_be_reached_is_told_at_the_start_and_not_again_unless_it_is_another(tmp_path: Path) -> None:
    def told(text: str, before: Config | None) -> tuple[Config, FakeLog]:
        (tmp_path / "config.yaml").write_text(text)
        config, log = load(tmp_path / "config.yaml", environ={}), FakeLog()
        tell_ground(config, before, clock=FakeClock(), log=log)
        return config, log

    first, log = told(NETWORKS, None)
    assert log.named("private_networks_allowed") == [{"networks": ["10.1.2.0/24"]}]
    again, log = told(NETWORKS + "timezone: UTC\n", first)
    assert log.events == []
    _, log = told(NETWORKS.replace("10.1.2.0/24", "10.1.0.0/16"), again)
    assert log.named("private_networks_allowed") == [{"networks": ["10.1.0.0/16"]}]
    _, log = told(NETWORKS.replace(", allow_private: [10.1.2.0/24]", ""), None)
    assert log.named("private_networks_allowed") == []


def test_what_this_process_runs_on_is_known() -> None:
    here = versions()
    assert here.journal == journal_mode()
    assert all(len(version) >= 2 and version[0] > 0 for version in (here.python, here.sqlite, here.expat, here.openssl))
    assert Verdict.OK in {check.verdict for check in findings(here, TODAY)}
