"""The schema, as numbered migrations; one that was released is never changed. docs/schema.md says what it means.

Each module enters its own; their names put them in the order of their numbers.
"""

from monitor.store.migrations import m0001_first as m0001_first
from monitor.store.migrations import m0002_pages as m0002_pages
from monitor.store.migrations import m0006_words as m0006_words
from monitor.store.migrations import m0009_manners as m0009_manners
from monitor.store.migrations import m0010_rhythm as m0010_rhythm
from monitor.store.migrations import m0011_changes as m0011_changes
from monitor.store.migrations import m0012_backfills as m0012_backfills
from monitor.store.migrations import m0013_indexes as m0013_indexes
from monitor.store.migrations import m0014_backfill_ends as m0014_backfill_ends
from monitor.store.migrations.released import migrations as migrations
