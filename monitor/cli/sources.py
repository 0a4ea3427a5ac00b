"""`monitor sources`: the commands about sources, put together."""

from __future__ import annotations

from monitor.cli.adding import add
from monitor.cli.lists import sources
from monitor.cli.packs import pack
from monitor.cli.subscriptions import export, import_

for command in (add, import_, export, pack):
    sources.add_command(command)

__all__ = ["sources"]
