"""The analyser of commands that run once: word lists are read, or built, when the first word needs them."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from monitor.config import Config, cache_folder
from monitor.language import EXPECTED, Analyser, WordForms


def analyser_of(config: Config) -> Analyser:
    """Give the analyser that the daemon has with this configuration."""
    return analyser_in(config.data, config.languages)


def analyser_in(data: Path | None, languages: Collection[str] = EXPECTED) -> Analyser:
    """Give the analyser whose word lists are below a data folder, or where programs keep such things."""
    return Analyser(WordForms(cache_folder(os.environ, data), languages))
