"""The shipped config.yaml, and what the environment says besides it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from monitor.errors import ConfigError
from monitor.failpoints import Failpoints, nowhere
from monitor.protocols import Failpoint

_HARMLESS = ("PATH", "HOME", "LANG", "LC_", "TMPDIR", "TZ", "PYTHON", "VIRTUAL_ENV", "SSL_CERT_", "LD_LIBRARY", "COV")


def shipped_config() -> str:
    """Give the text of the shipped configuration."""
    return resources.files("monitor.config").joinpath("shipped.yaml").read_text(encoding="utf-8")


def write_default(folder: Path, name: str = "config.yaml") -> Path:
    """Write the shipped configuration into a folder; gives its path.

    Raises:
        ConfigError: a file of this name is there already, or the folder cannot be written.
    """
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(shipped_config())
    except FileExistsError as error:
        raise ConfigError((f"{path} is there already and was not touched; name another folder",)) from error
    except OSError as error:
        raise ConfigError((f"{path}: {error.strerror}; name a folder that you may write to",)) from error
    return path


def failpoints(environ: Mapping[str, str]) -> Failpoint:
    """Give the failpoints that $FAIL names; tests use them to kill the program at a known line."""
    text = environ.get("FAIL", "")
    return Failpoints.parse(text) if text else nowhere


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Give what a crawl's process may know of the environment: secrets stand there, and spiders are people's files."""
    return {name: value for name, value in environ.items() if name.startswith(_HARMLESS)}


def cache_folder(environ: Mapping[str, str], data: Path | None) -> Path:
    """Give where word lists are kept: below the data folder, else in the user's cache."""
    if data is not None:
        return data / "cache" / "words"
    base = environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "news-coverage-monitor" / "words"
