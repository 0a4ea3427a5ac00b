"""Between values and rows: times as `2026-11-23T14:00:00Z`, lists as JSON arrays."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from monitor.model import (
    Alert,
    Article,
    ConceptVersion,
    ConceptWord,
    IdentityKey,
    KeyKind,
    Match,
    MatchedWord,
    Message,
    MessageState,
    Rule,
    TextState,
    When,
)

_LONGEST_KEY = 200
ARTICLE_COLUMNS = (
    "id, source, outlet, country, language, title, summary, text, author, url, canonical_url, guid, published_at,"
    " first_seen_at, text_state, baseline, revision, told, page_read_at, site, left_out, gone_at, backfill"
)
MESSAGE_COLUMNS = (
    'id, message_id, recipient, channel, "group", subject, raw, state, attempts, created_at, next_try_at, reply'
)
_VERSIONED = frozenset({"title", "summary", "text"})  # what a revision keeps of an article
Row = Sequence[Any]


def written(moment: datetime | None) -> str | None:
    """Give a time as it is written; the fraction of a second is dropped."""
    if moment is None:
        return None
    # isoformat pads the year to four digits, which strftime does not.
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def read(text: str | None) -> datetime | None:
    """Give a written time, aware UTC."""
    return datetime.fromisoformat(text) if text else None


def moment(text: str) -> datetime:
    """Give a written time that is always there, aware UTC."""
    return datetime.fromisoformat(text)


def article_of(row: Row) -> Article:
    """Give an article from ARTICLE_COLUMNS."""
    return Article(
        id=row[0],
        source=row[1],
        outlet=row[2],
        country=row[3],
        language=row[4],
        title=row[5],
        summary=row[6],
        text=row[7],
        author=row[8],
        url=row[9],
        canonical_url=row[10],
        guid=row[11],
        published_at=read(row[12]),
        first_seen_at=moment(row[13]),
        text_state=TextState(row[14]),
        baseline=bool(row[15]),
        revision=row[16],
        told=row[17],
        page_read_at=read(row[18]),
        site=row[19],
        left_out=tuple((start, end) for start, end in json.loads(row[20])),
        gone_at=read(row[21]),
        backfill=row[22],
    )


def message_of(row: Row) -> Message:
    """Give a message from MESSAGE_COLUMNS."""
    return Message(
        id=row[0],
        message_id=row[1],
        recipient=row[2],
        channel=row[3],
        group=row[4],
        subject=row[5],
        raw=row[6],
        state=MessageState(row[7]),
        attempts=row[8],
        created_at=moment(row[9]),
        next_try_at=moment(row[10]),
        reply=row[11],
    )


def key_row(key: IdentityKey) -> tuple[str, str, str]:
    """Give an identity key as its three columns; long values are hashed."""
    value = key.value
    if len(value) > _LONGEST_KEY:
        value = "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return (key.kind.value, "" if key.kind is KeyKind.URL else key.source or "", value)


def words_json(match: Match) -> str:
    """Give a match's words as a JSON array of [field, start, end, form, term], and the concept where there is one."""
    words = [
        [word.field, word.start, word.end, word.form, word.term, *([word.concept] if word.concept else [])]
        for word in match.words
    ]
    return json.dumps(words, ensure_ascii=False)


def rule_names(alert: Alert) -> str:
    """Give the names of an alert's rules as a JSON array."""
    return json.dumps([match.rule for match in alert.matches], ensure_ascii=False)


def alert_words(alert: Alert) -> str:
    """Give the words that an alert is about as a JSON array, each once."""
    words = dict.fromkeys(word.form for match in alert.matches for word in match.words)
    return json.dumps(list(words), ensure_ascii=False)


def scope_json(rule: Rule) -> str:
    """Give a rule's scope as a JSON object; `mentions` and `concepts` stand in it where there is something to say."""
    scope: dict[str, object] = {"languages": rule.languages, "sources": rule.sources, "when": rule.when}
    scope |= {"mentions": rule.mentions} if rule.mentions > 1 else {}
    scope |= {"concepts": dict(rule.concepts)} if rule.concepts else {}
    return json.dumps(scope, sort_keys=True)


def rule_of(row: Row) -> Rule:
    """Give a version of a rule from name, version, query and scope."""
    scope = json.loads(row[3])
    return Rule(
        name=row[0],
        version=row[1],
        query=row[2],
        to=(),
        when=tuple(map(When, scope["when"])),
        languages=tuple(scope["languages"]),
        sources=tuple(scope["sources"]),
        mentions=scope.get("mentions", 1),
        concepts=tuple(scope.get("concepts", {}).items()),
    )


def concept_json(concept: ConceptVersion) -> str:
    """Give a concept's words as a JSON array of [text, language or null, sense]."""
    return json.dumps([[word.text, word.lang, word.sense] for word in concept.words], ensure_ascii=False)


def concept_of(row: Row) -> ConceptVersion:
    """Give a concept from name, digest and words."""
    words = (ConceptWord(text=text, lang=lang, sense=sense) for text, lang, sense in json.loads(row[2]))
    return ConceptVersion(name=row[0], digest=row[1], words=tuple(words))


def match_of(rule: str, version: int, words: str) -> Match:
    """Give a match from its row."""
    fields = (
        MatchedWord(field=w[0], start=w[1], end=w[2], form=w[3], term=w[4], concept=next(iter(w[5:]), None))
        for w in json.loads(words)
    )
    return Match(rule=rule, version=version, words=tuple(fields))


def versioned(columns: str) -> str:
    """Give an article's columns as they were in the version of a revision `r`, where that is an earlier one."""
    return ", ".join(
        f"coalesce(r.{name}, articles.{name})" if name in _VERSIONED else f"articles.{name}"
        for name in columns.split(", ")
    )


def marks(number: int) -> str:
    """Give `?, ?, ?` for so many values."""
    return ", ".join("?" * number)
