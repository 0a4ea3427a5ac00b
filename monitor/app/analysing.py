"""The analyser of a process that runs for long: its word lists are built where they are missing, and kept warm."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

from monitor.config import Config, cache_folder
from monitor.errors import StoreError
from monitor.language import Analyser, WordForms, missing_lists
from monitor.protocols import Log


async def prepare(config: Config, *, log: Log) -> None:
    """Build the word lists that a configuration needs and that are missing: what takes long of its start."""
    cache = cache_folder(os.environ, config.data)
    if missing := missing_lists(cache, config.languages):
        log.info("building_word_lists", languages=missing)
        await _build_word_lists(cache, missing)


async def make_analyser(cache: Path, languages: Collection[str], log: Log) -> Analyser:
    """Give the analyser with its word lists, built first where they are missing (some seconds, once).

    Raises:
        StoreError: their folder cannot be made.
    """
    if missing := missing_lists(cache, languages):
        log.info("building_word_lists", languages=missing)
        await _build_word_lists(cache, missing)
    try:
        forms = WordForms(cache, languages)
    except OSError as error:
        raise StoreError(f"{cache}: {error.strerror}") from error
    for lang in languages:
        await asyncio.to_thread(forms.warm, lang)
    return Analyser(forms)


async def _build_word_lists(cache: Path, languages: Iterable[str]) -> None:
    """Build in a child; should it fail, the lists are built here, which only takes more memory."""
    arguments = (str(os.getpid()), str(cache), *languages)
    child = await asyncio.create_subprocess_exec(sys.executable, "-P", "-m", "monitor.language.build", *arguments)
    try:
        await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
