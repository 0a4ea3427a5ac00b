"""Adding to config.yaml: lines go in where they belong, and not one byte around them changes.

A YAML library that writes a file anew lays it out anew: of the shipped one, a third of the lines would change. So the
place is found in the composed file, the new lines are put in as text, and the result is read again before it counts.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from monitor.config.entry import Entry, line_of, scalar
from monitor.config.load import load
from monitor.config.nodes import place_in, read
from monitor.errors import ConfigError


def add_sources(file: Path, entries: Sequence[Entry], *, environ: Mapping[str, str]) -> None:
    """Add sources to the list of a configuration, behind those that are there.

    Raises:
        ConfigError: it cannot be added to by a program, or would be wrong with them; it is as it was.
    """
    lines = [line_of(entry) for entry in entries]
    told = "\n".join(f"  - {line}" for line in lines)
    change = partial(with_items, key="sources", items=lines)
    _rewrite(file, "sources", len(entries), change, told=told, environ=environ)


def add_include(file: Path, name: str, *, environ: Mapping[str, str]) -> None:
    """Add a file or a pack to what a configuration includes.

    Raises:
        ConfigError: as above.
    """
    item = scalar(name)
    change = partial(with_items, key="include", items=[item], flow=True)
    _rewrite(file, "include", 1, change, told=item, environ=environ)


def with_items(text: str, key: str, items: Sequence[str], *, flow: bool = False) -> str:
    """Give a file's text with more items in the list of a key; with `flow`, a new list stands between brackets.

    Raises:
        ValueError: there is no place for them.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    place = place_in(text, key)
    if place is None:
        end = "" if not text or text.endswith("\n") else newline
        whole = f"{key}: [{', '.join(items)}]" if flow else f"{key}:{_block(items, 2, newline)}"
        return f"{text}{end}{whole}{newline}"
    before, after = text[: place.at], text[place.at :]
    if not place.flow:
        return before + _block(items, place.indent, newline) + after
    if place.empty is not None and not flow:  # [] makes room for a line each
        return text[: place.empty].rstrip() + _block(items, 2, newline) + after[1:]
    comma = "" if place.empty is not None else " " if before.rstrip().endswith(",") else ", "
    return before + comma + ", ".join(items) + after


def _block(items: Sequence[str], indent: int, newline: str) -> str:
    return "".join(f"{newline}{' ' * indent}- {item}" for item in items)


def _rewrite(
    file: Path, key: str, number: int, change: Callable[[str], str], *, told: str, environ: Mapping[str, str]
) -> None:
    """Change a file; `told` is what a person would have to add to `key` by hand."""
    by_hand = f"add this to {key}: yourself\n{told}"
    target = file.resolve()  # a link stays a link
    try:
        before = target.read_bytes()
        mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
        try:
            after = mark + change(before.removeprefix(mark).decode()).encode()
        except ValueError as error:
            raise ConfigError((f"{file}: {error}; {by_hand}",)) from error
        if not _only_more(before, after, key, number):
            raise ConfigError((f"{file}: the program does not see where {key}: ends; {by_hand}",))
        with _beside(target, after) as new:
            _check(new, file, environ)
            if target.read_bytes() != before:
                raise ConfigError((f"{file}: it was changed by somebody else meanwhile; try again",))
            new.replace(target)
    except OSError as error:
        raise ConfigError((f"{file}: {error.strerror}; {by_hand}",)) from error


def _only_more(before: bytes, after: bytes, key: str, number: int) -> bool:
    """Tell whether a file says the same as before, but for so many more items of a list."""
    old, new = read(before), read(after)
    if new.problems or not isinstance(new.value, dict):
        return False
    was, now = dict(old.value or {}), dict(new.value)
    had, has = was.pop(key, None) or [], now.pop(key, None)
    return was == now and isinstance(has, list) and len(has) == len(had) + number and has[: len(had)] == had


@contextlib.contextmanager
def _beside(target: Path, content: bytes) -> Iterator[Path]:
    """Write a file beside another one, with its permissions, for as long as it is needed."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new")
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            status = target.stat()
            os.fchmod(stream.fileno(), stat.S_IMODE(status.st_mode))
            with contextlib.suppress(PermissionError):
                os.fchown(stream.fileno(), status.st_uid, status.st_gid)
            stream.flush()
            os.fsync(stream.fileno())
        yield new
    finally:
        new.unlink(missing_ok=True)


def _check(new: Path, file: Path, environ: Mapping[str, str]) -> None:
    """Read the new file as the daemon will; what is wrong with it is told under the old one's name."""
    try:
        load(new, environ=environ)
    except ConfigError as error:
        told = tuple(problem.replace(str(new), str(file)).replace(new.name, file.name) for problem in error.problems)
        raise ConfigError((*told, f"{file} was not changed")) from error
