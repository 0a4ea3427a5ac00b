"""An alert explained: which words of which rule, in which sentences, and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from monitor.model import CUT_OFF, Article, Dispatch, Match, Rule, RuleVersion, TextState, Told
from monitor.render.passages import Piece, marked_title, passages


def account(told: Told) -> dict[str, object]:
    """Give all that led to an alert, as plain values; moments are aware UTC."""
    return {
        "alert": told.id,
        "recipient": told.recipient,
        "channel": told.channel,
        "kind": told.kind,
        "alerted_at": told.alerted_at,
        "edited_at": told.edited_at,
        "article": _article(told),
        "rules": [_rule(told, name) for name in told.rules],
        "delivery": _delivery(told.dispatch),
        "outages": [asdict(outage) for outage in told.outages],
    }


def sentences(article: Article, match: Match) -> list[dict[str, object]]:
    """Give the title, if it matched, and each passage that did: its text, and where in it the matched words stand."""
    kept = replace(
        match, words=tuple(word for word in match.words if _stands(article, word.field, word.start, word.form))
    )
    found: list[tuple[str, Sequence[Piece]]] = []
    if any(word.field == "title" for word in kept.words):
        found.append(("title", marked_title(article, [kept])))
    found += [(passage.field, passage.pieces) for passage in passages(article, [kept], most=None)]
    return [{"field": name, "text": "".join(_texts(pieces)), "marked": _places(pieces)} for name, pieces in found]


def asked_by(rule: Rule) -> dict[str, object]:
    """Give what a rule asks for, as plain values."""
    return {
        "query": rule.query,
        "when": rule.when,
        "languages": rule.languages,
        "sources": rule.sources,
        "mentions": rule.mentions,
        "concepts": dict(rule.concepts),
    }


def _stands(article: Article, field: str, start: int, form: str) -> bool:
    """Tell whether a word still stands where it stood; it does not where the text was purged."""
    texts = {"title": article.title, "summary": article.summary, "text": article.text}
    return texts[field].startswith(form, start)


def _texts(pieces: Iterable[Piece]) -> list[str]:
    return [piece.text for piece in pieces]


def _places(pieces: Iterable[Piece]) -> list[list[int]]:
    places, at = [], 0
    for piece in pieces:
        if piece.marked:
            places.append([at, at + len(piece.text)])
        at += len(piece.text)
    return places


def _article(told: Told) -> dict[str, object]:
    article = told.article
    left_out = [{"start": start, "end": end, "text": article.text[start:end]} for start, end in article.left_out]
    return {
        "id": article.id,
        "title": article.title,
        "outlet": article.outlet,
        "source": article.source,
        "language": article.language,
        "country": article.country,
        "url": article.url,
        "published_at": article.published_at,
        "first_seen_at": article.first_seen_at,
        "page_read_at": article.page_read_at,
        "version": told.revision,
        "edited_since": not told.current,
        "text": "gone" if _gone(told) else "kept",
        # An earlier version is kept without the places that were left out of it.
        "left_out": left_out if told.current and not _gone(told) else None,
    }


def _gone(told: Told) -> bool:
    """Tell whether the text was purged, or a word of the alert is no longer where it stood."""
    article = told.article
    purged = article.text_state is TextState.COMPLETE and not (article.text or article.summary)
    return purged or any(
        not _stands(article, word.field, word.start, word.form)
        for match in told.matches.values()
        for word in match.words
    )


def _rule(told: Told, name: str) -> dict[str, object]:
    """Give one rule of the alert; without a match it is one that a later reading of the article withdrew."""
    match = told.matches.get(name)
    mark = next((mark for mark in told.marks if mark.rule == name), None)
    return {
        "rule": name,
        **(_version(told.versions[name]) if match else {"version": None}),
        "words": [asdict(word) for word in match.words] if match else [],
        "sentences": sentences(told.article, match) if match else [],
        "mark": {"relevant": mark.relevant, "note": mark.note, "marked_at": mark.marked_at} if mark else None,
    }


def _version(version: RuleVersion) -> dict[str, object]:
    return {"version": version.rule.version, "since": version.since, **asked_by(version.rule)}


def _delivery(dispatch: Dispatch | None) -> dict[str, object] | None:
    """Give what became of the message; None while the alert waits to be in one."""
    if dispatch is None:
        return None
    return {
        "message_id": dispatch.message_id,
        "state": dispatch.state,
        "formed_at": dispatch.formed_at,
        "sent_at": dispatch.sent_at,
        "next_try_at": dispatch.next_try_at,
        "reply": dispatch.reply,
        "attempts": [asdict(tried) | {"cut_off": tried.reply == CUT_OFF} for tried in dispatch.tried],
    }
