"""Where every migration is entered, in the order of their numbers."""

from __future__ import annotations

from sqlite_utils.migrations import Migrations

migrations = Migrations("monitor")
