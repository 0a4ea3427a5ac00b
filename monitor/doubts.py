"""Keys that do not tell, as what they stand on or lead to is another article: pure (decision 8 of the design).

In doubt it is a new article: one missed is the worst, a mail too many the second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from monitor.fulltext import made_up_title
from monitor.model import Article, Draft, IdentityKey, KeyKind
from monitor.urls import canonical_url, is_front, is_root, web_url

Entry = tuple[Article, tuple[IdentityKey, ...]]


def doubtful(entries: Iterable[Entry], found: Mapping[IdentityKey, int]) -> set[int]:
    """Give the stored articles that are to be looked at before the keys that led to them decide."""
    wanted = set()
    for article, keys in entries:
        if (guid := _guid_alone(keys, found)) is not None:
            wanted.add(found[guid])
        elif _at_front(article):
            wanted |= {found[key] for key in keys if key.kind is KeyKind.URL and key in found}
    return wanted


def telling(
    entries: Sequence[Entry], found: Mapping[IdentityKey, int], stored: Mapping[int, Article]
) -> list[tuple[IdentityKey, ...]]:
    """Give the keys of each entry without the address of a front or section page that other articles have too.

    A guid that is that same address goes with it.
    """
    crowded = _crowded([article for article, _ in entries if _at_front(article)])
    told = []
    for article, keys in entries:
        if article.canonical_url in crowded or (
            _at_front(article) and (_at_root(article) or _another_there(article, keys, found, stored))
        ):
            lost = {KeyKind.URL} if _own_guid(article) else {KeyKind.URL, KeyKind.GUID}
            left = tuple(key for key in keys if key.kind not in lost)
            says = tuple(key for key in left if key.kind is KeyKind.CONTENT and key in found)
            # What says the very same is the same: guid and time may be those of the fetch.
            told.append(says if says and not any(key in found for key in left if key not in says) else left)
        else:
            told.append(keys)
    return told


def _at_front(article: Article) -> bool:
    return article.canonical_url is not None and is_front(article.canonical_url)


def _at_root(article: Article) -> bool:
    """Tell whether an article has but the front page for an address, and something else by which to know it."""
    if article.canonical_url is None or not is_root(article.canonical_url):
        return False
    named = article.title != made_up_title(Draft(url=article.url))
    return named and (_own_guid(article) is not None or article.published_at is not None)


def _own_guid(article: Article) -> str | None:
    """Give a guid that says more than the address does."""
    link = web_url(article.guid)
    return None if link is not None and canonical_url(link) == article.canonical_url else article.guid


def _crowded(articles: Iterable[Article]) -> set[str | None]:
    """Give the addresses that several articles of one fetch have.

    Those of a live page's posts that go by one title are not meant. Without a guid the times have to differ as well.
    """
    by_address: dict[str | None, list[Article]] = {}
    for article in articles:
        by_address.setdefault(article.canonical_url, []).append(article)
    return {address for address, some in by_address.items() if address and _are_several(some, root=is_root(address))}


def _are_several(articles: Sequence[Article], *, root: bool) -> bool:
    if len({article.title for article in articles}) == 1:
        return False
    guids = {_own_guid(article) for article in articles} - {None}
    times = {article.published_at for article in articles} - {None}
    return root or len(guids) > 1 or (not guids and len(times) > 1)


def _another_there(
    article: Article, keys: Sequence[IdentityKey], found: Mapping[IdentityKey, int], stored: Mapping[int, Article]
) -> bool:
    """Tell whether the article known by this address is another: by guid and title, or as its text is long gone.

    By a guid that says more than the address, and of the same source: others have guids of their own.
    """
    there = {found[key] for key in keys if key.kind is KeyKind.URL and key in found}
    guid = next((key for key in keys if key.kind is KeyKind.GUID), None)
    if guid is None or not there or _own_guid(article) is None:
        return False
    if guid in found:
        return found[guid] not in there
    return all(old is None or _is_another(article, old) for old in map(stored.get, there))


def _is_another(article: Article, old: Article) -> bool:
    guid = _own_guid(old)
    differs = guid is not None and guid != article.guid and old.title != article.title
    return differs and old.source == article.source


def reused_guids(entries: Iterable[Entry], found: Mapping[IdentityKey, int], stored: Mapping[int, Article]) -> bool:
    """Tell whether guids lead to articles that have nothing else in common with the entries: places in a feed do.

    One alone is an edit: of an entry that has but the time of its last one, a new title and the address made of it.
    """
    reused = sum(
        guid is not None and found[guid] in stored and _all_differ(article, stored[found[guid]])
        for article, keys in entries
        for guid in (_guid_alone(keys, found),)
    )
    return reused > 1


def _guid_alone(keys: Sequence[IdentityKey], found: Mapping[IdentityKey, int]) -> IdentityKey | None:
    """Give an entry's guid where it is known and no address of the entry is."""
    if any(key.kind is KeyKind.URL and key in found for key in keys):
        return None
    return next((key for key in keys if key.kind is KeyKind.GUID and key in found), None)


def _all_differ(one: Article, other: Article) -> bool:
    return all(
        here and there and here != there
        for here, there in (
            (one.canonical_url, other.canonical_url),
            (one.title, other.title),
            (one.published_at, other.published_at),
        )
    )
