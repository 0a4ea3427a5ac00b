"""Adding to config.yaml: what is new stands where it belongs, and every other byte stays."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from monitor.config import add_include, add_sources, load, shipped_config
from monitor.config import edit as editing
from monitor.config.edit import with_items
from monitor.config.entry import line_of, scalar
from monitor.config.nodes import read
from monitor.errors import ConfigError

ECHO = {"name": "echo-ru", "outlet": "Mountain Echo", "language": "ru", "feed": "https://echo.example/ru/feed/"}
LINE = '{name: echo-ru, outlet: Mountain Echo, language: ru, feed: "https://echo.example/ru/feed/"}'
GOOD = """\
contact: a@example.org
channels: {desk: {type: maildir}}
sources:
  - {name: one, outlet: One, feed: "https://one.example/feed"}
"""


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "config.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def test_the_shipped_file_keeps_every_byte_around_the_new_lines(tmp_path: Path) -> None:
    before = shipped_config()
    file = written(tmp_path, before)
    add_sources(file, [ECHO, {**ECHO, "name": "echo-ka"}], environ={})
    after = file.read_text(encoding="utf-8")
    lines = [f"  - {LINE}\n", f"  - {LINE.replace('echo-ru', 'echo-ka')}\n"]
    assert after.replace("".join(lines), "") == before
    config = load(file, environ={})
    assert [source.name for source in config.sources][-2:] == ["echo-ru", "echo-ka"]


def test_a_pack_is_included_by_one_word_more(tmp_path: Path) -> None:
    file = written(tmp_path, shipped_config())
    add_include(file, "caucasus", environ={})
    assert "caucasus" in read(file.read_bytes()).value["include"]
    before, after = shipped_config().splitlines(), file.read_text(encoding="utf-8").splitlines()
    assert len([line for line in after if line not in before]) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\nsources: []\nb: 2\n", "a: 1\nsources:\n  - N\nb: 2\n"),
        ("sources: [] # none yet\n", "sources:\n  - N # none yet\n"),
        ("sources:\nb: 1\n", "sources:\n  - N\nb: 1\n"),
        ("sources:   # mine\nb: 1\n", "sources:   # mine\n  - N\nb: 1\n"),
        ("x: 1\n", "x: 1\nsources:\n  - N\n"),
        ("x: 1", "x: 1\nsources:\n  - N\n"),
        ("sources:\n- {name: a} # one\n# the end\nb: 1\n", "sources:\n- {name: a} # one\n- N\n# the end\nb: 1\n"),
        (
            "sources:\n    - name: a\n      feed: b\n\n# c\nb: 1\n",
            "sources:\n    - name: a\n      feed: b\n    - N\n\n# c\nb: 1\n",
        ),
        ("sources:\n  - note: |\n      long\n\nb: 1\n", "sources:\n  - note: |\n      long\n  - N\n\nb: 1\n"),
        ("sources:\n  - {name: a}", "sources:\n  - {name: a}\n  - N"),
        ("sources: [{a: 1}, {b: 2}]\n", "sources: [{a: 1}, {b: 2}, N]\n"),
        ("sources: [{a: 1},]\n", "sources: [{a: 1}, N]\n"),
        ("sources:\r\n  - {a: 1}\r\nb: 2\r\n", "sources:\r\n  - {a: 1}\r\n  - N\r\nb: 2\r\n"),
        ("sources:\n  - {a: 'Ղարաբաղ 🏔'}\nb: 2\n", "sources:\n  - {a: 'Ղարաբաղ 🏔'}\n  - N\nb: 2\n"),
    ],
)
def test_a_list_takes_another_item_however_it_is_written(before: str, after: str) -> None:
    new = "{n: 1}"
    assert with_items(before, "sources", [new]) == after.replace("N", new)
    had = read(before.encode()).value.get("sources") or []
    assert read(with_items(before, "sources", [new]).encode()).value["sources"] == [*had, {"n": 1}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{contact: a, channels: {desk: {type: maildir}}}\n", "each on a line of its own"),
        ("contact: a\nchannels: {desk: {type: maildir}}\nrules: &x []\nsources: *x\n", "elsewhere in the file"),
        ("contact: a\nchannels: {desk: {type: maildir}}\n...\n# the end\n", "does not see where sources: ends"),
        ("sources: none\n", "sources: is no list"),
    ],
)
def test_a_file_that_cannot_be_added_to_stays_as_it_is_and_the_lines_are_told(
    text: str, told: str, tmp_path: Path
) -> None:
    file = written(tmp_path, text)
    with pytest.raises(ConfigError, match=told) as error:
        add_sources(file, [ECHO], environ={})
    assert str(error.value).endswith(f"add this to sources: yourself\n  - {LINE}")
    assert file.read_text(encoding="utf-8") == text


def test_what_would_be_wrong_is_told_with_its_line_and_not_written(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD)
    with pytest.raises(ConfigError) as error:
        add_sources(file, [{**ECHO, "name": "one"}], environ={})
    assert str(error.value).startswith(f"{file}:5: sources[1].name: 'one' stands twice")
    assert file.read_text(encoding="utf-8") == GOOD
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_permissions_a_byte_order_mark_and_a_link_stay(tmp_path: Path) -> None:
    file = written(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())
    file.chmod(0o640)
    (tmp_path / "link.yaml").symlink_to("config.yaml")
    add_sources(tmp_path / "link.yaml", [ECHO], environ={})
    assert (tmp_path / "link.yaml").is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert file.read_bytes() == b"\xef\xbb\xbf" + GOOD.encode() + f"  - {LINE}\n".encode()


def test_what_somebody_else_wrote_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path, GOOD)
    checked = editing._check

    def slowly(*arguments: Any) -> None:  # patched: nothing else comes between the check and the change
        checked(*arguments)
        file.write_text(GOOD + "# theirs\n", encoding="utf-8")

    monkeypatch.setattr(editing, "_check", slowly)
    with pytest.raises(ConfigError, match="changed by somebody else"):
        add_sources(file, [ECHO], environ={})
    assert file.read_text(encoding="utf-8") == GOOD + "# theirs\n"


@pytest.mark.parametrize(
    "value",
    ["no", "Yes", "null", "~", "12:30", "1e3", "-", "a: b", "a #b", "{x}", "[x]", "'q'", '"', "\\", "*a", "&a", "!x", "%x",
     "@x", "`x", "| x", "> x", "OC Media", "JAMnews", "Civil.ge", "Эхо Кавказа", "a, b", "x]", "", " a", "a ", "tab\there"],
)  # fmt: skip # a table
def test_every_text_is_read_as_it_was_written(value: str) -> None:
    assert read(f"a: [{scalar(value)}, x]".encode()).value == {"a": [value, "x"]}


def test_an_entry_has_what_it_says_and_nothing_empty() -> None:
    entry = {
        "name": "a",
        "outlet": "А",
        "language": None,
        "feed": "https://a.example/",
        "allow_private": ["127.0.0.0/8"],
        "enabled": False,
        "note": "",
    }
    assert (
        line_of(entry)
        == '{name: a, outlet: А, feed: "https://a.example/", allow_private: ["127.0.0.0/8"], enabled: false}'
    )
