"""Secrets taken out of texts, in every spelling they may be written in by accident."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

HIDDEN = "***"


class Redaction:
    """Replaces secrets: as written, URL-encoded, in base64, and as Python would quote them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Prepare one pattern of all spellings."""
        spellings = {form for secret in secrets if secret for form in _spellings(secret)}
        longest_first = sorted(spellings, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if spellings else None

    def __call__(self, text: str) -> str:
        """Give a text without the secrets."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text


def _spellings(secret: str) -> set[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    return {
        secret,
        quote(raw, safe=""),
        quote_plus(raw),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
        repr(secret)[1:-1],
    }
