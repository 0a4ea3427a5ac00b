"""Names that become paths stay in their folder (case 57)."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import load
from monitor.config.fields import concept_name, name
from monitor.errors import ConfigError
from monitor.folders import inside

FOLDER = Path("/var/lib/news-monitor")
HOSTILE = ["../../x", "/etc/passwd", "a/../../b", "..", ".", "", "~/x", "~root", "a\0b", "x" * 300, "ტ" * 100, "a\nb",
           "\u202egpj.exe", "a\u2066b", "..\\..\\x", "C:\\x", "a/..", "\ud800", "a\u2028b"]  # fmt: skip # a table
GOOD = ["mail", "mail/desk", "CON", "aux", "ქართული", "a b", "...", "a..b", ".hidden", "x" * 200]


@pytest.mark.parametrize("text", HOSTILE)
def test_case_57_what_leaves_the_folder_or_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"leaves the folder|nobody sees|too long"):
        inside(FOLDER, text)


@pytest.mark.parametrize("text", GOOD)
def test_case_57_what_is_a_name_is_taken(text: str, tmp_path: Path) -> None:
    path = inside(tmp_path, text)
    path.mkdir(parents=True)
    assert path.resolve().is_relative_to(tmp_path.resolve())


_PIECES = st.sampled_from(["..", ".", "/", "\\", "a", "~", "\0", "CON", "\u202e", " ", "x" * 300, "%2e%2e", "ა"])


@given(st.one_of(st.text(), st.lists(_PIECES).map("".join), st.lists(_PIECES).map("/".join)))
def test_case_57_no_text_gives_a_path_outside(text: str) -> None:
    try:
        path = inside(FOLDER, text)
    except ValueError:
        return
    assert Path(os.path.normpath(path)).is_relative_to(FOLDER)
    assert path != FOLDER
    assert all(len(part.encode()) <= 255 for part in path.parts)
    assert not {"Cc", "Cf"} & set(map(unicodedata.category, text))


@given(st.one_of(st.text(), st.lists(_PIECES).map("".join), st.sampled_from([*HOSTILE, *GOOD])))
def test_case_57_a_name_of_a_source_rule_or_concept_is_one_part_of_a_path(text: str) -> None:
    for read in (name, concept_name):
        try:
            accepted = read(text)
        except ValueError:
            continue
        assert inside(FOLDER, accepted).parent == FOLDER


@pytest.mark.parametrize("path", [text for text in HOSTILE if text not in {"", "\ud800", "a\0b", "."}])
def test_case_57_a_maildir_outside_the_data_folder_is_a_mistake_of_the_file(path: str, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    quoted = path.encode("unicode_escape").decode().replace('"', '\\"')
    for channels in (f'{{desk: {{type: maildir, path: "{quoted}"}}}}', f'{{"{quoted}": {{type: maildir}}}}'):
        file.write_text(f"contact: a@example.org\nchannels: {channels}\n", encoding="utf-8")
        with pytest.raises(ConfigError, match="a maildir lies in the data folder"):
            load(file, environ={})
