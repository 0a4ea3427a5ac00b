"""What is shipped for servers says what the service promises, and the page that installs it can be run."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.rigs.install_check import blocks

TOP = Path(__file__).parents[2]
DEPLOY = TOP / "deploy"


def unit(name: str) -> dict[str, list[str]]:
    """Give the settings of a unit file, each with its values in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (DEPLOY / name).read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found[key].append(value)
    return found


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Type", "notify"),
        ("WatchdogSec", "60"),
        ("RestartPreventExitStatus", "2 65 75 78"),
        ("TimeoutStopSec", "45"),
        ("StateDirectory", "news-monitor"),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("ProtectSystem", "strict"),
        ("LimitCORE", "0"),
        ("User", "news-monitor"),
    ],
)
def test_the_unit_has_what_the_service_is_built_for(key: str, value: str) -> None:
    assert unit("news-monitor.service")[key] == [value]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("name", ["news-monitor.service", "news-monitor-metrics.service", "news-monitor-metrics.timer"])
def test_systemd_has_nothing_to_say_against_a_unit(name: str) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(DEPLOY / name)], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if name in line and "is not executable" not in line]
    assert said == []


def test_the_container_has_no_rights_and_time_to_end() -> None:
    service = YAML(typ="safe").load(DEPLOY / "compose.yaml")["services"]["monitor"]
    assert service["init"] is True
    assert service["stop_grace_period"] == "45s"
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    user = service["user"].partition(":")[0]
    docker = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert f"--uid {user} " in docker
    assert "\nUSER news-monitor\n" in docker
    assert "data:/data" in service["volumes"]


def test_what_the_image_is_built_from_is_let_in() -> None:
    """`.dockerignore` lets in what is named, and the Dockerfile names nothing else."""
    let_in = {line[1:] for line in (TOP / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}
    copied: set[str] = set()
    for line in (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            copied.update(line.split()[1:-1])
    assert copied == let_in
    assert all((TOP / name).exists() for name in copied)


def test_the_page_of_operation_has_every_block_that_is_run() -> None:
    assert list(blocks()) == ["install", "check", "start", "reload", "upgrade", "backup", "restore", "leave", "remove"]


def test_every_file_that_the_page_installs_is_there() -> None:
    text = (TOP / "docs" / "operate.md").read_text(encoding="utf-8")
    for name in ("monitor", "news-monitor.service", "compose.yaml", "logrotate.conf"):
        assert f"deploy/{name}" in text
        assert (DEPLOY / name).exists()
    assert (DEPLOY / "monitor").stat().st_mode & 0o111


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no shell")
def test_the_wrapper_takes_the_environment_as_systemd_does_and_runs_none_of_it(tmp_path: Path) -> None:
    (tmp_path / "environment").write_text(
        '# of the mail server\nSMTP_PASSWORD=abcd efgh $HOME `id` "x\n\nPING_URL=https://one.example/?a=1&b=2\n'
        "QUOTED=\"in two words\"\nSINGLE='it is'\nno variable\n=nothing\nA-B=c\n1A=b\nLAST=$(touch ran)"
    )
    program, wrapper = tmp_path / "program", tmp_path / "monitor"
    program.write_text('#!/bin/sh\nenv -0\nprintf "%s\\0" "$@"\n')
    text = (DEPLOY / "monitor").read_text(encoding="utf-8").replace("/etc/news-monitor", str(tmp_path))
    text = text.replace("/opt/news-monitor/venv/bin/monitor", str(program))
    wrapper.write_text(text.replace("!= news-monitor", f"!= {pwd.getpwuid(os.getuid()).pw_name}"))
    for file in (program, wrapper):
        file.chmod(0o700)
    done = subprocess.run(
        [wrapper, "search", "two words"], capture_output=True, text=True, check=True, cwd=tmp_path, timeout=60
    )
    told = done.stdout.split("\0")
    assert told[-3:] == ["search", "two words", ""]
    assert done.stderr == ""
    assert {
        'SMTP_PASSWORD=abcd efgh $HOME `id` "x',
        "PING_URL=https://one.example/?a=1&b=2",
        "QUOTED=in two words",
        "SINGLE=it is",
        "LAST=$(touch ran)",
    } <= set(told)
    assert not {line.partition("=")[0] for line in told} & {"A-B", "1A", "no variable"}
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no shell")
def test_the_wrapper_is_sound_shell() -> None:
    assert subprocess.run(["sh", "-n", str(DEPLOY / "monitor")], check=False).returncode == 0
