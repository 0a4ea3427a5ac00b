"""The language of a text by statistics, out of a file that is mapped and not loaded (py3langid's door).

py3langid's model and its numpy would take 60 MiB of a process for good. A child cuts the model to the languages
expected and writes it as plain arrays, 13 MB of them; a process has the pages in memory that its texts touch, and the
system may take them back. The method is py3langid's: Lui and Baldwin, "langid.py: An Off-the-shelf Language
Identification Tool" (2012), a naive Bayes classifier over sequences of bytes, which an automaton finds.

Run as `python -m monitor.language.statistics PARENT_PID FILE LANGUAGE...` it writes such a file.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import subprocess
import sys
import unicodedata
from array import array
from collections import Counter
from collections.abc import Collection, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from monitor.folders import keep_files_private, make_private
from monitor.lifeline import tie_to

# The automaton's states share rows. A row holds the bytes (letters) that lead elsewhere than from the first state, and
# where they lead (targets); begins tells where each row's letters are, first where all bytes lead from the first state.
_PARTS = (
    ("letters", "B"),
    ("targets", "I"),
    ("begins", "I"),
    ("first", "I"),
    ("rows", "I"),
    ("outputs", "i"),
    ("weights", "f"),
)
_LETTERS = [bytes([letter]) for letter in range(256)]
_HEAD = 4096  # bytes before the first array, so that each begins at a page
_LONGEST = 60.0  # seconds that the child may take; two are usual


class Statistics:
    """Tells languages apart. One object a process; the file is written with the first text that needs it."""

    def __init__(self, cache: Path | None) -> None:
        """Keep the file below `cache`; without it, or where it cannot be written, the library's own model is loaded."""
        self._cache = cache
        self._models: dict[tuple[str, ...], Any] = {}

    def __call__(self, text: str, languages: Collection[str]) -> str:
        """Give the likeliest of some languages."""
        wanted = tuple(sorted(languages))
        if wanted not in self._models:
            self._models[wanted] = (self._cache and _from_cache(self._cache, wanted)) or _library(wanted)
        return str(self._models[wanted].classify(text)[0])


class _Mapped:
    """A model in a file."""

    def __init__(self, head: dict[str, Any], mapped: mmap.mmap) -> None:
        view = memoryview(mapped)
        parts = {name: view[begin:end].cast(kind) for name, kind, begin, end in head["parts"]}
        self._classes: list[str] = head["classes"]
        self._priors: list[float] = head["priors"]
        self._mapped, self._letters = mapped, head["parts"][0][2]
        self._targets, self._begins, self._first = parts["targets"], parts["begins"], parts["first"]
        self._rows, self._outputs, self._weights = parts["rows"], parts["outputs"], parts["weights"]

    @classmethod
    def open(cls, file: Path) -> Self | None:
        """Map a file; None where there is none, or half of one."""
        try:
            with file.open("rb") as stream:
                head = json.loads(stream.read(_HEAD))
                mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            return cls(head, mapped) if len(mapped) == head["parts"][-1][3] else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def classify(self, text: str) -> tuple[str, float]:
        """Give the likeliest language with its score, as py3langid has it."""
        width = len(self._classes)
        scores = list(self._priors)
        for feature, count in self._features(text).items():
            weight = math.log1p(count)
            for place in range(width):
                scores[place] += weight * self._weights[feature * width + place]
        best = max(range(width), key=scores.__getitem__)
        return self._classes[best], scores[best]

    def _features(self, text: str) -> Counter[int]:
        """Walk the automaton over the bytes of a text and count what it finds."""
        text = unicodedata.normalize("NFC", text.lower() if text.isupper() else text)
        rows, outputs, begins, letters, state = self._rows, self._outputs, self._begins, self._letters, 0
        found = []
        for letter in text.encode("utf-8", "surrogatepass"):
            row = rows[state]
            at = self._mapped.find(_LETTERS[letter], letters + begins[row], letters + begins[row + 1])
            state = self._first[letter] if at < 0 else self._targets[at - letters]
            if outputs[state] >= 0:
                found.append(outputs[state])
        return Counter(found)


def _from_cache(cache: Path, languages: tuple[str, ...]) -> _Mapped | None:
    """Give the model in the cache, written by a child where it is missing; None where it cannot be."""
    file = cache / f"langid-{version('py3langid')}-{'-'.join(languages)}"[:200]
    if model := _Mapped.open(file):
        return model
    arguments = [sys.executable, "-P", "-m", "monitor.language.statistics", str(os.getpid()), str(file), *languages]
    try:
        make_private(cache)
        subprocess.run(arguments, check=True, timeout=_LONGEST, stdin=subprocess.DEVNULL, capture_output=True)  # noqa: S603 - ours
    except (OSError, subprocess.SubprocessError):
        return None
    return _Mapped.open(file)


def _library(languages: tuple[str, ...]) -> Any:  # noqa: ANN401 - the library's own class
    """Load the library's model, cut to some languages."""
    from py3langid import langid  # noqa: PLC0415 - most processes never need it

    whole = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    whole.set_languages([lang for lang in languages if lang in set(whole.labels)])
    return whole


def main(parent: str, file: str, *languages: str) -> None:
    """Write a model: another process may read it as soon as it has its name."""
    tie_to(int(parent))
    keep_files_private()
    model = _library(languages)
    arrays = {**_automaton(model.tk_nextmove, model.tk_row[0]), "rows": model.tk_row, "outputs": model.tk_output}
    arrays["weights"] = model.nb_ptc.astype("float32").ravel().tolist()
    parts, begin, packed = [], _HEAD, []
    for name, kind in _PARTS:
        packed.append(array(kind, arrays[name]).tobytes())
        packed[-1] += bytes(-len(packed[-1]) % 8)
        parts.append((name, kind, begin, begin + len(packed[-1])))
        begin += len(packed[-1])
    head = {"classes": list(model.nb_classes), "priors": model.nb_pc.tolist(), "parts": parts}
    target = Path(file)
    unnamed = target.with_name(f"{target.name}.{os.getpid()}")
    with unnamed.open("wb") as stream:
        stream.write(json.dumps(head).encode().ljust(_HEAD))
        stream.writelines(packed)
    unnamed.replace(target)


def _automaton(moves: Sequence[int], start: int) -> dict[str, Sequence[int]]:
    """Give the parts of the automaton whose rows of 256 moves follow each other."""
    first = moves[start * 256 : start * 256 + 256]
    letters, targets, begins = array("B"), array("I"), array("I", [0])
    for begin in range(0, len(moves), 256):
        row = moves[begin : begin + 256]
        others = [letter for letter in range(256) if row[letter] != first[letter]]
        letters.extend(others)
        targets.extend(row[letter] for letter in others)
        begins.append(len(letters))
    return {"letters": letters, "targets": targets, "begins": begins, "first": first}


if __name__ == "__main__":
    main(*sys.argv[1:])
