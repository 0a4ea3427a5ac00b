"""Lists of subscriptions: however broken, bounded, and never a way to a private address."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.app import plan_import, read_list
from monitor.app.importing import refusal_of
from monitor.cli.root import cli
from monitor.cli.subscriptions import _read
from monitor.collect.opml import MOST, read_subscriptions
from monitor.collect.worker import Failure, subscriptions
from monitor.config import load
from monitor.config.naming import Known, outlet_name, slug
from monitor.errors import SourceError
from monitor.model import Limits, Listed
from monitor.render.opml import opml
from tests.factories import NOW, source

CONFIG = """\
contact: a@example.org
channels: {desk: {type: maildir}}
sources:
  - {name: one, outlet: One, feed: "https://one.example/feed"}
  - {name: two, outlet: Two, feed: "https://two.example/feed", enabled: false}
  - {name: three, outlet: Three, listing: "https://three.example/"}
"""
LIST = """\
<?xml version="1.0"?>
<opml version="2.0"><head><title>x</title></head><body>
  <outline text="The Caucasus" title="The Caucasus">
    <outline text="Daily">
      <outline type="rss" text="Mountain Echo" xmlUrl="https://echo.example/feed?a=1&b=2" htmlUrl="https://echo.example/"/>
    </outline>
    <outline text="One" xmlUrl="http://www.one.example/feed/"/>
  </outline>
  <outline text="Two" xmlUrl="https://two.example/feed"/>
  <outline text="Эхо" xmlUrl="https://эхо.ge/rss"/>
  <outline text="At home" xmlUrl="http://192.168.1.1/feed"/>
  <outline text="File" xmlUrl="file:///etc/passwd"/>
  <outline text="Echo again" xmlUrl="https://echo.example/feed/?b=2&amp;a=1"/>
  <outline text="More" type="include" url="https://lists.example/more.opml"/>
  <outline htmlUrl="https://site.example/"/>
</body></opml>
"""


def read(text: str | bytes) -> list[str]:
    return [feed.url for feed in read_subscriptions(text.encode() if isinstance(text, str) else text).feeds]


def outcome(body: bytes) -> str:
    """Give `read`, or what went wrong."""
    try:
        read_list(body)
    except SourceError as error:
        return error.kind
    return "read"


def outline(attributes: str) -> str:
    return f'<opml version="1.0"><body><outline {attributes}/></body></opml>'


@pytest.mark.parametrize(
    "attributes",
    [
        'text="a" xmlUrl="https://e.example/f?a=1&amp;b=2"',
        'text="a & b" xmlUrl="https://e.example/f?a=1&b=2"',
        'text="1 < 2" xmlUrl="https://e.example/f?a=1&amp;b=2"',
        'text="say "hi" there" xmlUrl="https://e.example/f?a=1&amp;b=2"',
        'description="<a href="https://x.example/">x</a> is <b>it</b>" xmlUrl="https://e.example/f?a=1&amp;b=2"',
        "text='a' XMLURL='https://e.example/f?a=1&b=2'",
        'TEXT="a" XmlUrl = "https://e.example/f?a=1&#38;b=2"',
        'text="&nbsp;&eacute;&bogus;" xmlUrl="https://e.example/f?a=1&#x26;b=2"',
        "text=a xmlUrl=https://e.example/f?a=1&b=2 ",
        'text="a\0b" xmlUrl=" https://e.example/f?a=1&b=2\n"',
    ],
)
def test_an_address_is_read_however_its_outline_is_written(attributes: str) -> None:
    assert read(outline(attributes)) == ["https://e.example/f?a=1&b=2"]


def test_a_bare_reference_in_an_address_is_no_character() -> None:
    assert read(outline('xmlUrl="https://e.example/f?a=1&copy=2&reg=3&lt=4"')) == [
        "https://e.example/f?a=1&copy=2&reg=3&lt=4"
    ]


@pytest.mark.parametrize(
    "text",
    [
        LIST.partition("</body>")[0],
        LIST[: LIST.index("Echo again")],
        LIST.replace("</outline>", ""),
        LIST.upper().replace("HTTPS://", "https://").replace("ECHO.EXAMPLE/FEED?A=1&B=2", "echo.example/feed?a=1&b=2"),
        LIST.partition("<body>")[2],
        "\ufeff\n\n" + LIST,
    ],
)
def test_a_file_that_lacks_its_end_or_its_beginning_is_read_as_far_as_it_goes(text: str) -> None:
    assert "https://echo.example/feed?a=1&b=2" in read(text)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1251", "koi8-r"])
def test_encodings_are_found(encoding: str) -> None:
    declared = "" if encoding.startswith("utf") else f' encoding="{encoding}"'
    text = f'<?xml version="1.0"{declared}?><opml><body><outline text="Эхо Кавказа" xmlUrl="https://e.example/f"/></body></opml>'
    (feed,) = read_subscriptions(text.encode(encoding)).feeds
    assert (feed.title, feed.url) == ("Эхо Кавказа", "https://e.example/f")


def test_folders_titles_other_lists_and_sites_are_kept() -> None:
    found = read_subscriptions(LIST.encode())
    assert found.feeds[0] == Listed(
        url="https://echo.example/feed?a=1&b=2", title="Mountain Echo", folders=("The Caucasus", "Daily")
    )
    assert (found.lists, found.sites) == (("https://lists.example/more.opml",), ("https://site.example/",))


@pytest.mark.parametrize("text", ["", "   ", "hello", "<html><body>no</body></html>", "{}", "\x00\x01"])
def test_what_is_no_list_is_said(text: str) -> None:
    answer = subscriptions(text.encode())
    assert isinstance(answer, Failure)
    assert answer.kind == "not_a_list"


def test_case_63_entities_neither_grow_nor_open_anything(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("open sesame")
    rings = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY a0 "ha">{rings}<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    found = read_subscriptions((bomb + outline('text="&a9;&x;" xmlUrl="https://e.example/&a9;&x;"')).encode())
    assert [feed.url for feed in found.feeds] == ["https://e.example/&a9;&x;"]
    assert found.feeds[0].title == "&a9;&x;"


def test_case_63_no_more_of_a_file_is_read_than_of_an_answer() -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override] # of io
            self.taken += len(buffer)
            buffer[:] = b" " * len(buffer)
            return len(buffer)

    endless = Endless()
    with pytest.raises(SourceError, match="too_large"):
        _read(io.BufferedReader(endless))
    assert endless.taken <= Limits().feed_bytes + (1 << 20)


def test_case_63_more_feeds_than_can_be_imported_are_refused() -> None:
    body = (
        "<opml><body>"
        + "".join(f'<outline xmlUrl="https://e.example/{n}"/>' for n in range(MOST + 1))
        + "</body></opml>"
    )
    with pytest.raises(SourceError, match=f"too_many: the file lists {MOST + 1} feeds"):
        read_subscriptions(body.encode())


@pytest.mark.slow
@pytest.mark.parametrize("outline", ['<outline text="a">', '<outline xmlUrl="https://e.example/1"/>'])
def test_case_63_a_million_outlines_end_in_good_time(outline: str) -> None:
    body = f"<opml><body>{outline * min(1_000_000, Limits().feed_bytes // len(outline))}".encode()[
        : Limits().feed_bytes
    ]
    assert outcome(body) in {"read", "parse_timeout", "parse_memory", "parse_crash"}  # its worker may be killed


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://127.1/", "http://0x7f000001/", "http://2130706433/", "http://0177.0.0.1/", "http://①②⑦.⓪.⓪.①/", "http://[::1]/",
     "http://[::ffff:10.0.0.1]/", "http://10.0.0.1/", "http://169.254.169.254/", "http://192.168.1.1:8080/", "http://localhost/", "http://nas.local/",
     "http://printer.lan/", "http://db.internal/", "file:///etc/passwd", "ftp://e.example/", "javascript:alert(1)", "data:text/xml,x",
     "http://a@b@c/", "http://e.example:25/", "http://e.example:6379/", "http://e.example\\@x/", "/etc/passwd", "", "http://", "https://e.example/" + "a" * 2100],
)  # fmt: skip # a table
def test_case_45_a_file_leads_to_no_private_address_and_to_nothing_else_that_is_none(url: str) -> None:
    """(cases 41, 45 and 46 for OPML)"""
    assert refusal_of(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://e.example/feed",
        "http://8.8.8.8/feed",
        "https://local.example/",
        "http://e.example:8080/f",
        "https://эхо.рф/rss",
    ],
)
def test_public_addresses_are_taken(url: str) -> None:
    assert refusal_of(url) is None


def planned(folder: Path, text: str = LIST, *, enabled: bool = True) -> tuple[object, ...]:
    file = folder / "config.yaml"
    file.write_text(CONFIG, encoding="utf-8")
    plan = plan_import(load(file, environ={}), read_subscriptions(text.encode()), enabled=enabled)
    return plan.new, plan.twice, plan.refused


def test_what_is_there_and_what_is_refused_is_told_and_the_rest_is_new(tmp_path: Path) -> None:
    new, twice, refused = planned(tmp_path)
    assert [(made.name, made.outlet, made.note) for made in new] == [  # type: ignore[attr-defined] # made above
        ("mountain-echo", "Mountain Echo", "The Caucasus / Daily"), ("xn-n1anx", "Эхо", ""),
    ]  # fmt: skip # a table
    assert twice == (
        ("http://www.one.example/feed/", "one"), ("https://two.example/feed", "two"), ("https://echo.example/feed/?b=2&a=1", "mountain-echo"),
    )  # fmt: skip # a table
    assert [url for url, _ in refused] == ["http://192.168.1.1/feed", "file:///etc/passwd"]  # type: ignore[union-attr] # made above


def test_feed_addresses_of_old_are_web_addresses(tmp_path: Path) -> None:
    text = (
        outline('xmlUrl="feed://a.example/f"')
        + outline('xmlUrl="feed:https://b.example/f"')
        + outline('xmlUrl="https://c.example/a b"')
    )
    new, _, refused = planned(tmp_path, text)
    assert [made.url for made in new] == ["http://a.example/f", "https://b.example/f", "https://c.example/a%20b"]  # type: ignore[attr-defined] # made above
    assert refused == ()


def test_names_are_of_the_outlet_unique_and_the_same_each_time() -> None:
    known = Known([source("jamnews-en", url="https://jam-news.net/feed/")])
    assert known.free_name("JAMnews", "https://jam-news.net/ru/feed/", "ru", several=False) == "jamnews-ru"
    assert known.free_name("JAMnews", "https://jam-news.net/x", None, several=False) == "jamnews"
    for number in ("", "-2", "-3"):
        name = known.free_name("OC Media", f"https://oc-media.org/{number}", "en", several=False)
        assert name == f"oc-media{'-en' if number else ''}{'-2' if number == '-3' else ''}"
        known.take(name, f"https://oc-media.org/{number}")
    assert known.free_name("Эхо Кавказа", "https://www.ekho-kavkaza.co.uk/rss", "ru", several=True) == "ekho-kavkaza-ru"
    assert known.twin("http://www.jam-news.net/feed") == "jamnews-en"


@pytest.mark.parametrize(
    ("title", "outlet", "name"),
    [("OC Media", "OC Media", "oc-media"), ("Civil.ge", "Civil.ge", "civil-ge"), ("Azadlıq Radiosu", "Azadlıq Radiosu", "azadliq-radiosu"), ("Hürriyet – Son Dakika", "Hürriyet", "hurriyet"),
     ("Echo | News from the valley", "Echo", "echo"), ("«Эхо» Кавказа", "«Эхо» Кавказа", ""), ("", "e.example", "e-example"), ("A" * 300, "A" * 59 + "…", "a" * 40)],
)  # fmt: skip # a table
def test_an_outlet_is_called_by_the_first_part_of_its_title(title: str, outlet: str, name: str) -> None:
    assert outlet_name(title, "https://www.e.example/feed") == outlet
    assert slug(outlet) == name


def test_what_is_exported_is_imported(tmp_path: Path) -> None:
    feeds = [
        source("one", outlet='A "B" & <C>', url="https://one.example/f?a=1&b=2"),
        source("two", outlet="Эхо"),
        source("three", outlet="Эхо", language="ru"),
    ]
    found = read_subscriptions(opml(feeds, now=NOW).encode()).feeds
    assert [(feed.url, feed.title) for feed in found] == [
        ("https://one.example/f?a=1&b=2", 'A "B" & <C>'), ("https://two.example/feed", "Эхо - en"), ("https://three.example/feed", "Эхо - ru"),
    ]  # fmt: skip # a table
    assert tmp_path.is_dir()


def run(folder: Path, *arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(
        cli, ["sources", *arguments, "--config", str(folder / "config.yaml")], input=stdin, prog_name="monitor"
    )


@pytest.mark.slow
def test_import_adds_what_is_new_and_says_the_rest(tmp_path: Path) -> None:
    """(cases 45 and 46 for OPML)"""
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "list.opml").write_text(LIST, encoding="utf-8")
    file = str(tmp_path / "list.opml")
    dry = run(tmp_path, "import", file, "--dry-run", "--json")
    assert [json.loads(line)["name"] for line in dry.stdout.splitlines()] == ["mountain-echo", "xn-n1anx"]
    assert (tmp_path / "config.yaml").read_text(encoding="utf-8") == CONFIG
    added = run(tmp_path, "import", file, "--yes", "--disabled")
    for said in (
        "http://www.one.example/feed/ is configured already, as one",
        "'http://192.168.1.1/feed' is refused: it is no public address",
        "'file:///etc/passwd' is refused: it is no http:// or https:// address",
        "https://lists.example/more.opml is another list; import it, too",
        "https://site.example/ has no feed in this list; try: monitor sources add https://site.example/",
        "2 new, 3 configured already, 2 refused",
    ):
        assert said in added.stderr
    assert (tmp_path / "config.yaml").read_text(encoding="utf-8").startswith(CONFIG)
    assert [made.name for made in load(tmp_path / "config.yaml", environ={}).resting] == [
        "two",
        "mountain-echo",
        "xn-n1anx",
    ]
    again = run(tmp_path, "import", "-", "--yes", stdin=LIST.encode())
    assert (again.exit_code, "0 new, 5 configured already" in again.stderr) == (0, True)


def test_export_writes_feeds_alone_and_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    shown = run(tmp_path, "export", "-")
    assert read(shown.stdout) == ["https://one.example/feed"]
    assert "1 feed written; 1 source without a feed left out" in shown.stderr
    assert run(tmp_path, "export", str(tmp_path / "out.opml"), "--all").exit_code == 0
    assert read((tmp_path / "out.opml").read_bytes()) == ["https://one.example/feed", "https://two.example/feed"]
    assert run(tmp_path, "export", str(tmp_path / "out.opml")).exit_code == 1
