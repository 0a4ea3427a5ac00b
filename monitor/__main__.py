"""The `monitor` command; kept light, because worker processes import it too."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from monitor.cli.root import cli  # noqa: PLC0415 - a spawned worker imports this module and must stay small

    cli(prog_name="monitor")


if __name__ == "__main__":
    main()
