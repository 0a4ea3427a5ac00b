"""Where in a person's own file something went wrong: what the author of a spider must know, and no more."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path

_LONGEST = 400
_MOST_FRAMES = 8


class Blame:
    """Finds the lines of spiders in tracebacks; `folders` are those that hold spiders."""

    def __init__(self, folders: Sequence[str]) -> None:
        """Take the folders, people's own and the built-in one."""
        self._folders = [Path(folder).resolve() for folder in folders]

    def told(self, error: BaseException) -> str:
        """Give an error as one line: `my-spiders/echo.py:12, in parse: KeyError: 'href'`."""
        what = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
        ours = self._frames(error)
        where = f"{self.named(ours[-1].filename)}:{ours[-1].lineno}, in {ours[-1].name}: " if ours else ""
        return f"{where}{what}"[:_LONGEST]

    def trimmed(self, error: BaseException) -> str:
        """Give the traceback as text, with the frames of spiders alone where there are any."""
        ours = self._frames(error)[-_MOST_FRAMES:]
        frames = ours or traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
        return "".join([*traceback.format_list(frames), *traceback.format_exception_only(error)]).rstrip()

    def named(self, file: str) -> str:
        """Give a spider's file by its folder's name and its own, as people speak of it."""
        path = Path(file).resolve()
        folder = self._folder_of(path)
        return str(path.relative_to(folder.parent)) if folder else file

    def _frames(self, error: BaseException) -> list[traceback.FrameSummary]:
        frames = traceback.extract_tb(error.__traceback__)
        return [frame for frame in frames if self._folder_of(Path(frame.filename).resolve())]

    def _folder_of(self, path: Path) -> Path | None:
        return next((folder for folder in self._folders if path.is_relative_to(folder)), None)
