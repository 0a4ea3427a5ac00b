"""What came of visiting a source once, in a line, and what helps: a table (docs/errors.md has it in full)."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.model import Check, fine, noted, wrong

_REMEDIES: Mapping[str, str] = {
    "dns": "is its address in config.yaml right? monitor sources add OUTLET finds another",
    "connect": "wait; all sources at once: is the network up?",
    "timeout": "wait, or raise limits.connect, first_byte or request",
    "tls": "the outlet must mend it; verify_tls: false accepts any certificate of this source",
    "blocked_address": "if it is yours: allow_private: [its network] for this source",
    "http_401": "ask the outlet, or find another feed of it: monitor sources add OUTLET",
    "http_403": "ask the outlet, or find another feed of it: monitor sources add OUTLET",
    "http_404": "find its new address: monitor sources add OUTLET",
    "http_410": "find its new address: monitor sources add OUTLET",
    "challenge_page": "ask the outlet, or find another feed of it: monitor sources add OUTLET",
    "not_a_feed": "find its feed: monitor sources add OUTLET",
    "robots_disallowed": "robots: ignore for this source, if you may",
    "too_large": "raise limits.feed_bytes, if the outlet is honest",
}
_PAUSED = "host_paused"


def source_failed(name: str, kind: str, detail: str, *, lately: bool = False) -> Check:
    """Give the check of a source that could not be read; that its host asked to be left alone is no fault.

    `lately` tells that it was read before, and has not failed for so long that `monitor status` calls for somebody.
    """
    told = f"{kind}: {detail}" if detail else kind
    if kind == _PAUSED:
        return noted(f"source {name}", told, "monitor status says until when")
    remedy = _REMEDIES.get(kind, f"monitor sources test {name}; docs/errors.md")
    if lately:
        return noted(f"source {name}", told, f"it was read before, this may be a bad hour; if it stays so: {remedy}")
    return wrong(f"source {name}", told, remedy)


def source_read(name: str, *, entries: int, status: int | None, error: str | None) -> Check:
    """Give the check of a source that was read, wholly or in part."""
    told = ("1 entry" if entries == 1 else f"{entries} entries") + (f", HTTP {status}" if status else "")
    if error:
        return noted(f"source {name}", f"{told}; in part: {error}", f"monitor sources test {name}")
    return fine(f"source {name}", told)
