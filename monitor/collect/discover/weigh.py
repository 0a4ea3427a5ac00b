"""What candidates are worth: pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.fulltext import COMPLETE_TEXT
from monitor.model import Candidate, Draft, Origin, SourceKind, Texts
from monitor.urls import canonical_url

Detect = Callable[[str, str | None], str]
_SAMPLE = 30  # articles whose words tell the language
_ASLEEP = timedelta(days=180)
_NEWEST = 3
_ALIKE = 0.8
_SURE = tuple(Origin)


def candidate(
    drafts: Sequence[Draft],
    *,
    kind: SourceKind,
    url: str,
    origin: Origin,
    outlet: str,
    hint: str | None,
    detect: Detect,
    now: datetime,
) -> Candidate:
    """Give what a source shows, in figures; `hint` is the language that it declares."""
    moments = sorted((draft.published_at for draft in drafts if draft.published_at), reverse=True)
    newest = sorted(
        drafts, key=lambda draft: draft.published_at or datetime.min.replace(tzinfo=now.tzinfo), reverse=True
    )
    words = "\n".join(f"{draft.title}\n{draft.summary[:200]}" for draft in drafts[:_SAMPLE])
    language = detect(words, hint)
    return Candidate(
        kind=kind,
        url=url,
        origin=origin,
        outlet=outlet,
        language=None if language == "und" else language,
        entries=len(drafts),
        per_day=_per_day(moments, now),
        texts=_texts(drafts),
        newest=tuple(newest[:_NEWEST]),
        asleep=bool(moments) and now - moments[0] > _ASLEEP,
    )


def _per_day(moments: Sequence[datetime], now: datetime) -> float | None:
    """Give how many articles come a day, going by their dates, of which those in the future tell nothing."""
    past = [moment for moment in moments if moment <= now]
    if len(past) < 3:  # noqa: PLR2004 - two dates are one gap, which may be any
        return None
    span = (past[0] - past[-1]) / timedelta(days=1)
    return (len(past) - 1) / span if span else None


def _texts(drafts: Sequence[Draft]) -> Texts:
    half = len(drafts) / 2
    if sum(len(draft.text or "") >= COMPLETE_TEXT for draft in drafts) > half:
        return Texts.FULL
    return Texts.SUMMARY if sum(bool(draft.text or draft.summary) for draft in drafts) > half else Texts.TITLES


def ordered(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Give the candidates best first, those that show the same articles as one."""
    best: list[Candidate] = []
    for one in sorted(candidates, key=_worth):
        twin = next((number for number, other in enumerate(best) if _same(one, other)), None)
        if twin is None:
            best.append(one)
        elif one.url not in {best[twin].url, *best[twin].also}:
            best[twin] = replace(best[twin], also=(*best[twin].also, one.url))
    return tuple(best)


def best_of_each_language(candidates: Sequence[Candidate], expected: Collection[str] = ()) -> tuple[Candidate, ...]:
    """Give the first of each language, of candidates that are in order.

    Where some are in languages that are `expected`, others do not count; nor do those whose language nothing tells,
    where it is told of some.
    """
    best: dict[str | None, Candidate] = {}
    for one in candidates:
        best.setdefault(one.language, one)
    known = [one for language, one in best.items() if language in expected]
    return tuple(known or [one for language, one in best.items() if language] or best.values())


def _worth(one: Candidate) -> tuple[object, ...]:
    return one.asleep, _SURE.index(one.origin), one.texts is not Texts.FULL, -one.entries


def _same(one: Candidate, other: Candidate) -> bool:
    """Tell whether two show the same articles: most of the newest of the one are among those of the other."""
    if canonical_url(one.url) == canonical_url(other.url):
        return True
    here, there = ({canonical_url(draft.url) for draft in each.newest if draft.url} for each in (one, other))
    return bool(here) and len(here & there) >= _ALIKE * min(len(here), len(there))
