"""Pages on the line between parent and child: what is ordered, and a page as it came, where it is to be kept."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from typing import Any

from monitor.collect.crawl.lines import Line, source_line, source_of
from monitor.errors import SourceError
from monitor.model import Page, PageOrder, Snapshot, Validators
from monitor.packing import pack

_LONGEST = 8 * 1024 * 1024  # of a packed page, half of what a line may have


def order_line(order: PageOrder) -> dict[str, Any]:
    """Give an order as a line has it; validators as text, byte for byte."""
    held = {"etag": order.validators.etag, "last_modified": order.validators.last_modified}
    told = {name: value.decode("latin-1") for name, value in held.items() if value is not None}
    return {"id": order.article_id, "url": order.url, "source": source_line(order.source), **told}


def order_of(told: Line) -> PageOrder:
    """Give the order that a line tells of."""
    return PageOrder(
        article_id=told["id"], url=told["url"], source=source_of(told["source"]), validators=validators_in(told)
    )


def validators_in(told: Line) -> Validators:
    """Give the validators that a line tells of."""
    etag, modified = told.get("etag"), told.get("last_modified")
    return Validators(
        etag=etag.encode("latin-1", "replace") if etag else None,
        last_modified=modified.encode("latin-1", "replace") if modified else None,
    )


def raw_line(page: Page) -> dict[str, Any]:
    """Give a page as it came, packed; nothing where it is not to be kept, or too large for a line."""
    packed = pack(page.body) if page.kept else b""
    if not page.kept or len(packed) > _LONGEST:
        return {}
    return {
        "raw": {
            "url": page.url,
            "status": page.status,
            "headers": page.headers,
            "sha256": hashlib.sha256(page.body).hexdigest(),
            "size": len(page.body),
            "packed": b64encode(packed).decode("ascii"),
        }
    }


def snapshot_in(told: Line) -> Snapshot | None:
    """Give the page that a line brings.

    Raises:
        SourceError: crawl_broken; it names what no page has.
    """
    if (raw := told.get("raw")) is None:
        return None
    try:
        headers = tuple((name, value) for name, value in raw["headers"])
        packed = b64decode(raw["packed"], validate=True)
        return Snapshot(**{**raw, "headers": headers, "packed": packed})
    except (TypeError, ValueError, KeyError) as error:
        raise SourceError("crawl_broken", f"no page: {error}") from error
