"""Builds word lists in a process of its own: it takes 100 MiB that the daemon would never give back.

Run as `python -m monitor.language.build PARENT_PID FOLDER LANGUAGE...`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from monitor.folders import keep_files_private
from monitor.language.forms import WordForms
from monitor.lifeline import tie_to


def main(parent: str, folder: str, *languages: str) -> None:
    """Build what is missing."""
    tie_to(int(parent))
    keep_files_private()
    forms = WordForms(Path(folder), languages)
    for lang in languages:
        forms.warm(lang)


if __name__ == "__main__":
    main(*sys.argv[1:])
