"""A person adds an outlet by its home page alone, and is told of its next article."""

from __future__ import annotations

import contextlib
import json
import mailbox
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.rigs.site import Site, rss
from tests.rigs.web import ok

pytestmark = pytest.mark.slow
ALLOWED = ("--allow-private", "127.0.0.1")
OLD = datetime.now(UTC) - timedelta(days=2)


def outlet(site: Site, *new: str) -> str:
    """Serve an outlet with a home page and a feed; gives the address of the home page."""
    head = '<meta property="og:site_name" content="Mountain Echo"><link rel="alternate" type="application/rss+xml" href="/feed/">'
    site.servers.web.serve("/", ok(f"<!doctype html><html><head>{head}</head><body><p>News</p></body></html>".encode()))
    old = rss(["The prisoners of last week", "A bridge over the river"], at=OLD)
    news = rss(new).partition(b"<item>")
    items = news[1] + news[2].partition(b"</channel>")[0] if new else b""
    site.servers.web.serve(
        "/feed/", ok(old.replace(b"<item>", items + b"<item>", 1), Content_Type="application/rss+xml")
    )
    return site.servers.web.url("/")


def mails(site: Site) -> list[str]:
    box = mailbox.Maildir(site.folder / "data" / "mail", create=False)
    return [str(message["Subject"]) for message in box]


def test_a_home_page_is_all_it_takes_to_be_told_of_the_next_article(site: Site) -> None:
    site.email = False
    before = site.write().read_text(encoding="utf-8")
    added = site.run("sources", "add", outlet(site), *ALLOWED, "--yes")
    assert added.returncode == 0, added.stderr
    line = f'{{name: mountain-echo, outlet: Mountain Echo, language: en, feed: "{site.servers.web.url("/feed/")}", allow_private: ["127.0.0.1/32"]}}'
    assert site.config.read_text(encoding="utf-8") == before.replace("sources:\n  []\n", f"sources:\n  - {line}\n")
    assert "sources test mountain-echo" in added.stderr
    first = site.run("collect")
    assert first.returncode == 0, first.stderr
    assert [subject for subject in mails(site) if "ceasefire" in subject] == []
    outlet(site, "A ceasefire was agreed this morning")
    assert site.run("collect").returncode == 0
    assert any("A ceasefire was agreed this morning" in subject for subject in mails(site))


def test_without_a_choice_what_there_is_is_shown_and_nothing_changes(site: Site) -> None:
    before = site.write().read_text(encoding="utf-8")
    shown = site.run("sources", "add", outlet(site), *ALLOWED)
    assert (shown.returncode, "--yes adds those with a star" in shown.stderr) == (1, True)
    assert site.servers.web.url("/feed/") in shown.stdout
    (row,) = [
        json.loads(told)
        for told in site.run(
            "sources", "add", site.servers.web.url("/"), *ALLOWED, "--yes", "--dry-run", "--json"
        ).stdout.splitlines()
    ]
    assert (row["name"], row["added"], row["best"], row["entries"]) == ("mountain-echo", False, True, 2)
    assert site.config.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(("answers", "added"), [("nonsense\n9\n1\n", 1), ("n\n", 0)])
def test_a_person_at_the_terminal_is_asked_which(site: Site, answers: str, added: int) -> None:
    site.write()
    command = [sys.executable, "-m", "monitor", "sources", "add", outlet(site), *ALLOWED, "--config", str(site.config)]
    person, terminal = pty.openpty()
    with subprocess.Popen(
        command, stdin=terminal, stderr=terminal, stdout=subprocess.DEVNULL, env=site.environment()
    ) as process:
        os.close(terminal)
        os.write(person, answers.encode())
        with contextlib.suppress(OSError):  # what a terminal says once nobody holds its other end
            while os.read(person, 4096):
                pass
        assert process.wait(60) == 0
    os.close(person)
    assert site.config.read_text(encoding="utf-8").count("mountain-echo") == added


def test_what_is_configured_is_said_and_not_added_again(site: Site) -> None:
    site.sources.append(f'name: echo, outlet: Echo, enabled: false, feed: "{site.servers.web.url("/feed")}"')
    before = site.write().read_text(encoding="utf-8")
    again = site.run("sources", "add", outlet(site), *ALLOWED, "--all")
    assert (again.returncode, "all of it is configured already" in again.stderr) == (0, True)
    assert site.config.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("address", "kind"),
    [("http://127.0.0.1:8000/", "blocked_address"), ("http://localhost/", "blocked_address"), ("file:///etc/passwd", "bad_address"), ("http://x:25/", "bad_address")],
)  # fmt: skip # a table
def test_what_must_not_be_asked_is_one_clear_line(site: Site, address: str, kind: str) -> None:
    """(cases 41 and 46)"""
    before = site.write().read_text(encoding="utf-8")
    refused = site.run("sources", "add", address, "--yes")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"monitor: {kind}: ")
    assert len(refused.stderr.splitlines()) == 1
    assert site.config.read_text(encoding="utf-8") == before


def test_an_outlet_without_a_feed_is_read_by_its_front_page(site: Site, tmp_path: Path) -> None:
    assert tmp_path == site.folder
    site.write()
    links = "".join(
        f'<p><a href="/news/{1000 + n}/">The council of the valley met for the {n}th time</a></p>' for n in range(6)
    )
    home = site.servers.web.serve(
        "/", ok(f"<!doctype html><html><body>{links}</body></html>".encode(), Content_Type="text/html")
    )
    added = site.run("sources", "add", home, *ALLOWED, "--yes")
    assert added.returncode == 0, added.stderr
    assert f'listing: "{home}"' in site.config.read_text(encoding="utf-8")
    assert site.run("check").returncode == 0
