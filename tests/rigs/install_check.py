"""Runs docs/operate.md word by word in a bare Debian with systemd: root, debootstrap and systemd-nspawn are needed.

The blocks marked `<!-- run: NAME -->` are taken from the page. What a person does by hand there (REPOSITORY, the
configuration) is put in here; the outlets and the mail server are on loopback.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.rigs.site import Servers, rss
from tests.rigs.web import ok

T = TypeVar("T")
TOP = Path(__file__).resolve().parent.parent.parent
PAGE = TOP / "docs" / "operate.md"
BASE = TOP / ".cache" / "debian.tar"
SUITE = "bookworm"
TOOLS = ("debootstrap", "systemd-nspawn", "nsenter", "tar")
_BLOCK = re.compile(r"<!-- run: (\w+) -->\n```sh\n(.*?)```", re.DOTALL)
CONFIG = """\
contact: tests@example.org
ping: ${{PING_URL}}
languages: [en]
operator: desk
channels: {{desk: {{type: email, to: [anna@example.org]}}}}
smtp: {{host: 127.0.0.1, port: {smtp}, security: none, from: m@example.org, rate: 6000/min}}
alerts: {{group_interval: 0s}}
defaults: {{full_text: always}}
limits: {{floor: 1s, gap: 0s, spread: 0s, probe: 1s}}
rules: [{{name: prisoners, query: prisoner, to: [desk]}}]
sources:
  - {{name: one, outlet: One, language: en, every: 2s, first_visit: alert, allow_private: [127.0.0.0/8], feed: "{feed}"}}
"""


def blocks() -> dict[str, str]:
    """Give the blocks of the page that are to be run, by name."""
    return dict(_BLOCK.findall(PAGE.read_text(encoding="utf-8")))


def base() -> Path:
    """Give the packed bare system; it is made once."""
    if not BASE.exists():
        BASE.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            say("a bare Debian is fetched")
            root = Path(folder) / "root"
            command = ["debootstrap", "--variant=minbase", "--include=systemd,systemd-sysv,dbus", SUITE, str(root)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            subprocess.run(["tar", "-C", str(root), "-cf", f"{BASE}.new", "."], check=True)
        Path(f"{BASE}.new").rename(BASE)
    return BASE


class Machine:
    """A booted system in a folder; the network is this machine's, so loopback is, too."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.root.mkdir()
        subprocess.run(["tar", "-C", str(self.root), "-xf", str(base())], check=True)
        self._environ = self._as_this_machine()
        self.log = folder / "boot.log"
        binds = [f"--bind-ro={TOP}:/repository"]
        binds += [f"--bind-ro={path}" for path in self._packages()]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    "systemd-nspawn",
                    "-D",
                    str(self.root),
                    "--register=no",
                    "--keep-unit",
                    "--console=pipe",
                    *binds,
                    "--boot",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._leader = wait_for(self._find_leader, "the first process")
        wait_for(
            lambda: self.run("systemctl is-system-running | grep -E 'running|degraded'").returncode == 0, "the boot"
        )

    def _packages(self) -> list[Path]:
        """Give folders of this machine that pip is told to look into, by its own account of its settings."""
        told = subprocess.run(
            [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
        )
        places = (place.removeprefix("file://") for place in re.split(r"[\s'=]+", told.stdout))
        return sorted({Path(place) for place in places if place.startswith("/") and Path(place).is_dir()})

    def _as_this_machine(self) -> dict[str, str]:
        """Let packages come from where they come from here: pip's settings, certificates and names are copied."""
        for name in ("/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt", "/etc/resolv.conf", "/etc/hosts"):
            if Path(name).exists():
                target = self.root / name.lstrip("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.unlink(missing_ok=True)
                shutil.copy(name, target)
        kept = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
        return {name: value for name, value in os.environ.items() if name.startswith(kept)}

    def _find_leader(self) -> int | None:
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return int(children[0]) if children else None

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script as root inside, as it would be typed: it ends at the first line that fails."""
        environ = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        return subprocess.run(
            [
                "nsenter",
                "-t",
                str(self._leader),
                "-m",
                "-u",
                "-i",
                "-p",
                "-n",
                "/bin/bash",
                "-euo",
                "pipefail",
                "-c",
                script,
            ],
            env=environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"} | self._environ,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=900,
        )

    def must(self, script: str) -> str:
        """Run a script that has to work; gives what it printed."""
        done = self.run(script)
        if done.returncode:
            told = self.run("journalctl -u news-monitor -n 40 --no-pager").stdout
            raise SystemExit(f"failed with {done.returncode}:\n{script}\n{done.stdout}\n{told}")
        return done.stdout

    def off(self) -> None:
        """Switch it off."""
        if self._process.poll() is None:
            self.run("systemctl poweroff")
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def wait_for(found: Callable[[], T], what: str, *, seconds: float = 120) -> T:
    """Wait until something is there."""
    end = time.monotonic() + seconds
    while not (value := found()):
        if time.monotonic() > end:
            raise SystemExit(f"{what} did not come within {seconds:.0f} s")
        time.sleep(0.2)
    return value


def say(text: str) -> None:
    sys.stdout.write(f"[{time.monotonic() - _BEGAN:5.0f} s] {text}\n")
    sys.stdout.flush()


def check(machine: Machine, servers: Servers, page: dict[str, str]) -> None:
    """Go through the page from the first line to the last."""
    titles = ["Prisoners came home"]
    publish(servers, titles)
    page["install"] = page["install"].replace("REPOSITORY", "/srv/news-monitor.git")
    machine.must("apt-get update -q && apt-get install -yq git")  # for the clone that the page clones from
    machine.must("git -c safe.directory='*' clone -q --bare /repository /srv/news-monitor.git")
    machine.must(page["install"])
    say("installed")
    config = CONFIG.format(smtp=servers.sink.port, feed=servers.web.url("/one"))
    (machine.root / "etc/news-monitor/config.yaml").write_text(config, encoding="utf-8")
    (machine.root / "etc/news-monitor/environment").write_text("PING_URL=https://ping.example/0123\n", encoding="utf-8")
    machine.must(page["check"])
    wait_for(lambda: len(servers.sink.received) == 1, "the test mail")
    say("the configuration is right, and a test mail came")
    machine.must(page["start"])
    wait_for(lambda: len(servers.sink.received) == 2, "the first alert")
    pages = "monitor sql \"select count(*) from articles where text_state = 'complete' and page_read_at is not null\""
    wait_for(lambda: "1" in machine.must(pages), "the article's page, by Scrapy in its child")
    say("started: the first alert came, with the text of the article's page")
    pid = machine.must("systemctl show -p MainPID --value news-monitor").strip()

    machine.must(f"kill -9 {pid}")
    wait_for(
        lambda: machine.run("systemctl is-active news-monitor && monitor status").returncode == 0, "the daemon again"
    )
    say("killed, and running again by itself")

    file = machine.root / "etc/news-monitor/config.yaml"
    file.write_text(config.replace("rules:", "rulez:"), encoding="utf-8")
    assert machine.run("monitor check").returncode == 78
    machine.must("systemctl reload news-monitor")
    wait_for(lambda: "configuration_kept" in machine.must("journalctl -u news-monitor --no-pager"), "the refusal")
    file.write_text(config.replace("query: prisoner", "query: ceasefire"), encoding="utf-8")
    machine.must(page["reload"])
    wait_for(lambda: '"reloaded"' in machine.must("journalctl -u news-monitor --no-pager"), "the reload")
    titles.insert(0, "A ceasefire holds")
    publish(servers, titles)
    wait_for(lambda: len(servers.sink.received) == 3, "an alert by the new rule")
    say("a wrong configuration was refused, a right one taken up")

    drill(machine, page)
    machine.must(page["upgrade"])
    wait_for(lambda: machine.run("monitor status").returncode == 0, "the upgraded daemon")
    titles.insert(0, "Another ceasefire")
    publish(servers, titles)
    wait_for(lambda: len(servers.sink.received) == 4, "an alert after the upgrade")
    say("upgraded: what was collected is there, and an alert came")
    machine.must(page["leave"])
    keep_to_root(machine)
    say("ready to be moved")
    machine.must(page["remove"])
    left = machine.must(
        "find / -xdev -name '*news-monitor*' -not -path '/proc/*' -not -path '/srv/*' -not -path '/repository/*'"
        " -not -path '/var/log/*' -not -path '/var/backups/*' -not -path '/run/*' | sort"
    )
    if left.strip() or machine.run("id news-monitor").returncode == 0:
        raise SystemExit(f"this was left:\n{left}")
    say("removed: nothing is left")


def keep_to_root(machine: Machine) -> None:
    """See that nobody else may read an archive, with its password and addresses."""
    if archives := machine.must("find /var/backups -name 'news-monitor*' -perm /077"):
        raise SystemExit(f"others may read\n{archives}")


def publish(servers: Servers, titles: list[str]) -> None:
    """Let the outlet show these articles: a feed without texts, and a page for each."""
    for title in titles:
        text = f"<p>{title}. This is what happened, told in a paragraph that is long enough to be one.</p>" * 4
        html = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"
        servers.web.serve(f"/{title.replace(' ', '-')}", ok(html.encode(), Content_Type="text/html; charset=utf-8"))
    feed = rss(titles).replace(b"https://one.example", servers.web.url("").rstrip("/").encode())
    servers.web.serve("/one", ok(feed))


def drill(machine: Machine, page: dict[str, str]) -> None:
    """Back up, restore, and find everything."""
    machine.must(page["backup"])
    before = machine.must("monitor sql 'select count(*) from articles'")
    machine.must(page["restore"])
    wait_for(lambda: machine.run("monitor status").returncode == 0, "the daemon on the restored database")
    assert machine.must("monitor sql 'select count(*) from articles'") == before
    say("backed up and restored")


def main() -> None:
    """Do it."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if os.geteuid() != 0 or missing:
        why = f"{', '.join(missing)} missing (Debian: debootstrap systemd-container)" if missing else "root is needed"
        raise SystemExit(f"docs/operate.md was not run: {why}")
    folder = Path(tempfile.mkdtemp(prefix="news-monitor-install-"))
    machine = None
    try:
        with Servers() as servers:
            machine = Machine(folder)
            say("booted")
            check(machine, servers, blocks())
    finally:
        if machine is not None:
            machine.off()
        shutil.rmtree(folder, ignore_errors=True)
    say("docs/operate.md works word by word")


_BEGAN = time.monotonic()
if __name__ == "__main__":
    main()
