"""docs/errors.md names every word that is said of a source, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAID = re.compile(
    r"""(?:SourceError|Failure)\(\s*"([a-z_0-9]+)"|error="([a-z_]+)"|"(spider_missing|challenge_page|cut_short)\""""
)


def test_every_word_that_is_said_of_a_source_is_explained() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "monitor").rglob("*.py"))
    said = {next(filter(None, match.groups())) for match in SAID.finditer(code)}
    rows = [
        line
        for line in (ROOT / "docs" / "errors.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    explained = {word for row in rows for word in re.findall(r"`([a-z_0-9]+)`", row.split("|")[1])}
    assert said - explained == set()
    assert {word for word in explained - said if not word.startswith(("http_", "cut_"))} == set()
