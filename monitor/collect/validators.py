"""HTTP validators between what is remembered and what is sent (RFC 9110, sections 8.8 and 13.1)."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.collect.http import Response
from monitor.model import Validators


def conditions(validators: Validators) -> Mapping[str, str]:
    """Give the conditional headers, byte for byte; a validator that is no UTF-8 cannot be sent and is left out."""
    pairs = (("If-None-Match", validators.etag), ("If-Modified-Since", validators.last_modified))
    headers = {}
    for name, value in pairs:
        try:
            text = value.decode() if value else ""
        except UnicodeDecodeError:
            continue
        if text.isprintable() and text:
            headers[name] = text
    return headers


def validators_of(response: Response, before: Validators) -> Validators:
    """Give what the answer says, or what was remembered where a 304 says nothing."""
    return Validators(
        etag=response.headers.get("etag", before.etag),
        last_modified=response.headers.get("last-modified", before.last_modified),
    )
