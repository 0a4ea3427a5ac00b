"""How widely a word of a query is meant."""

from __future__ import annotations

from enum import StrEnum


class Sense(StrEnum):
    """Which words of articles a word of a query finds."""

    ALL = "all"
    """Every form: also the verb that a participle or verbal noun belongs to (задержанный finds задержали)."""
    NOUN = "noun"
    """The forms of the noun or adjective alone (заключённый finds заключённых, not заключил)."""
    EXACT = "exact"
    """The form as it stands."""
