"""Days of misfortune in a minute: kills and faults under load, and nothing is lost.

`make kill` kills 500 times; KILL=N and KILL_SEED=N choose how often and when. `make chaos` is an hour of the other.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.rigs.siege import PLACES, besieged, kill_often

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

KILLS = int(os.environ.get("KILL", "25"))
SEED = int(os.environ.get("KILL_SEED", "20261128"))


def test_case_1_kills_under_load_lose_nothing_and_repeat_at_most_one_mail_each(tmp_path: Path, words: Path) -> None:
    """At random moments and at every failpoint in turn, while a mail server fails one time in five (case 1)."""
    assert words.is_dir()
    began = time.monotonic()
    with besieged(tmp_path, SEED) as siege:
        reached = kill_often(siege, KILLS)
        stormy = time.monotonic() - began
        published = siege.ground.press.published
        siege.start({})
        siege.ready()
        siege.drain(120 + KILLS)
        found = siege.verdict()
    sink = siege.ground.sink
    rows = {
        "kills": siege.kills,
        "at failpoints": sum(reached.values()),
        "articles": siege.ground.press.published,
        "that match": len(siege.ground.press.matching),
        "mails": found.mails,
        "faults of the server": sink.faults,
        "mails it kept without a word": sink.silences,
        "repeats": found.repeats,
        "lost": found.lost,
        "articles a second": f"{published / stormy:.1f}",
        "seconds until ready": f"{max(siege.starts):.2f} at most, {sum(siege.starts) / len(siege.starts):.2f} mean",
        "seconds": f"{time.monotonic() - began:.0f}",
        "seed": SEED,
    }
    sys.stdout.write("\n" + "".join(f"{name:30}{value}\n" for name, value in rows.items()))
    assert found.problems == (), f"seed {SEED}"
    assert siege.kills == KILLS
    assert 2 * len(PLACES) > KILLS or all(reached.values()), reached


def test_case_119_a_night_of_misfortune_ends_well_with_no_hand_put_to_it(words: Path) -> None:
    """Half a minute of kills, stops, locks, clock steps, full disks, lost names and mail servers in random order (case 119)."""
    assert words.is_dir()
    told = subprocess.run(
        [sys.executable, "-m", "tests.rigs.chaos"],
        env=os.environ | {"CHAOS": "30", "CHAOS_SHARE": "0.3", "CHAOS_SEED": str(SEED)},
        capture_output=True,
        text=True,
        check=False,
    )
    sys.stdout.write(told.stdout)
    assert told.returncode == 0, told.stdout + told.stderr
