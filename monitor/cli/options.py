"""Options and values that several commands share."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial, wraps
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from monitor.config import Config, likely_data_folder, load
from monitor.errors import ConfigError
from monitor.model import Network

P = ParamSpec("P")
T = TypeVar("T")
DEFAULT_CONFIG = Path("config.yaml")
_SPAN = re.compile(r"(\d+)([smhdw])")
_DIGITS = re.compile("[0-9]{1,19}")
_LARGEST = 2**63 - 1  # SQLite, "Datatypes": INTEGER
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the configuration and the data are, as the person said."""

    config: Path
    data: Path | None

    def load(self) -> Config:
        """Read the configuration.

        Raises:
            ConfigError: with every problem of the file.
        """
        return load(self.config, environ=os.environ, data=self.data)

    def data_folder(self) -> Path:
        """Give the data folder, also where the configuration is broken or may not be read: then by what can be told."""
        try:
            return self.load().data
        except ConfigError:
            return likely_data_folder(self.config, environ=os.environ, given=self.data)

    def load_with_spiders(self) -> Config:
        """Read the configuration and the spiders that it names, as whoever visits sources must.

        Raises:
            ConfigError: with every problem of the file and of the spiders.
        """
        from monitor.app import read_spiders  # noqa: PLC0415 - keeps `--help` quick

        spiders = partial(read_spiders, environ=os.environ)
        return load(self.config, environ=os.environ, data=self.data, spiders=spiders)


def placed(command: Callable[Concatenate[Place, P], T]) -> Callable[..., T]:
    """Give a command `--config` and `--data`, handed over as its first argument."""

    @click.option(
        "--config",
        "config_file",
        # Whether it may be read is said by whoever reads it: click would call it wrong usage.
        type=click.Path(dir_okay=False, readable=False, path_type=Path),
        default=DEFAULT_CONFIG,
        show_default=True,
        envvar="MONITOR_CONFIG",
        metavar="FILE",
        help="The configuration; also $MONITOR_CONFIG.",
    )
    @click.option(
        "--data",
        type=click.Path(file_okay=False, readable=False, path_type=Path),
        metavar="DIR",
        help="The data folder, instead of the one in the configuration.",
    )
    @wraps(command)
    def with_place(config_file: Path, data: Path | None, *args: P.args, **kwargs: P.kwargs) -> T:
        return command(Place(config_file, data), *args, **kwargs)

    return with_place


def json_option(command: Callable[..., T]) -> Callable[..., T]:
    """Give a command `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="JSON Lines, UTF-8.")(command)


class Moment(click.ParamType[datetime]):
    """A time: `7d` (ago), `2026-11-23` or `2026-11-23T14:00` (UTC unless it says otherwise)."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401 - click's
        """Read a time; aware UTC."""
        if isinstance(value, datetime):
            return value
        if match := _SPAN.fullmatch(value):
            return datetime.now(UTC) - timedelta(**{_UNITS[match[2]]: int(match[1])})
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time; write 24h, 7d, 2026-11-23 or 2026-11-23T14:00", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


class LanguageCode(click.ParamType[str]):
    """A language: `ru`; of `en-US` or `EN`, as browsers and pages write them, the language alone."""

    name = "LANG"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's
        """Read a code; small letters."""
        code = re.fullmatch(r"([a-z]{2,3})(?:[-_][a-z0-9]+)*", value.lower())
        if code is None:
            self.fail(f"{value!r} is no language code; write two letters, such as en, ru, hy, az, ka or tr", param, ctx)
        return code[1]


class Number(click.ParamType[int]):
    """The number of something that is stored; `where` says in a few words where people find it."""

    name = "N"

    def __init__(self, where: str, *, least: int = 1) -> None:
        """Take whole numbers from `least` on, as far as a database counts."""
        self._where = where
        self._least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 - click's
        """Read a number."""
        text = str(value)
        number = int(text) if _DIGITS.fullmatch(text) else -1
        if not self._least <= number <= _LARGEST:
            self.fail(f"{text!r} is no such number; {self._where}", param, ctx)
        return number


class NetworkRange(click.ParamType[Network]):
    """A network: `10.1.2.0/24`, or one address."""

    name = "NET"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Network:  # noqa: ANN401 - click's
        """Read a network."""
        if isinstance(value, IPv4Network | IPv6Network):
            return value
        try:
            return ip_network(value)
        except ValueError:
            self.fail(f"{value!r} is no network; write one such as 10.1.2.0/24 or 127.0.0.1", param, ctx)
