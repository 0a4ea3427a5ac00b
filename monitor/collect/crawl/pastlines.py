"""What parent and child say to each other about an outlet's past; see `lines`."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from monitor.collect.crawl.lines import Line
from monitor.errors import SourceError
from monitor.model import Lead, Look, PastOrder, Period, Way


def past_line(past: PastOrder) -> dict[str, Any]:
    """Give what is looked for."""
    period = {name: getattr(past.period, name).isoformat() for name in ("since", "until", "latest")}
    return {"way": past.way, "pages": past.pages, **period}


def past_of(told: Line) -> PastOrder:
    """Give what a line says is looked for."""
    period = Period(**{name: datetime.fromisoformat(told[name]) for name in ("since", "until", "latest")})
    return PastOrder(period=period, way=Way(told["way"]), pages=told["pages"])


def look_line(look: Look) -> dict[str, Any]:
    """Give what a page of the past showed; what is empty is left out."""
    told = {field.name: getattr(look, field.name) for field in fields(look)}
    told |= {name: told[name].isoformat() for name in ("oldest", "newest") if told[name] is not None}
    told["leads"] = [[lead.url, lead.way] for lead in look.leads]
    return {name: value for name, value in told.items() if value not in (None, "", 0, [])}


def look_of(told: Line) -> Look:
    """Give what a line says that a page showed.

    Raises:
        SourceError: crawl_broken; it names what no look has.
    """
    try:
        moments = {name: datetime.fromisoformat(told[name]) for name in ("oldest", "newest") if name in told}
        leads = tuple(Lead(url=url, way=Way(way)) for url, way in told.get("leads", ()))
        return Look(**{**told, **moments, "way": Way(told["way"]), "leads": leads})
    except (TypeError, ValueError, KeyError) as error:
        raise SourceError("crawl_broken", f"no look: {error}") from error
