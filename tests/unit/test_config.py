"""config.yaml: every mistake is told with its line and with what would be right (cases 46, 50, 56)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from monitor.config import cache_folder, child_environment, failpoints, load, shipped_config, write_default
from monitor.config.load import _model_in
from monitor.config.nodes import MOST_BYTES, read
from monitor.config.schema import RootKeys
from monitor.errors import ConfigError
from monitor.failpoints import nowhere
from monitor.model import ChannelKind, FirstVisit, FullText, Robots, SmtpSecurity

GOOD = """\
contact: a@example.org
channels:
  desk: {type: maildir, path: mail}
rules:
  - {name: prisoners, query: prisoner OR ტყვე, to: [desk]}
sources:
  - {name: one, outlet: One, feed: "https://one.example/feed"}
"""
MAIL = """\
channels:
  desk: {type: email, to: [a@example.org]}
smtp: {host: mail.example.org, from: a@example.org}
"""


def written(folder: Path, text: str | bytes, name: str = "config.yaml") -> Path:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def problems(folder: Path, text: str | bytes, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(written(folder, text), environ=environ)
    return [problem.removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_a_good_file_gives_values(tmp_path: Path) -> None:
    config = load(written(tmp_path, GOOD), environ={})
    assert [source.name for source in config.sources] == ["one"]
    assert config.rules[0].to == ("desk",)
    assert config.channels[0].kind is ChannelKind.MAILDIR
    assert config.data == tmp_path / "data"
    assert config.database == tmp_path / "data" / "monitor.db"
    assert config.limits.floor == timedelta(minutes=5)
    assert config.warnings == ()
    assert config.secrets == ()


def test_every_problem_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = GOOD.replace("prisoner OR ტყვე", '"(prisoner"').replace("[desk]", "[dsk]")
    text = text.replace('feed"}', 'feed", every: soon, paint: red}') + "limit: {}\n"
    text = text.replace("{type: maildir, path: mail}", "{type: email, to: [nobody]}")
    found = problems(tmp_path, text)
    assert [problem.partition(";")[0] for problem in found] == [
        "config.yaml:3: channels.desk.to: 'nobody' is no e-mail address (An email address must have an @-sign.)",
        "config.yaml:3: channels.desk: an email channel needs smtp: with the mail server",
        "config.yaml:5: rules[0].query: this bracket is never closed",
        "config.yaml:5: rules[0].to: there is no channel 'dsk'",
        "config.yaml:7: sources[0].every: 'soon' is no duration",
        "config.yaml:7: sources[0].paint: there is no such key here",
        "config.yaml:8: limit: there is no such key here",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "channels: 5\nrules: x\nsources: [1, [2], {name: 3}]\nsmtp: []\n",
        "channels: {desk: {}}\nsmtp: {}\nrules: [{}]\nsources: [{}, null]\nlimits: {floor: {a: 1}}\n",
        "channels: [1]\nsmtp: {from: 1, host: 2}\nrules: [{name: a, query: x, to: {b: c}}]\n",
    ],
)
def test_nonsense_everywhere_is_told_and_breaks_nothing(text: str, tmp_path: Path) -> None:
    found = problems(tmp_path, text)
    assert len(found) >= 3
    assert all(problem.startswith("config.yaml:") for problem in found)


TABLE = {
    # what is written in place of something good, the line and key it is told at, and words of the advice
    "unknown key": (GOOD + "chanels: {}\n", "8: chanels", "did you mean channels?"),
    "unknown nested key": (GOOD + "limits: {flor: 5m}\n", "8: limits.flor", "did you mean floor?"),
    "unknown key of a channel": (
        GOOD.replace("path: mail", "pth: mail"),
        "3: channels.desk.pth",
        "did you mean path?",
    ),
    "duplicate key": (GOOD + "contact: b@example.org\n", "8: contact", "stands in line 1 already"),
    "duplicate source": (
        GOOD + '  - {name: one, outlet: One, feed: "https://two.example/feed"}\n',
        "8: sources[1].name",
        "'one' stands twice",
    ),
    **{
        f"a mail server called {host}": (
            GOOD + f"smtp: {{host: '{host}', from: a@example.org}}\n",
            "8: smtp.host",
            "write",
        )
        for host in ("smtp..example.org", "x" * 64 + ".example.org", "mail example.org", "mail.example.org:587", "a/b")
    },
    "a mail server whose name has a NUL in it": (
        GOOD + 'smtp: {host: "mail\\0.example.org", from: a@example.org}\n',
        "8: smtp.host",
        "is no host",
    ),
    "bad query": (
        GOOD.replace("prisoner OR ტყვე", "'prisoner OR ('"),
        "5: rules[0].query",
        "missing",
    ),
    "a query of a number": (GOOD.replace("prisoner OR ტყვე", "5"), "5: rules[0].query", "write it in quotes"),
    "unknown channel": (GOOD.replace("[desk]", "[dsk]"), "5: rules[0].to", "did you mean desk?"),
    "unknown source in a rule": (
        GOOD.replace("to: [desk]", "to: [desk], sources: [on]"),
        "5: rules[0].sources",
        "did you mean one?",
    ),
    "a query for another language than the rule's": (
        GOOD.replace("query: prisoner OR ტყვე", "languages: [ka], query: 'lang:(en OR ru) prisoner'"),
        "5: rules[0].languages",
        "the query asks for lang: en or ru alone",
    ),
    "a query for another source than the rule's": (
        GOOD.replace("query: prisoner OR ტყვე", "sources: [one], query: 'source:two prisoner'"),
        "5: rules[0].sources",
        "asks for source: two alone",
    ),
    "a concept that is not there": (
        GOOD.replace("prisoner OR ტყვე", "'@prisonerz'"),
        "5: rules[0].query",
        "did you mean @prisoners?",
    ),
    "unknown operator": (GOOD + "operator: nobody\n", "8: operator", "there are desk"),
    "no channel": ("sources: []\n", "1: channels", "this key is missing"),
    "a list where a mapping belongs": (GOOD + "limits: [1]\n", "8: limits", "must be a mapping"),
    "a mapping where a list belongs": (GOOD.replace("  - {name: one", "  {name: one"), "6: sources", "must be a list"),
    "text where a truth belongs": (
        GOOD.replace('feed"}', 'feed", enabled: perhaps}'),
        "7: sources[0].enabled",
        "true or false",
    ),
    "half a number": (GOOD + "limits: {total: 2.5}\n", "8: limits.total", "whole number"),
    "zero interval": (GOOD.replace('feed"}', 'feed", every: 0s}'), "7: sources[0].every", "1s or more"),
    "a time YAML 1.1 would take for minutes": (
        GOOD.replace('feed"}', 'feed", every: 12:30}'),
        "7: sources[0].every",
        "is no duration",
    ),
    "bad size": (GOOD + "limits: {feed_bytes: 10MB}\n", "8: limits.feed_bytes", "write 10MiB"),
    "bad zone": (GOOD + "timezone: Asia/Tiblisi\n", "8: timezone", "is no time zone"),
    "bad language": (GOOD + "languages: [english]\n", "8: languages", "is no language code"),
    "bad country": (GOOD.replace('feed"}', 'feed", country: Georgia}'), "7: sources[0].country", "two small letters"),
    "bad choice": (
        GOOD.replace('feed"}', 'feed", first_visit: mute}'),
        "7: sources[0].first_visit",
        "write digest, silent or alert",
    ),
    "bad network": (
        GOOD.replace('feed"}', 'feed", allow_private: [10.1.2.3/8]}'),
        "7: sources[0].allow_private",
        "is no network",
    ),
    "two kinds of source": (
        GOOD.replace('feed"}', 'feed", sitemap: "https://one.example/s"}'),
        "7: sources[0]",
        "exactly one of",
    ),
    "a key that this kind has no use for": (
        GOOD.replace('feed"}', 'feed", links: /news/}'),
        "7: sources[0].links",
        "a feed has no use for links",
    ),
    "a selector that this kind has no use for": (
        GOOD.replace("feed: ", "sitemap: ").replace('feed"}', 'feed", selectors: {next: a.next}}'),
        "7: sources[0].selectors.next",
        "a sitemap has no use for this selector",
    ),
    "a spider without a beginning": (
        GOOD.replace('feed: "https://one.example/feed"', "spider: mine"),
        "7: sources[0].spider",
        "needs start:",
    ),
    "a spider that is none": (
        GOOD.replace('feed: "https://one.example/feed"', 'spider: listing, start: ["https://one.example/"]'),
        "7: sources[0].spider",
        "write listing: or sitemap:",
    ),
    "a bad pattern": (
        GOOD.replace("feed: ", "listing: ").replace('feed"}', 'feed", links: "("}'),
        "7: sources[0].links",
        "is no regular expression",
    ),
    "a pattern that looks around": (
        GOOD.replace("feed: ", "listing: ").replace('feed"}', "feed\", links: '/news/(?!tag)'}"),
        "7: sources[0].links",
        "(?! looks around, which is not possible here; write what must be found (at character 7 of the expression)",
    ),
    "a bad selector": (
        GOOD.replace('feed"}', 'feed", selectors: {text: "div["}}'),
        "7: sources[0].selectors.text",
        "is no CSS selector",
    ),
    "a source of no kind": (GOOD.replace(', feed: "https://one.example/feed"', ""), "7: sources[0]", "it has 0"),
    "bad name": (GOOD.replace("name: one", "name: ../one"), "7: sources[0].name", "is no name"),
    "no spider folder": (GOOD + "spiders: [./mine]\n", "8: spiders[0]", "there is no folder ./mine"),
    "email without addresses": (
        GOOD.replace("{type: maildir, path: mail}", "{type: email}"),
        "3: channels.desk",
        "to:",
    ),
    "email without smtp": (MAIL.partition("smtp")[0], "2: channels.desk", "smtp"),
    "plain SMTP to the world": (MAIL.replace("{host", "{security: none, host"), "3: smtp.security", "127.0.0.1 only"),
    "bad rate": (MAIL.replace("{host", "{rate: 30, host"), "3: smtp.rate", "write 30/min"),
    "bad port": (MAIL.replace("{host", "{port: 99999, host"), "3: smtp.port", "less than or equal to 65535"),
    "a password in the file": (
        MAIL.replace("{host", "{password: hunter2, host"),
        "3: smtp.password",
        "write ${SMTP_PASSWORD}",
    ),
    "a password that is not there": (
        MAIL.replace("{host", "{password: '${NOWHERE}', host"),
        "3: smtp.password",
        "the environment has no NOWHERE",
    ),
    "a user that is not there": (
        MAIL.replace("{host", "{user: '${NOWHERE}', host"),
        "3: smtp.user",
        "the environment has no NOWHERE",
    ),
    "a password file that is not there": (
        MAIL.replace("{host", "{password_file: secret, host"),
        "3: smtp.password_file",
        "cannot be read",
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_a_mistake_is_told_with_line_key_and_advice(case: str, tmp_path: Path) -> None:
    text, place, advice = TABLE[case]
    found = [problem for problem in problems(tmp_path, text) if problem.startswith(f"config.yaml:{place}")]
    assert found
    assert advice in found[0]


@pytest.mark.parametrize(
    "address",
    [
        '"a@example.org\\r\\nBcc: b@example.org"',
        '"a@example.org\\nb@example.org"',
        '"a@example.org, b@example.org"',
        "a.example.org",
        "'\"a b\"@example.org'",
        "a@",
        "5",
        "' a@example.org'",
        '"a\\0@example.org"',
    ],
)
def test_case_50_a_recipient_or_sender_that_is_not_one_plain_address_is_refused(address: str, tmp_path: Path) -> None:
    recipient = problems(tmp_path, MAIL.replace("to: [a@example.org]", f"to: [{address}]"))
    assert any(problem.startswith("config.yaml:2: channels.desk.to") for problem in recipient)
    sender = problems(tmp_path, MAIL.replace("from: a@example.org", f"from: {address}"))
    assert any(problem.startswith("config.yaml:3: smtp.from") for problem in sender)


@pytest.mark.parametrize("sender", ["a@example.org", "News <a@example.org>", "News monitor ქართული <a@example.org>"])
def test_case_50_a_sender_may_have_a_name(sender: str, tmp_path: Path) -> None:
    config = load(written(tmp_path, MAIL.replace("from: a@example.org", f"from: {sender}")), environ={})
    assert config.smtp is not None
    assert config.smtp.sender == sender


def test_case_50_a_sender_with_a_line_break_in_its_name_is_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, MAIL.replace("from: a@example.org", 'from: "A\\r\\nBcc: x <a@example.org>"'))
    assert "is no sender" in found[0]


@pytest.mark.parametrize(
    "url",
    [
        "/etc/passwd",
        "file:///etc/passwd",
        "ftp://one.example/feed",
        "data:text/xml,<rss/>",
        "javascript:alert(1)",
        "gopher://one.example/",
        "https://one.example\\\\@two.example/",
        "http://a@b@c/",
        "https://one.example/\\u0007",
        "http://one.example:25/",
        "http://one.example:6379/",
    ],
)
def test_case_46_an_address_that_must_not_be_fetched_is_refused_with_its_line(url: str, tmp_path: Path) -> None:
    found = problems(tmp_path, GOOD.replace("https://one.example/feed", url))
    assert found[0].startswith("config.yaml:7: sources[0].feed: ")
    assert "write an address such as" in found[0]


def test_each_kind_of_source_knows_where_to_begin(tmp_path: Path) -> None:
    kinds = """\
  - {name: two, outlet: Two, listing: "https://two.example/", links: /news/, pages: 3, selectors: {next: a.next}}
  - {name: three, outlet: Three, sitemap: "https://three.example/news.xml"}
  - {name: four, outlet: Four, spider: jamnews, start: ["https://four.example/", "https://four.example/ru/"]}
spiders: [mine]
"""
    (tmp_path / "mine").mkdir()
    config = load(written(tmp_path, GOOD + kinds), environ={})
    assert [(source.kind, source.url, source.start) for source in config.sources] == [
        ("feed", "https://one.example/feed", ("https://one.example/feed",)),
        ("listing", "https://two.example/", ("https://two.example/",)),
        ("sitemap", "https://three.example/news.xml", ("https://three.example/news.xml",)),
        ("spider", "https://four.example/", ("https://four.example/", "https://four.example/ru/")),
    ]
    two, four = config.sources[1], config.sources[3]
    assert (two.links, two.pages, two.selectors.next, four.spider) == ("/news/", 3, "a.next", "jamnews")
    assert config.spiders == (tmp_path / "mine",)


def test_a_crawls_process_sees_no_secret_of_the_environment() -> None:
    kept = child_environment({"PATH": "/bin", "LC_ALL": "C", "SMTP_PASSWORD": "x", "AWS_SECRET": "y", "FAIL": "z"})
    assert kept == {"PATH": "/bin", "LC_ALL": "C"}


def test_case_47_private_networks_are_kept_with_their_source(tmp_path: Path) -> None:
    config = load(written(tmp_path, GOOD.replace('feed"}', 'feed", allow_private: [10.1.2.0/24]}')), environ={})
    assert config.sources[0].allow_private == (ipaddress.ip_network("10.1.2.0/24"),)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: !!python/object/apply:os.system [x]\n", 1, "is not accepted"),
        ("a: !!python/name:os.system\n", 1, "is not accepted"),
        ("channels:\n\tdesk: 1\n", 2, "tab"),
        ("a: [1\n", 2, "no YAML"),
        ("channels: {desk: {type: maildir}}\nchannels: {}\n", 2, "stands in line 1 already"),
        ("? [a, b]\n: 1\n", 1, "a key must be a word"),
        ("- a\n", 1, "keys and values"),
        ("just words\n", 1, "keys and values"),
        (b"contact: \xff\n", 1, "not UTF-8"),
        (b"a: 1\nb: \xe9\n", 2, "not UTF-8"),
        ("a: \x07\n", 1, "no YAML"),
        ("a: *nobody\n", 1, "no YAML"),
    ],
)
def test_case_56_a_file_that_is_no_plain_yaml_is_refused_with_its_line(
    text: str | bytes, line: int, words: str, tmp_path: Path
) -> None:
    found = [problem for problem in problems(tmp_path, text) if words in problem]
    assert found
    assert found[0].startswith(f"config.yaml:{line}: ")


def test_case_56_an_alias_bomb_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join(['*a' + str(n - 1)] * 10)}]" for n in range(1, 21)]
    assert any("too many values" in problem for problem in problems(tmp_path, "\n".join(lines)))


def test_case_56_a_huge_file_is_refused_unread() -> None:
    assert "larger than" in read(b"#" * (MOST_BYTES + 1)).problems[0].what


def test_case_56_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert load(written(tmp_path, b"\xef\xbb\xbf" + GOOD.encode()), environ={}).sources


def test_case_56_no_and_times_stay_text() -> None:
    assert read(b"a: no\nb: 12:30\nc: 0x10\nd: 1_000\ne: ~\nf: 1.5\ng: .inf\nh: TRUE\n").value == {
        "a": "no",
        "b": "12:30",
        "c": 16,
        "d": 1000,
        "e": None,
        "f": 1.5,
        "g": ".inf",
        "h": True,
    }


@given(st.binary(max_size=200))
def test_case_56_no_bytes_break_the_reader(data: bytes) -> None:
    tree = read(data)
    assert tree.problems or tree.value is None or isinstance(tree.value, (dict, list, str, int, float, bool))


def test_an_empty_file_says_what_is_missing(tmp_path: Path) -> None:
    assert problems(tmp_path, "") == ["config.yaml:1: channels: this key is missing; add it"]


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="monitor init"):
        load(tmp_path / "config.yaml", environ={})


def test_secrets_come_from_the_environment_and_are_hidden(tmp_path: Path) -> None:
    text = MAIL.replace("{host", "{user: '${WHO}', password: '${SMTP_PASSWORD}', host")
    config = load(written(tmp_path, text), environ={"SMTP_PASSWORD": "hunter2", "WHO": "anna"})
    assert config.smtp is not None
    assert config.smtp.user == "anna"
    assert config.secrets == ("hunter2",)
    assert "hunter2" not in repr(config)


def test_secrets_come_from_a_file_with_a_warning_where_others_may_read_it(tmp_path: Path) -> None:
    secret = written(tmp_path, "hunter2\nsecond line\n", "secret")
    secret.chmod(0o644)
    text = "contact: a@example.org\n" + MAIL.replace("{host", "{password_file: secret, host")
    config = load(written(tmp_path, text), environ={})
    assert config.secrets == ("hunter2",)
    assert config.warnings == (f"{secret} may be read by others; chmod 600 {secret}",)
    secret.chmod(0o600)
    assert load(written(tmp_path, text), environ={}).warnings == ()


def test_an_empty_secret_file_and_two_passwords_are_refused(tmp_path: Path) -> None:
    written(tmp_path, "\n", "secret")
    assert "is empty" in problems(tmp_path, MAIL.replace("{host", "{password_file: secret, host"))[0]
    both = MAIL.replace("{host", "{password_file: secret, password: '${P}', host")
    assert any("keep one of them" in problem for problem in problems(tmp_path, both, P="x"))


def test_the_data_folder_comes_from_the_command_then_systemd_then_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD)
    environ = {"STATE_DIRECTORY": "/var/lib/news"}
    assert load(file, environ=environ, data=Path("/elsewhere")).data == Path("/elsewhere")
    assert load(file, environ=environ).data == Path("/var/lib/news")


def test_included_files_add_sources_and_rules_and_keep_their_own_lines(tmp_path: Path) -> None:
    more = 'sources:\n  - {name: two, outlet: Two, feed: "https://two.example/feed"}\n'
    written(tmp_path, more, "more.yaml")
    file = written(tmp_path, GOOD + "include: [./more.yaml]\n")
    assert [source.name for source in load(file, environ={}).sources] == ["one", "two"]
    written(tmp_path, more.replace('feed"}', 'feed", every: soon}'), "more.yaml")
    assert problems(tmp_path, GOOD + "include: [./more.yaml]\n")[0].startswith("more.yaml:2: sources[0].every: ")


@pytest.mark.parametrize(
    ("content", "include", "words"),
    [
        ("limits: {}\n", "./more.yaml", "more.yaml:1: limits: an included file holds sources, rules, concepts only"),
        ("- a\n", "./more.yaml", "more.yaml:1: the file must hold keys and values"),
        ("", "./other.yaml", "config.yaml:8: include[0]: "),
        ("", "atlantis", "there is no shipped pack 'atlantis'"),
    ],
)
def test_an_include_that_cannot_be_used_is_told(content: str, include: str, words: str, tmp_path: Path) -> None:
    written(tmp_path, content, "more.yaml")
    assert any(words in problem for problem in problems(tmp_path, GOOD + f"include: [{include}]\n"))


def test_defaults_hold_where_a_source_says_nothing(tmp_path: Path) -> None:
    text = GOOD + "defaults: {every: 1h, first_visit: silent, full_text: never, robots: obey}\n"
    source = load(written(tmp_path, text), environ={}).sources[0]
    assert (source.every, source.every_given) == (timedelta(hours=1), False)
    assert (source.first_visit, source.full_text, source.robots) == (FirstVisit.SILENT, FullText.NEVER, Robots.OBEY)


def test_an_empty_contact_is_a_warning(tmp_path: Path) -> None:
    assert "contact" in load(written(tmp_path, GOOD.partition("\n")[2]), environ={}).warnings[0]


def test_smtp_on_loopback_may_go_without_tls(tmp_path: Path) -> None:
    for host in ("127.0.0.1", "localhost", "'::1'"):
        text = MAIL.replace("mail.example.org", host).replace("{host", "{security: none, host")
        smtp = load(written(tmp_path, text), environ={}).smtp
        assert smtp is not None
        assert smtp.security is SmtpSecurity.NONE


def test_the_shipped_file_is_right_and_real(tmp_path: Path) -> None:
    config = load(write_default(tmp_path), environ={})
    assert len(config.sources) >= 25
    assert {source.language for source in config.sources} >= {"en", "ru", "hy", "az", "ka"}
    assert {"jamnews-en", "jamnews-ru"} <= {source.name for source in config.sources}
    assert {"jamnews-hy", "jamnews-az", "jamnews-ka"} <= set(config.disabled)
    assert [rule.name for rule in config.rules] == ["prisoners", "peacekeepers", "ceasefire"]
    assert [channel.kind for channel in config.channels] == [ChannelKind.MAILDIR]


def test_the_shipped_file_is_the_one_in_the_repository() -> None:
    assert shipped_config() == (Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8")


@pytest.mark.corpus
def test_the_shipped_feeds_are_known_outlets_and_unsure_ones_are_disabled(tmp_path: Path, corpus: Path) -> None:
    config = load(write_default(tmp_path), environ={})
    rows = (corpus / "outlets" / "outlets.tsv").read_text(encoding="utf-8").splitlines()
    sure = [row.split("\t")[3] for row in rows if not row.split("\t")[6].startswith("low")]
    # A cell may hold several addresses, and one with {hy,en,ru} in it stands for three.
    known = " ".join(cell.replace("{hy,en,ru}", lang) for cell in sure for lang in ("hy", "en", "ru"))
    assert [source.url for source in config.sources if source.url not in known] == []


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    file = written(tmp_path, "mine")
    with pytest.raises(ConfigError, match="was not touched"):
        write_default(tmp_path)
    assert file.read_text() == "mine"
    with pytest.raises(ConfigError, match="name a folder"):
        write_default(file / "below")


def test_what_the_environment_says_besides(tmp_path: Path) -> None:
    assert failpoints({}) is nowhere
    assert failpoints({"FAIL": "after_250"}) is not nowhere
    assert cache_folder({}, tmp_path) == tmp_path / "cache" / "words"
    assert cache_folder({"XDG_CACHE_HOME": "/x"}, None) == Path("/x/news-coverage-monitor/words")
    assert cache_folder({}, None).parts[-2:] == ("news-coverage-monitor", "words")


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name
        inner = _model_in(field.annotation)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _keys(inner)


def test_every_key_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert {key for key in _keys(RootKeys) if f"`{key}`" not in text} == set()


def test_a_rule_may_name_shipped_concepts_and_is_told_of_a_small_or(tmp_path: Path) -> None:
    """What may be meant otherwise is a warning; it is no mistake."""
    config = load(written(tmp_path, GOOD.replace("prisoner OR ტყვე", "'@prisoners or truce lang:en'")), environ={})
    (warning,) = config.warnings
    assert "rule prisoners: 'or' at character 12" in warning


def test_the_double_quotes_of_yaml_make_no_phrase_and_say_so(tmp_path: Path) -> None:
    """In an included file as well; what was meant as a phrase would match articles with its words anywhere."""
    more = "rules:\n  - {name: sure, query: '\"prisoner of war\"', to: [desk]}\n"
    more += '  - {name: loose, query: "prisoner of war", to: [desk]}\n'
    (tmp_path / "more.yaml").write_text(more, encoding="utf-8")
    config = load(written(tmp_path, f"include: [more.yaml]\n{GOOD}"), environ={})
    (warning,) = config.warnings
    assert warning.startswith("rule loose: YAML takes the double quotes")


def test_a_query_for_sources_that_there_are_not_never_matches(tmp_path: Path) -> None:
    """One of several will do, and a beginning may yet come true."""
    text = GOOD.replace("prisoner OR ტყვე", "'source:nope truce'")
    with pytest.raises(ConfigError, match="there is no source 'nope'"):
        load(written(tmp_path, text), environ={})
    for query in ("source:no* truce", "-source:nope truce", "truce OR source:nope"):
        load(written(tmp_path, text.replace("source:nope truce", query)), environ={})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("off", None),
        ("daily", time(8)),
        ("daily 07:30", time(7, 30)),
        ("daily 0:05", time(0, 5)),
        ("'daily 23:59'", time(23, 59)),
        ("false", None),
    ],
)
def test_the_daily_mail_has_a_time(text: str, expected: time | None, tmp_path: Path) -> None:
    assert load(written(tmp_path, GOOD + f"operator: desk\nheartbeat: {text}\n"), environ={}).heartbeat == expected


@pytest.mark.parametrize("text", ["weekly", "daily 24:00", "daily 7", "7:30", "[daily]", "true"])
def test_another_rhythm_is_told_with_what_would_be_right(text: str, tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, GOOD + f"operator: desk\nheartbeat: {text}\n")
    assert problem.endswith("write off, daily or daily 07:30")


def test_a_daily_mail_that_nobody_would_get_is_a_mistake(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, GOOD + "heartbeat: daily\n")
    assert "name a channel in operator: too" in problem


PING = "https://ping.example/0123-4567-89ab?key=abcdefghij"


@pytest.mark.parametrize("text", [PING, "${PING_URL}", "{url: '${PING_URL}', every: 5m}"])
def test_case_120_a_ping_is_an_address_or_a_name_of_the_environment_and_a_secret(text: str, tmp_path: Path) -> None:
    config = load(written(tmp_path, GOOD + f"ping: {text}\n"), environ={"PING_URL": PING})
    assert config.ping is not None
    assert (config.ping.address.value, config.ping.every) == (PING, timedelta(minutes=5))
    assert set(config.secrets) == {PING, "0123-4567-89ab", "abcdefghij"}
    assert "ping.example" not in repr(config)


@pytest.mark.parametrize(
    ("text", "value", "told"),
    [
        ("${PING_URL}", None, "the environment has no PING_URL"),
        ("${PING_URL}", "c4nary", "this is no web address"),
        ("ftp://c4nary.example/x", None, "this is no web address"),
        ("{url: 'https://a.example/', allow_private: [c4]}", None, "is no network"),
    ],
)
def test_case_58_what_is_wrong_with_a_ping_is_said_without_its_address(
    text: str, value: str | None, told: str, tmp_path: Path
) -> None:
    (problem,) = problems(tmp_path, GOOD + f"ping: {text}\n", **({"PING_URL": value} if value else {}))
    assert told in problem
    assert "c4nary" not in problem
