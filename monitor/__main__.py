"""The `monitor` command; kept light, because worker processes import it too."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line."""
    _open_closed_streams()
    from monitor.cli.root import cli  # noqa: PLC0415 - a spawned worker imports this module and must stay small

    cli(prog_name="monitor")


def _open_closed_streams() -> None:
    """Put the null device where stdin, stdout or stderr is closed, so that no file or socket of ours takes its number.

    What a library prints would otherwise go into that file.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))


if __name__ == "__main__":
    main()
