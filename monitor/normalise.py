"""From drafts to articles, and which articles are the same: pure (decision 8 of the design).

In doubt two articles are two: a mail too many is a smaller fault than an article missed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor.churn import lasting, settled
from monitor.fulltext import made_up_title, text_state
from monitor.model import (
    Article,
    Draft,
    IdentityKey,
    KeyKind,
    Source,
    SourceState,
)
from monitor.text import blanked, paragraphs, spans
from monitor.urls import canonical_url, host_of, is_front, is_nameless

FLOOD = 30
FLOOD_SHARE = 0.8
_SAMPLE = 2000
_PART = "."  # in `Article.told`, between the fingerprint of all that was said and that of what lasts of it


def normalise(
    draft: Draft,
    source: Source,
    *,
    now: datetime,
    feed_language: str | None,
    detect: Callable[[str, str | None], str],
    baseline: bool,
) -> Article:
    """Give the article that a draft tells of, as it would be stored."""
    title = draft.title or made_up_title(draft)
    text = draft.text or ""
    sample = f"{title}\n{draft.summary}\n{text}"[:_SAMPLE]
    return Article(
        source=source.name,
        outlet=source.outlet,
        country=source.country,
        language=detect(sample, source.language or draft.language or feed_language),
        title=title,
        summary=draft.summary,
        text=text,
        author=draft.author,
        url=draft.url,
        canonical_url=canonical_url(draft.url) if draft.url else None,
        guid=draft.guid,
        published_at=draft.published_at,
        first_seen_at=now,
        text_state=text_state(draft, source),
        baseline=baseline,
        told=_fingerprint(title, draft.summary, text),
    )


def _fingerprint(*fields: str) -> str:
    """Give what tells whether a source says something else than before; blanks do not count."""
    content = "\0".join(" ".join(field.split()) for field in fields)
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:32]


def with_lasting_print(article: Article) -> Article:
    """Give an article whose `told` also says what of it lasts: with it, a clock or counter is told from an edit."""
    told = article.told.partition(_PART)[0]
    return replace(article, told=f"{told}{_PART}{_lasting_print(article)}")


def _lasting_print(article: Article) -> str:
    parts = sorted(lasting(article.title, article.summary, article.text).items())
    return _fingerprint(*(f"{number} {part}" for part, number in parts))


def identity_keys(
    article: Article, addresses: Callable[[str], Iterable[str]] = lambda _: ()
) -> tuple[IdentityKey, ...]:
    """Give everything an article is known by, strongest first; `addresses` gives those of an outlet's sources."""
    keys = []
    if article.canonical_url:
        keys.append(IdentityKey(kind=KeyKind.URL, value=article.canonical_url))
        if is_nameless(article.canonical_url):
            keys += _at_home(article.canonical_url, addresses(article.outlet))
    if article.guid:
        keys.append(IdentityKey(kind=KeyKind.GUID, value=article.guid, source=article.source))
    if article.title and article.published_at:
        stamp = f"{article.published_at:%Y-%m-%dT%H:%M:%SZ} {article.title}"
        keys.append(IdentityKey(kind=KeyKind.TITLE, value=stamp, source=article.source))
    if not article.canonical_url or is_front(article.canonical_url):
        content = f"{article.title}\0{article.summary}\0{article.text}"
        digest = hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()
        keys.append(IdentityKey(kind=KeyKind.CONTENT, value=digest, source=article.source))
    return tuple(keys)


def claim_of(article: Article, address: str | None = None) -> IdentityKey | None:
    """Give what an article is known by under an address that a page gave as its own; None where that tells nothing.

    Sites are known to give one address as that of all their pages, or that of another article. So it counts together
    with the title alone, and never where it is a front page. `address` is the claim; else the article's own is meant.
    """
    url = canonical_url(address) if address else article.canonical_url
    if url is None or not urlsplit(url).path.strip("/") or not article.title:
        return None
    return IdentityKey(kind=KeyKind.CLAIM, value=f"{url} {' '.join(article.title.casefold().split())}")


def _at_home(mirror: str, addresses: Iterable[str]) -> list[IdentityKey]:
    """Give the key of an article on a mirror as it stands on its outlet's own host, if that has one alone.

    Outlets that are blocked show their pages under changing names of a delivery network too; the path stays. Of several
    hosts, editions above all, each may have another article under that path.
    """
    parts = urlsplit(mirror)
    hosts = {host_of(url).removeprefix("www.") for url in addresses if not is_nameless(url)} - {""}
    if len(hosts) != 1 or not parts.path.strip("/"):
        return []
    return [IdentityKey(kind=KeyKind.URL, value=canonical_url(parts._replace(netloc=hosts.pop()).geturl()))]


@dataclass(frozen=True, slots=True)
class New:
    """An article never seen before."""


@dataclass(frozen=True, slots=True)
class Known:
    """The article with this id."""

    article_id: int


@dataclass(frozen=True, slots=True)
class Twin:
    """The same article as an earlier entry of this fetch, by its number."""

    entry: int


Verdict = New | Known | Twin


def identify(
    entries: Sequence[tuple[IdentityKey, ...]], found: Mapping[IdentityKey, int], *, guids_unusable: bool
) -> tuple[tuple[Verdict, ...], bool]:
    """Decide what each entry of a fetch is; also gives whether this source's guids tell articles apart at all."""
    unusable = guids_unusable or _shared_guids(entries)
    verdicts: list[Verdict] = []
    here: dict[IdentityKey, int] = {}
    for number, keys in enumerate(entries):
        usable = _usable(keys, guids_unusable=unusable)
        known = next((found[key] for key in usable if key in found), None)
        twin = next((here[key] for key in usable if key in here), None)
        verdicts.append(Known(known) if known is not None else Twin(twin) if twin is not None else New())
        for key in usable:
            here.setdefault(key, number)
    return tuple(verdicts), unusable


def _shared_guids(entries: Sequence[tuple[IdentityKey, ...]]) -> bool:
    """Tell whether one guid stands on two entries that are not one article by their addresses."""
    by_guid: dict[IdentityKey, set[IdentityKey | None]] = {}
    count: Counter[IdentityKey] = Counter()
    for keys in entries:
        by_kind = {key.kind: key for key in keys}
        if guid := by_kind.get(KeyKind.GUID):
            count[guid] += 1
            by_guid.setdefault(guid, set()).add(by_kind.get(KeyKind.URL) or by_kind.get(KeyKind.TITLE))
    return any(number > 1 and len(by_guid[guid]) > 1 for guid, number in count.items())


def _usable(keys: Sequence[IdentityKey], *, guids_unusable: bool) -> list[IdentityKey]:
    """Give the keys that decide: title and time only where address or guid is missing, content only where all is."""
    kinds = {key.kind for key in keys if not (guids_unusable and key.kind is KeyKind.GUID)}
    if {KeyKind.URL, KeyKind.GUID} <= kinds:
        kinds.discard(KeyKind.TITLE)
    if kinds != {KeyKind.CONTENT}:
        kinds.discard(KeyKind.CONTENT)
    return [key for key in keys if key.kind in kinds]


def changed(old: Article, new: Article) -> bool:
    """Tell whether the outlet edited an article; white space, clocks, counters and a text it lacks now do not count.

    What the source says now is compared with what it said then: its text may have been purged, or be that of the page.
    """
    all_of_it, _, lasts = old.told.partition(_PART)
    if all_of_it and all_of_it == new.told.partition(_PART)[0]:
        return False
    if lasts and lasts == _lasting_print(new):
        return False
    if old.page_read_at is not None:
        return bool(all_of_it)
    return any(
        after and lasting(after) != lasting(before)
        for before, after in ((old.title, new.title), (old.summary, new.summary), (old.text, new.text))
    )


def new_passages(old: Article, new: Article, earlier: Iterable[str] = ()) -> Article:
    """Give the new version with blanks for all that was there before: what an update is matched on.

    `earlier` are the texts of versions before the old one: what was taken out and comes back is not new. Nor is a
    clock, a counter, or a passage that replaces one which differs by those alone. What is new stands where it stands
    in the article.
    """
    left = _passages(old.title, old.summary, old.text)
    before = left.union(*(_passages(text) for text in earlier))
    gone = {settled(part) for part in left - _passages(new.title, new.summary, new.text)} | {""}

    def fresh(text: str) -> str:
        known = []
        for start, end in spans(text):
            part = _folded(text[start:end])
            if part in before or settled(part) in gone:
                known.append((start, end))
        return blanked(text, known)

    title = fresh(new.title)
    return replace(new, title=title if title.strip() else "", summary=fresh(new.summary), text=fresh(new.text))


def _passages(*texts: str) -> set[str]:
    return {_folded(part) for text in texts for part in paragraphs(text)}


def _folded(text: str) -> str:
    return " ".join(text.split())


def is_baseline(published_at: datetime | None, state: SourceState) -> bool:
    """Tell whether an entry was there before its source was added: only a first visit shows such entries."""
    return state.first_good_at is None and (published_at is None or published_at <= state.added_at)


def is_flood(new: Sequence[Article], state: SourceState) -> bool:
    """Tell whether a known feed's new entries look like an import: many, and most dated before the last good visit.

    A real backlog is dated after it, so days offline are no flood.
    """
    if state.last_good_at is None or len(new) < FLOOD:
        return False
    last = state.last_good_at - timedelta(minutes=1)
    old = sum(article.published_at is None or article.published_at < last for article in new)
    return old > FLOOD_SHARE * len(new)
