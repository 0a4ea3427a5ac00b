"""The commands, in this process: what they print, and the status they end with."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import monitor.store.connection
from monitor.cli.demo import _show
from monitor.cli.options import Moment
from monitor.cli.output import program
from monitor.cli.root import COMMANDS, cli
from monitor.cli.status import gather, judge
from monitor.config import load
from monitor.daemon.lock import hold_lock
from monitor.demo.verdict import Verdict
from monitor.store import Owner, open_store
from tests.rigs.site import Site, rss

HEAD = """\
contact: a@example.org
languages: [en]
channels: {desk: {type: maildir, path: mail}}
rules: [{name: prisoners, query: prisoner, to: [desk]}]
sources:
"""
SOURCES = """\
  - {name: one, outlet: One, feed: "https://one.example/feed"}
  - {name: two, outlet: Two, feed: "https://two.example/feed", enabled: false}
"""
CONFIG = HEAD + SOURCES


def call(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, list(arguments), input=text, prog_name="monitor")


def parsed(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG)
    return file


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], click.Command]:
    context = click.Context(group)
    found: dict[tuple[str, ...], click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found |= leaves(command, (*path, name)) if isinstance(command, click.Group) else {(*path, name): command}
    return found


LEAVES = leaves(cli)


def test_help_lists_every_command_with_examples_and_exit_statuses() -> None:
    told = call("--help").stdout
    assert all(name in told for name in COMMANDS)
    assert "Examples:" in told
    assert all(re.search(rf"\b{status}\b", told) for status in (0, 1, 2, 65, 75, 78))


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_has_examples_and_takes_config_and_data(path: tuple[str, ...]) -> None:
    told = call(*path, "--help")
    assert told.exit_code == 0
    assert "Examples:" in told.stdout
    assert "--config" in told.stdout
    assert "--data" in told.stdout


@pytest.mark.parametrize(
    "path",
    [
        ("check",),
        ("status",),
        ("search",),
        ("alerts",),
        ("sql",),
        ("sources", "list"),
        ("rules", "list"),
        ("concepts", "list"),
        ("rules", "test"),
        ("rules", "diff"),
        ("explain",),
        ("mark",),
        ("collect",),
        ("demo",),
    ],
)
def test_every_listing_has_json(path: tuple[str, ...]) -> None:
    assert "--json" in call(*path, "--help").stdout


def test_an_unknown_command_is_wrong_usage_and_a_suggestion() -> None:
    result = call("statsu")
    assert result.exit_code == 2
    assert "status" in result.stderr


def test_version_is_told() -> None:
    assert re.fullmatch(r"monitor, version \d+\.\d+\.\d+\n", call("--version").stdout)


def test_init_writes_a_configuration_that_check_finds_right_and_never_overwrites(tmp_path: Path) -> None:
    assert call("init", str(tmp_path / "news")).exit_code == 0
    written = tmp_path / "news" / "config.yaml"
    assert call("check", "--config", str(written)).exit_code == 0
    again = call("init", str(tmp_path / "news"))
    assert again.exit_code == 78
    assert "was not touched" in again.stderr
    assert call("init", "--config", str(tmp_path / "other.yaml")).exit_code == 0
    assert (tmp_path / "other.yaml").exists()


def test_check_counts_what_it_found(config: Path) -> None:
    assert "1 source (1 disabled), 1 rule, 1 channel;" in call("check", "--config", str(config)).stdout
    (facts,) = parsed(call("check", "--config", str(config), "--json"))
    assert (facts["ok"], facts["sources"], facts["warnings"]) == (True, 1, [])


def test_check_prints_warnings(config: Path) -> None:
    config.write_text(CONFIG.replace("a@example.org", '""'))
    assert "warning: contact:" in call("check", "--config", str(config)).stderr


def test_a_wrong_configuration_is_one_line_a_problem_and_status_78(config: Path) -> None:
    config.write_text(CONFIG.replace("query: prisoner", "query: '('") + "colour: red\n")
    for command in (["check"], ["run"], ["collect"], ["status"], ["alerts"], ["mail", "test"]):
        result = call(*command, "--config", str(config))
        assert result.exit_code == 78
        lines = result.stderr.splitlines()
        assert len(lines) == 2
        assert all(line.startswith(f"{config}:") for line in lines)


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("data: ./elsewhere  # on the big disk\nrulez: []\n", "elsewhere"),
        ('data: "else where"\nrules: [\n', "else where"),
        ("database: ./no\nrules: [\n", "data"),
        (None, "data"),
    ],
)
def test_case_76_a_broken_configuration_hides_no_daemon(text: str | None, folder: str, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    if text is not None:
        file.write_text(text)
    place = ("--config", str(file))
    assert call("status", "--alive", *place).stdout == "not running\n"
    assert "goes on" not in call("status", *place).stderr
    with hold_lock(tmp_path / folder):
        alive, told = call("status", "--alive", *place), call("status", *place)
    assert (alive.exit_code, alive.stdout) == (0, f"running, pid {os.getpid()}\n")
    assert told.exit_code == 78
    *problems, last = told.stderr.splitlines()
    assert problems
    assert last == (
        f"the daemon (pid {os.getpid()}) goes on with the configuration that it has; mend the file before a restart"
    )


@pytest.mark.parametrize(
    "line",
    ["data : elsewhere", '"data": elsewhere', "data:\n  elsewhere", "data: &there elsewhere", "? data\n: elsewhere"],
)
def test_case_76_the_data_folder_of_a_right_configuration_is_found_however_it_is_written(
    line: str, config: Path
) -> None:
    config.write_text(f"{line}\n{config.read_text()}")
    with hold_lock(config.parent / "elsewhere"):
        assert call("status", "--alive", "--config", str(config)).stdout == f"running, pid {os.getpid()}\n"


def test_without_a_database_readers_say_what_to_run(config: Path) -> None:
    for command in (["search", "x"], ["alerts"], ["sql", "select 1"]):
        result = call(*command, "--config", str(config))
        assert result.exit_code == 1
        assert "run `monitor run` or `monitor collect` first" in result.stderr


def test_status_before_the_first_run_says_what_to_run(config: Path) -> None:
    result = call("status", "--config", str(config))
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == f"nothing was collected yet; run: monitor run --config {config}"
    (facts,) = parsed(call("status", "--config", str(config), "--json"))
    assert facts["ok"] is False


def test_lists_work_before_the_first_run(config: Path) -> None:
    assert [row["state"] for row in parsed(call("sources", "list", "--config", str(config), "--json"))] == [
        "new",
        "disabled",
    ]
    assert parsed(call("rules", "list", "--config", str(config), "--json"))[0]["articles_7d"] == 0
    assert "disabled" in call("sources", "list", "--config", str(config)).stdout
    assert "prisoner" in call("rules", "list", "--config", str(config)).stdout


def test_a_file_that_is_no_database_of_ours_is_status_65_and_stays_as_it_is(config: Path) -> None:
    database = config.parent / "data" / "monitor.db"
    database.parent.mkdir()
    database.write_bytes(b"something else entirely, and longer than a header" * 100)
    before = database.read_bytes()
    for command in (["alerts"], ["status"], ["collect"]):
        result = call(*command, "--config", str(config))
        assert (result.exit_code, database.read_bytes()) == (65, before)
        assert "Traceback" not in result.output


@pytest.fixture
def full(site: Site) -> Site:
    """A site whose two feeds were collected once: one article of three matches, one feed is broken."""
    site.feed("one", rss(["Prisoners came home", "A ceasefire holds", "Apples are cheap"]))
    site.feed("broken", b"<html>no feed</html>", Content_Type="text/html")
    site.write()
    return site


def run(site: Site, *arguments: str) -> Result:
    return call(*arguments, "--config", str(site.config))


@pytest.mark.slow
def test_collect_is_a_whole_round_and_its_result_can_be_asked_for(full: Site) -> None:
    unknown = run(full, "collect", "nobody")
    assert unknown.exit_code == 78
    assert "there is no enabled source nobody" in unknown.stderr

    held = run(full, "collect", "one", "--no-send")
    assert held.exit_code == 0, held.output
    assert "3 new articles, 2 alerts, 0 messages delivered" in held.stdout
    assert full.mails == []
    assert {row["state"] for row in parsed(run(full, "alerts", "--json"))} == {"queued"}

    result = run(full, "collect", "--json")
    assert result.exit_code == 1, result.output  # one source could not be read
    assert {row["source"]: row["outcome"] for row in parsed(result)} == {"one": "unchanged", "broken": "failed"}
    assert len(full.mails) == 2  # one for each rule: they are two groups
    again = run(full, "collect", "one")
    assert "0 new articles, 0 alerts, 0 messages delivered" in again.stdout

    store = open_store(full.database, Owner("elsewhere", "boot", 1, 1.0))
    assert store.claim(now=datetime.now(UTC), limit=1, lease=timedelta(minutes=5), only=["one"])
    store.close()
    assert [row["outcome"] for row in parsed(run(full, "collect", "one", "--json"))] == ["busy"]

    search = parsed(
        run(full, "search", "prisoner OR ceasefire", "--json", "--since", "1d", "--lang", "en", "--source", "one")
    )
    assert [row["title"] for row in search] == ["Prisoners came home", "A ceasefire holds"]
    assert (
        "1 article (the newest; more with --limit)"
        in run(full, "search", "prisoner OR ceasefire", "--limit", "1").stdout
    )
    assert "0 articles" in run(full, "search", "prisoner", "--until", "2020-01-01").stdout
    wrong = run(full, "search", "(prisoner")
    assert wrong.exit_code == 2
    assert "^" in wrong.stderr

    alerts = parsed(run(full, "alerts", "--json"))
    assert [(row["rules"], row["words"], row["state"]) for row in alerts] == [
        (["prisoners"], ["Prisoners"], "sent"),
        (["ceasefire"], ["ceasefire"], "sent"),
    ]
    assert "2 alerts" in run(full, "alerts", "--all").stdout
    assert "0 alerts" in run(full, "alerts", "--since", "2100-01-01").stdout

    (row,) = parsed(run(full, "sql", "select count(*) as n, max(first_seen_at) at from v_articles", "--json"))
    assert row["n"] == 3
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["at"])
    assert "One" in run(full, "sql", "select outlet from v_articles").stdout
    for statement in ("delete from articles", "attach 'x' as y", "selec", "select 1; select 2"):
        refused = run(full, "sql", statement)
        assert refused.exit_code == 1, statement
        assert "Traceback" not in refused.output

    sources = {row["source"]: row for row in parsed(run(full, "sources", "list", "--json"))}
    assert sources["one"]["state"] == "well"
    assert sources["broken"]["last_error"].startswith("not_a_feed")
    rules = parsed(run(full, "rules", "list", "--json"))
    assert [(row["rule"], row["version"], row["articles_24h"]) for row in rules] == [
        ("prisoners", 1, 1),
        ("ceasefire", 1, 1),
    ]

    status = run(full, "status")
    assert status.exit_code == 1
    assert status.stdout.splitlines()[0] == f"the daemon is not running; run: monitor run --config {full.config}"
    assert "sources: 1 well, 0 quiet, 1 slow, 0 blocked, 0 dead, 0 new" in status.stdout
    assert "SQLite" in status.stdout
    (facts,) = parsed(run(full, "status", "--json"))
    assert facts["articles"] == 3
    assert facts["mail"]["pending"] == 0


@pytest.mark.slow
def test_status_reminds_of_mail_while_alerts_go_into_a_maildir_only(site: Site) -> None:
    site.email = False
    site.feed("one", rss(["Prisoners came home"]))
    site.write()
    assert run(site, "collect").exit_code == 0
    assert len(list((site.folder / "data" / "mail" / "new").iterdir())) == 1
    assert "alerts go into a maildir only" in run(site, "status").stdout


@pytest.mark.slow
def test_status_names_a_mail_that_was_refused_for_good(site: Site) -> None:
    site.feed("one", rss(["Prisoners came home"]))
    site.write()
    site.servers.sink.say("RCPT", "550 no such user")
    assert run(site, "collect").exit_code == 0
    told = run(site, "status").stdout
    assert "  failed: a…@example.org: 550 no such user" in told, told
    assert "run: monitor mail test" in told
    assert "mail: A message to" not in "\n".join(
        judge(gather(load(site.config, environ={}), datetime.now(UTC) + timedelta(days=2)))
    )


@pytest.mark.slow
def test_collect_says_how_many_alerts_wait_and_until_when(site: Site) -> None:
    """What follows in a group within its interval; whoever runs `collect` by hand must know that it is not sent yet."""
    site.alerts = "group_interval: 2h, wait_for_text: 0s"
    site.feed("one", rss(["Prisoners came home"]))
    site.write()
    assert "wait" not in run(site, "collect").stdout
    site.feed("one", rss(["Prisoners came home", "More prisoners came home"]))
    begun = datetime.now(UTC)
    told = run(site, "collect").stdout
    found = re.search(r"1 alert waits until (\S+ \S+) UTC at most; `monitor run` or a later", told)
    assert found, told
    until = datetime.fromisoformat(f"{found[1]}+00:00")
    assert begun + timedelta(minutes=100) < until <= datetime.now(UTC) + timedelta(hours=2)


@pytest.mark.slow
def test_alerts_that_waited_in_a_maildir_go_out_once_mail_is_set_up(site: Site) -> None:
    site.email = False
    site.feed("one", rss(["Prisoners came home"]))
    site.write()
    assert "1 alert, 0 messages" in run(site, "collect", "--no-send").stdout
    site.email = True
    site.write()
    assert "0 alerts, 1 message delivered" in run(site, "collect").stdout
    assert [mail.recipient for mail in site.mails] == ["anna@example.org"]
    assert [row["recipient"] for row in parsed(run(site, "alerts", "--json"))] == ["anna@example.org"]


def test_status_tells_that_nothing_can_be_read(site: Site) -> None:
    site.feed("one", b"", status="500 Sorry")
    site.write()
    assert run(site, "collect").exit_code == 1
    assert "no source can be read; each says why below" in run(site, "status").stdout


def test_mail_test_sends_to_everyone_and_says_what_the_server_answered(site: Site) -> None:
    site.write()
    result = run(site, "mail", "test")
    assert result.exit_code == 0, result.output
    assert result.stdout == "delivered  anna@example.org  250 kept\n"
    site.servers.sink.say("RCPT", "550 no such user")
    refused = run(site, "mail", "test", "--channel", "desk")
    assert refused.exit_code == 1
    assert "FAILED  anna@example.org  550 no such user" in refused.stdout
    assert run(site, "mail", "test", "--channel", "nobody").exit_code == 78


@pytest.mark.slow
def test_try_feed_prints_each_entry_as_it_would_be_stored(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(rss(["Prisoners came home", "ტყვეები"]))
    result = call("try", "feed", str(file), "--url", "https://one.example/feed")
    assert [(row["title"], row["language"]) for row in parsed(result)] == [
        ("Prisoners came home", "en"),
        ("ტყვეები", "ka"),
    ]
    file.write_text("nothing")
    wrong = call("try", "feed", str(file))
    assert wrong.exit_code == 1
    assert "not_a_feed" in wrong.stderr
    assert call("try", "feed", str(tmp_path / "none.xml")).exit_code == 2


def test_try_rule_prints_each_line_with_offsets_in_code_points(tmp_path: Path, words: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "words").symlink_to(words)
    lines = tmp_path / "lines.txt"
    lines.write_text("🕊 Two prisoners\r\nan apple\u2028prisoner\n\nprisoner")
    result = call("try", "rule", "prisoner", "--lang", "en", "--lines", str(lines), "--data", str(tmp_path))
    assert parsed(result) == [
        {"line": 1, "matched": True, "spans": [[6, 15, "prisoners"]]},
        {"line": 2, "matched": True, "spans": [[9, 17, "prisoner"]]},
        {"line": 3, "matched": False, "spans": []},
        {"line": 4, "matched": True, "spans": [[0, 8, "prisoner"]]},
    ]
    piped = call("try", "rule", "prisoner", "--data", str(tmp_path), text="a prisoner\n")
    assert parsed(piped)[0]["matched"]
    assert call("try", "rule", "(", "--data", str(tmp_path), text="").exit_code == 2


def test_try_rule_knows_concepts_and_tells_what_was_perhaps_meant(tmp_path: Path, words: Path, config: Path) -> None:
    """The shipped ones always, a person's own with `--config`; a hint is for people, and not among the answers."""
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "words").symlink_to(words)
    told = call(
        "try", "rule", "@prisoners or swap", "--lang", "en", "--data", str(tmp_path), text="captives or a swap\n"
    )
    assert [span[2] for span in parsed(told)[0]["spans"]] == ["captives", "or", "swap"]
    assert "write OR for either" in told.stderr
    config.write_text(CONFIG + "concepts: {own: {en: [lighthouse]}}\n")
    known = ("--config", str(config), "--data", str(tmp_path))
    assert parsed(call("try", "rule", "@own", *known, text="two lighthouses\n"))[0]["matched"]
    unknown = call("try", "rule", "@own", "--data", str(tmp_path), text="")
    assert unknown.exit_code == 2
    assert "there is no concept @own" in unknown.stderr


def test_try_rule_expects_the_languages_of_the_configuration(tmp_path: Path, words: Path, config: Path) -> None:
    """English alone here: as the daemon does, which otherwise would find other words than were tried."""
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "words").symlink_to(words)
    asked = ("try", "rule", "lang:tr esir", "--data", str(tmp_path))
    text = "Esirler için yeni bir açıklama yapıldı ve görüşmeler sürüyor\n"
    assert parsed(call(*asked, text=text))[0]["matched"]
    assert not parsed(call(*asked, "--config", str(config), text=text))[0]["matched"]


def test_a_language_is_taken_as_browsers_write_it_and_a_name_is_no_code(tmp_path: Path, words: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "words").symlink_to(words)
    for code in ("en-US", "EN", "en_GB"):
        result = call("try", "rule", "prisoner", "--lang", code, "--data", str(tmp_path), text="prisoners\n")
        assert json.loads(result.output)["matched"], code
    result = call("try", "rule", "prisoner", "--lang", "english", "--data", str(tmp_path), text="prisoners\n")
    assert result.exit_code == 2
    assert "is no language code" in result.output


@pytest.mark.parametrize("text", ["24h", "2026-11-23", "2026-11-23T14:00", "2026-11-23T14:00+04:00"])
def test_moments_are_aware(text: str) -> None:
    assert Moment().convert(text, None, None).utcoffset() is not None


def test_a_moment_that_is_none_is_wrong_usage(config: Path) -> None:
    result = call("alerts", "--config", str(config), "--since", "yesterday")
    assert result.exit_code == 2
    assert "write 24h, 7d, 2026-11-23" in result.stderr


@pytest.mark.slow
def test_an_old_sqlite_uses_another_journal_and_work_by_hand_does_not_speak_of_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 64: patched, because one machine has one SQLite."""
    monkeypatch.setattr(monitor.store.connection, "SAFE_WAL", (99, 0, 0))
    site.feed("one", rss(["Prisoners came home"]))
    site.write()
    result = run(site, "collect")
    assert result.exit_code == 0
    assert "library" not in result.stderr
    (facts,) = parsed(run(site, "status", "--json"))
    assert facts["articles"] == 1
    assert facts["mode"] != "wal", "which is what others see of it"


def test_commands_that_are_told_can_be_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed = tmp_path / ".venv" / "bin" / "monitor"
    installed.parent.mkdir(parents=True)
    installed.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [str(installed)])
    monkeypatch.setenv("PATH", "/nowhere")
    assert program() == ".venv/bin/monitor"
    monkeypatch.setenv("PATH", str(installed.parent))
    assert program() == "monitor"
    monkeypatch.setattr("sys.argv", ["/x/monitor/__main__.py"])
    assert program() == "monitor"
    verdict = Verdict(
        outlets=9, polls=5, unchanged=2, articles=21, pages=20, retried=1, feedless=("Ridge, by its front page",), alerts=28, mails=14, repeated=1,
        ignored=("miner",), unreadable=("walled",), faults=("lost: x",),
    )  # fmt: skip # a table
    _show(verdict, tmp_path)
    told = capsys.readouterr().out
    assert "lost: x" in told
    assert "nothing lost" not in told
    assert f"monitor status --config {tmp_path}/config.yaml" in told.replace("\n", "")


@pytest.mark.parametrize("command", ["run", "collect", "search x", "alerts"])
def test_a_data_folder_that_cannot_be_is_one_line(command: str, config: Path) -> None:
    result = call(*command.split(), "--config", str(config), "--data", "/dev/null/x")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "/dev/null/x" in result.output


@pytest.mark.parametrize("command", ["run", "collect"])
@pytest.mark.parametrize("place", ["/dev/null", "/dev/null/x"])
def test_where_no_folder_can_be_it_is_said_what_to_do(command: str, place: str, config: Path) -> None:
    result = call(command, "--config", str(config), "--data", place)
    (told,) = [line for line in result.output.splitlines() if line.startswith("monitor: ")]
    assert told == f"monitor: {place}: Not a directory; name a folder that you may write to with --data"


def test_a_demo_folder_that_cannot_be_is_one_line() -> None:
    result = call("demo", "--dir", "/dev/null/x")
    assert (result.exit_code, result.stderr) == (
        78,
        "/dev/null/x: Not a directory; name a folder that you may write to with --dir\n",
    )
