"""Which spiders there are, and what is wrong with people's files: asked of a child, which alone imports them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from monitor.config import KnownSpiders, child_environment

_ASK = "from monitor.collect.crawl.catalogue import main; main()"
_LONGEST = 30.0  # seconds for all files together


def read_spiders(folders: Sequence[Path], *, environ: Mapping[str, str], longest: float = _LONGEST) -> KnownSpiders:
    """Read the built-in spiders and those in people's folders; whatever a file does, an answer comes in time."""
    try:
        answer = subprocess.run(  # noqa: S603 - our own interpreter, and folders as arguments
            [sys.executable, "-P", "-c", _ASK, *map(str, folders)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=child_environment(environ),
            timeout=longest,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        told = f"reading it takes longer than {longest:g} s; let its spider do that when it is asked to, not at import"
        return _unread(error.stdout, told)
    lines = answer.stdout.splitlines()
    found = json.loads(lines[-1]) if lines else {}
    if "names" in found:
        return KnownSpiders(names=tuple(found["names"]), problems=tuple(found["problems"]))
    last = answer.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    told = f"it ends the program that reads it, with status {answer.returncode} {last[-200:]}"
    return _unread(answer.stdout, told.rstrip())


def _unread(said: bytes | None, what: str) -> KnownSpiders:
    """Give the problem of the file that was being read; which spiders there are nobody knows then."""
    lines = (said or b"").splitlines()
    file = json.loads(lines[-1])["file"] if lines else "spiders"
    return KnownSpiders(names=None, problems=(f"{file}:1: {what}; mend the file, or take it out of the folder",))
