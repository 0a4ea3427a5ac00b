"""`monitor demo`: the main job on embedded parts, judged by the program and, again, by counting."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.demo.outlets import OUTLETS

pytestmark = pytest.mark.slow
COUNT = Path(__file__).parents[2] / ".ci" / "count_demo.py"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, words: Path) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("demo") / "here"
    (folder / "cache").mkdir(parents=True)
    (folder / ".news-monitor-demo").touch()
    (folder / "cache" / "words").symlink_to(words)
    result = subprocess.run(
        [sys.executable, "-m", "monitor", "demo", "--dir", str(folder), "--json"],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    return folder, result


def test_the_demo_ends_well_and_counts_what_it_did(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, result = demo
    assert result.returncode == 0, result.stderr
    verdict = json.loads(result.stdout)
    assert verdict["faults"] == []
    assert verdict["outlets"] == len(OUTLETS)
    assert "kill -9" in result.stderr
    assert len(verdict["unreadable"]) == 1
    assert verdict["pages"] == verdict["articles"]
    assert verdict["retried"] >= 1
    assert [text.partition(",")[0] for text in verdict["feedless"]] == ["Ridge Weekly", "Долина"]


def test_another_count_of_the_demo_agrees(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = demo
    counted = subprocess.run([sys.executable, str(COUNT), str(folder)], capture_output=True, text=True, check=False)
    assert counted.returncode == 0, counted.stdout


def test_the_count_finds_a_lost_mail(demo: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    folder, _ = demo
    (tmp_path / "monitor.db").symlink_to(folder / "monitor.db")
    (tmp_path / "mail").mkdir()
    for path in sorted((folder / "mail").glob("*.eml"))[1:]:
        (tmp_path / "mail" / path.name).write_bytes(path.read_bytes())
    counted = subprocess.run([sys.executable, str(COUNT), str(tmp_path)], capture_output=True, text=True, check=False)
    assert counted.returncode == 1
    assert "is in no mail" in counted.stdout


def test_the_demos_configuration_is_an_ordinary_one(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = demo
    for command in (["check"], ["search", "prisoners of war OR ceasefire"], ["alerts"], ["sources", "list"]):
        done = subprocess.run(
            [sys.executable, "-m", "monitor", *command, "--config", str(folder / "config.yaml"), "--json"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "demo", "--dir", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 78
    assert str(tmp_path) in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_ctrl_c_ends_the_demo_and_its_daemon(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor", "demo", "--dir", str(folder)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr
    assert "starting the daemon" in process.stderr.readline()
    os.killpg(process.pid, signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert process.returncode in {1, 130}
    assert "Traceback" not in rest
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
