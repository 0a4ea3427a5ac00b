"""Which articles are known by something that is known of new ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.model import Article, IdentityKey, KeyKind
from monitor.normalise import claim_of
from monitor.protocols import Articles


def find_known(
    articles: Articles, fresh: Sequence[tuple[Article, tuple[IdentityKey, ...]]]
) -> Mapping[IdentityKey, int]:
    """Give which of the keys of these articles are known, and of which stored article.

    An address that another article's page gave as its own, under the same title, counts as that article's.
    """
    claims = {
        claim: next((key for key in keys if key.kind is KeyKind.URL), None)
        for article, keys in fresh
        if (claim := claim_of(article)) is not None
    }
    found = articles.find([*claims, *(key for _, keys in fresh for key in keys)])
    by_claim = {url: found[claim] for claim, url in claims.items() if claim in found and url is not None}
    return by_claim | {key: number for key, number in found.items() if key.kind is not KeyKind.CLAIM}
