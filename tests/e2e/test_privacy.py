"""What nobody else may see: secrets anywhere, files of the data folder; and who outside hears from us (58, 120)."""

from __future__ import annotations

import base64
import re
import resource
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import psutil
import pytest

from tests.rigs.site import Site, rss
from tests.rigs.web import ok

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]

PASSWORD, TOKEN, PING = "c4nary/p@ss wörd", "c4naryFeedToken", "c4nary-ping-0123456789"
# Every named place, each of which raises the first time that it is passed.
FRUIT = ("Apples", "Pears", "Plums", "Figs")
PLACES = (
    "after_250 after_claim after_commit after_form after_mail after_page_commit after_rcpt after_settle before_claim"
    " before_commit before_form before_page_commit before_settle between_article_and_alert between_page_and_alert"
).split()


def spellings(secret: str) -> set[str]:
    raw = secret.encode()
    return {
        secret,
        quote(raw, safe=""),
        quote_plus(raw),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
        base64.b64encode(b"\0me\0" + raw).decode(),
    }


def seen_in(text: str, *secrets: str) -> list[str]:
    return [spelling for secret in secrets for spelling in spellings(secret) if spelling in text]


def contents(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file that the program wrote; word lists are links of the rig."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield path, path.read_bytes().decode("utf-8", "replace")


def canaries(site: Site) -> dict[str, str]:
    """Put a secret wherever one may stand; gives the environment that holds them."""
    site.servers.sink.extensions = ("AUTH PLAIN",)
    site.servers.sink.password = PASSWORD
    site.servers.web.serve(f"/{PING}", ok(b"OK"))
    site.sources = [
        f'name: one, outlet: One, language: en, every: 1s, first_visit: alert, feed: "{site.servers.web.url("/one")}?token={TOKEN}"',
        f'name: broken, outlet: Two, every: 1s, feed: "{site.servers.web.url("/broken")}?token={TOKEN}"',
    ]
    site.servers.web.serve(f"/one?token={TOKEN}", ok(rss(["Prisoners came home", "A ceasefire holds", *FRUIT])))
    site.extra = "ping: {url: '${PING_URL}', every: 1s, allow_private: [127.0.0.0/8]}\nheartbeat: daily\n"
    site.limits = ", credentials_probe: 1s"
    site.write()
    text = site.config.read_text().replace("security: none", "security: none, user: me, password: '${PASS}'")
    # A mail for each place on its way that may raise: the one that it raises over is in nobody's hands for a while.
    more = "".join(f"  - {{name: {name.lower()}, query: {name}, to: [desk]}}\n" for name in FRUIT)
    site.config.write_text(text.replace("sources:\n", f"{more}sources:\n", 1))
    (site.folder / "data").chmod(0o700)
    return {"PASS": PASSWORD, "PING_URL": site.servers.web.url(f"/{PING}")}


def crashes(site: Site) -> list[str]:
    """The places that raised."""
    told = site.events("tick_crashed") + site.events("visit_crashed")
    return [event["exception"][0]["exc_value"] for event in told]


def test_case_58_no_secret_is_seen_anywhere_whatever_fails(site: Site) -> None:
    """Log at DEBUG, mails, database, commands, the command line: while every failpoint raises, and afterwards."""
    environ = canaries(site)
    site.servers.sink.say("AUTH", f"535 5.7.8 {PASSWORD} is wrong", f"454 4.7.0 {PASSWORD} is not known yet")
    fail = ",".join(f"{place}=raise" for place in PLACES)
    process = site.start("--debug", FAIL=fail, **environ)
    site.wait(lambda: {place for place in PLACES if "page" not in place} <= set(crashes(site)), "the failures")
    assert site.stop(process) == 0
    process = site.start("--debug", **environ)
    site.wait(lambda: len(site.events("started")) == 2, "the second start")
    site.wait(lambda: len(site.mails) >= 6, "the mails, once nothing fails any more")
    site.wait(lambda: f"/{PING}" in site.servers.web.paths, "the ping")
    commandline = " ".join(psutil.Process(process.pid).cmdline())
    assert psutil.Process(process.pid).rlimit(resource.RLIMIT_CORE) == (0, 0), "a core file would hold them"
    asked = (["status"], ["status", "--json"], ["status", "--prometheus"], ["doctor"], ["doctor", "--json"], ["explain", "1"],
             ["alerts", "--json"], ["sources", "list"], ["check"], ["collect"], ["mail", "test"])  # fmt: skip # a table
    said = {" ".join(command): site.run(*command, **environ) for command in asked}
    assert site.stop(process) == 0
    told = [commandline, site.log(), *(mail.raw.decode("utf-8", "replace") for mail in site.mails)]
    told += [result.stdout + result.stderr for result in said.values()]
    assert [seen_in(text, PASSWORD, PING) for text in told if seen_in(text, PASSWORD, PING)] == []
    assert [text for text in (site.log(), *told[2:]) if TOKEN in text] == []
    for path, text in contents(site.folder / "data"):
        assert seen_in(text, PASSWORD, PING) == [], path


def test_case_120_the_ping_goes_out_by_the_one_client_and_no_private_address_is_asked_unasked(site: Site) -> None:
    environ = canaries(site)
    site.config.write_text(
        site.config.read_text().replace("every: 1s, allow_private: [127.0.0.0/8]}\nheart", "every: 1s}\nheart")
    )
    process = site.start(**environ)
    site.wait(lambda: site.events("ping_failed"), "the refusal")
    assert [event["error"] for event in site.events("ping_failed")] == ["blocked_address"]
    assert site.stop(process) == 0
    assert f"/{PING}" not in site.servers.web.paths


def test_after_a_whole_run_under_a_loose_umask_nobody_else_may_read_anything(site: Site) -> None:
    """Database and journal, maildir, caches, lock, pid: 0600 in 0700."""
    site.email = False
    site.feed("one", rss(["Prisoners came home", "A ceasefire holds"]))
    site.write()
    data = site.folder / "data"
    (data / "cache" / "words").unlink()
    (data / "cache").rmdir()
    data.rmdir()
    process = site.start(umask=0)
    site.wait(lambda: (data / "mail" / "new").exists() and list((data / "mail" / "new").iterdir()), "a mail")
    during = {path: stat.S_IMODE(path.lstat().st_mode) for path in (data, *data.rglob("*")) if not path.is_symlink()}
    assert site.stop(process) == 0
    after = {path: stat.S_IMODE(path.lstat().st_mode) for path in (data, *data.rglob("*")) if not path.is_symlink()}
    for modes in (during, after):
        assert {path.name for path in modes} >= {"monitor.db", "monitor.lock", "mail", "new", "words"}
        assert {f"{path.relative_to(site.folder)} {mode:04o}" for path, mode in modes.items() if mode & 0o077} == set()
    assert "monitor.db-wal" in {path.name for path in during}
    assert re.search(r"^OK     permissions", site.run("doctor", "--offline").stdout, re.MULTILINE)
