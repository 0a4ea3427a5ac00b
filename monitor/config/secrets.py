"""Secrets: from the environment or a file of their own, never from config.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_WHOLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class SecretError(ValueError):
    """A secret cannot be had; says what would be right."""


def from_environment(value: str, environ: Mapping[str, str]) -> str:
    """Give the value of `${NAME}`; text that is no reference is refused."""
    match = _WHOLE.fullmatch(value.strip())
    if not match:
        raise SecretError("a password must not stand in this file; write ${SMTP_PASSWORD} or use password_file:")
    if match[1] not in environ:
        raise SecretError(f"the environment has no {match[1]}; set it before the program starts, or use password_file:")
    return environ[match[1]]


def from_file(path: Path) -> tuple[str, str | None]:
    """Give a file's first line, and a warning where others may read it."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"{path} cannot be read ({error}); write the password into it, mode 0600") from error
    if not lines or not lines[0].strip():
        raise SecretError(f"{path} is empty; write the password into its first line")
    return lines[0].strip(), f"{path} may be read by others; chmod 600 {path}" if mode & 0o077 else None


def expand(value: str, environ: Mapping[str, str]) -> str:
    """Replace each `${NAME}` in a text that is no secret."""

    def value_of(match: re.Match[str]) -> str:
        if match[1] not in environ:
            raise SecretError(f"the environment has no {match[1]}; set it, or write the value here")
        return environ[match[1]]

    return _WHOLE.sub(value_of, value)
