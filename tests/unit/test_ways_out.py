"""Nothing in the program opens a connection but through its guarded client and the mail server's."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Modules of the standard library, and libraries that we have anyway, that could fetch by themselves.
FETCHING = {
    "urllib.request", "http.client", "ftplib", "smtplib", "imaplib", "poplib", "nntplib", "telnetlib", "xmlrpc", "requests",
    "urllib3", "httpx", "pycurl", "twisted", "websockets",
}  # fmt: skip # a table
# Who may name sockets, and what for.
SOCKETS = {
    "monitor/collect/guard.py",  # the guard itself
    "monitor/store/owner.py",  # the name of this machine
    "monitor/app/importing.py",  # how an address may be spelled
    "monitor/daemon/supervisor.py",  # the socket of systemd, in the file system
    "monitor/notify/dialogue.py",  # the mail server of the configuration, which case 45 excepts
}
CALLS = {"fetch_url", "fetch_response", "urlopen", "create_connection", "open_connection", "urlretrieve"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("monitor", "spiders"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith("monitor/demo/"):  # embedded outlets and a mail server, on loopback
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize(("name", "tree"), [pytest.param(name, tree, id=name) for name, tree in modules()])
def test_case_45_no_module_has_a_way_out_of_its_own(name: str, tree: ast.Module) -> None:
    """(case 45)"""
    names = imported(tree)
    assert {one for one in names for other in FETCHING if one == other or one.startswith(f"{other}.")} == set()
    assert "socket" not in names or name in SOCKETS
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    }
    assert called & CALLS == set()
