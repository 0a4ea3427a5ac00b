"""What people install: the wheel without the repository around it, and the Makefile's first words."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_everything_that_is_needed(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="the build backend is installed by `make test`")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert archive.read("monitor/config/shipped.yaml") == (ROOT / "config.yaml").read_bytes()
        archive.extractall(tmp_path / "installed")
    assert "spiders/__init__.py" in names
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / "monitor").rglob("*.j2")} <= names
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / "monitor" / "language").glob("*/*.[ty]*ml")} <= names
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / "monitor" / "config").glob("packs/*.yaml")} <= names
    assert not [name for name in names if name.startswith(("tests/", "docs/", "benchmarks/"))]
    # Run it from where it was unpacked, with the libraries of this environment but none of this repository.
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    done = subprocess.run(
        [sys.executable, "-c", "from monitor.__main__ import main; main()", "init", str(tmp_path / "news")],
        cwd=tmp_path / "installed",
        env=environ | {"PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "news" / "config.yaml").read_bytes() == (ROOT / "config.yaml").read_bytes()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 127", "is missing|3.11 or newer is needed"),
        (
            'case "$2" in *version_info*) exit 1;; esac; echo "Python 3.9.2"',
            "Python 3.9.2; Python 3.11 or newer is needed",
        ),
        (
            'case "$2" in *ensurepip*) exit 1;; esac',
            "has no venv module; on Debian and Ubuntu: sudo apt install python3-venv",
        ),
    ],
)
def test_make_says_in_one_line_what_is_missing(script: str, words: str, tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    done = subprocess.run(
        ["make", "--no-print-directory", "-f", str(ROOT / "Makefile"), "demo", f"PYTHON={python}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    told = (done.stdout + done.stderr).splitlines()
    assert done.returncode == 2
    assert any(word in told[0] for word in words.split("|"))
    assert len(told) == 2  # ours, and make's own last word
    assert not (tmp_path / ".venv").exists()


def test_make_says_that_python_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "-f", str(ROOT / "Makefile"), "demo", "PYTHON=/nowhere/python3"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "/nowhere/python3 is missing; install Python 3.11 or newer" in done.stdout
