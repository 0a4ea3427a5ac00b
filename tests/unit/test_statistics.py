"""The mapped model gives the library's answers, in a fraction of its memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from py3langid import langid

from monitor.language import Detector, Statistics

pytestmark = pytest.mark.slow

EXPECTED = ("az", "en", "tr")
WORDS = (
    "Minister visits Tbilisi harvest walnut growers expect year bridge opened village Bakı şəhərində görüş keçirildi"
    " nazir məktəb kənd Ankara toplantı sonrası açıklama yapıldı köy okul yağmur İstanbul gün çok 2026 NATO — “the” и"
).split()
TEXTS = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=60)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the model in it."""
    folder = tmp_path_factory.mktemp("cache")
    assert Statistics(folder)("Minister visits Tbilisi", EXPECTED) == "en"
    return folder


@pytest.fixture(scope="module")
def library() -> langid.LanguageIdentifier:
    """Give py3langid's own, cut to the same languages."""
    whole = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    whole.set_languages(list(EXPECTED))
    return whole


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(text=TEXTS)
def test_any_text_is_in_the_language_that_the_library_finds(
    text: str, cache: Path, library: langid.LanguageIdentifier
) -> None:
    """Unless two languages are as likely as each other, to the last digits."""
    found = Statistics(cache)(text, EXPECTED)
    scores = dict(library.rank(text))
    assert scores[found] >= max(scores.values()) - 0.001


def test_a_text_in_capitals_is_read_as_in_small_letters(cache: Path, library: langid.LanguageIdentifier) -> None:
    """As the library does."""
    text = "TOPLANTI SONRASI ACIKLAMA YAPILDI"
    assert Statistics(cache)(text, EXPECTED) == library.classify(text)[0] == Statistics(cache)(text.lower(), EXPECTED)


def test_the_file_is_written_once_and_again_where_it_is_broken(cache: Path) -> None:
    """Half a file, of a disk that was full, and one that is none: both are replaced."""
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    before = file.stat().st_mtime_ns
    assert Statistics(cache)("Minister visits Tbilisi", EXPECTED) == "en"
    assert file.stat().st_mtime_ns == before
    for broken in (whole[: len(whole) // 2], b"odd", b""):
        file.write_bytes(broken)
        assert Statistics(cache)("Minister visits Tbilisi", EXPECTED) == "en"
        assert file.read_bytes() == whole
    assert list(cache.iterdir()) == [file]


def test_where_no_file_can_be_written_the_librarys_model_is_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for nowhere in (None, tmp_path / "file" / "cache"):
        assert Statistics(nowhere)("Minister visits Tbilisi", EXPECTED) == "en"


def test_the_child_writes_the_languages_that_the_library_knows(tmp_path: Path) -> None:
    """A language that it does not know is left out: it can never be the answer."""
    arguments = ["-m", "monitor.language.statistics", str(os.getpid()), str(tmp_path / "model"), "en", "tr", "xx"]
    subprocess.run([sys.executable, *arguments], check=True, timeout=60)
    assert (tmp_path / "model").read_bytes()[:40].startswith(b'{"classes": ["en", "tr"]')


def test_the_daemons_way_loads_neither_numpy_nor_the_library(cache: Path) -> None:
    """They are what takes the memory; the detector itself asks for statistics here."""
    told = subprocess.run(
        [sys.executable, "-c", ASK, str(cache)], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert told.split() == ["tr", "False", "False"]


ASK = """
import sys
from pathlib import Path
from monitor.language import Detector, Statistics
detect = Detector(("en", "tr", "az"), Statistics(Path(sys.argv[1])))
print(detect("Toplanti sonrasi aciklama yapildi"), "numpy" in sys.modules, "py3langid" in sys.modules)
"""


def test_a_detector_asks_for_the_latin_languages_that_are_expected(cache: Path) -> None:
    assert Detector(("en", "ru", "hy", "az", "ka", "tr"), Statistics(cache))("Koy okulu ve yagmur") == "tr"
