"""Keys that do not tell, as what they stand on or lead to is another article: pure (decision 8 of the design).

In doubt it is a new article: one missed is the worst, a mail too many the second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from monitor.model import Article, IdentityKey, KeyKind

Entry = tuple[Article, tuple[IdentityKey, ...]]


def doubtful(entries: Iterable[Entry], found: Mapping[IdentityKey, int]) -> set[int]:
    """Give the stored articles that are to be looked at before the keys that led to them decide."""
    return {found[guid] for _, keys in entries if (guid := _guid_alone(keys, found)) is not None}


def reused_guids(entries: Iterable[Entry], found: Mapping[IdentityKey, int], stored: Mapping[int, Article]) -> bool:
    """Tell whether a guid leads to an article that has nothing else in common with the entry: places in a feed do."""
    return any(
        guid is not None and found[guid] in stored and _all_differ(article, stored[found[guid]])
        for article, keys in entries
        for guid in (_guid_alone(keys, found),)
    )


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
