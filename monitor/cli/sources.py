"""`monitor sources`: the commands about sources, put together."""

from __future__ import annotations

from monitor.cli.adding import add
from monitor.cli.lists import sources
from monitor.cli.packs import pack

sources.add_command(add)
sources.add_command(pack)

__all__ = ["sources"]
