"""Which articles are known by something that is known of new ones."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.doubts import doubtful, reused_guids, telling
from monitor.model import Article, IdentityKey, KeyKind
from monitor.normalise import Verdict, claim_of, identify
from monitor.protocols import Articles


def find_known(
    articles: Articles, fresh: Sequence[tuple[Article, tuple[IdentityKey, ...]]], *, guids_unusable: bool
) -> tuple[tuple[Verdict, ...], bool]:
    """Decide what each of these articles is, by what is stored; also whether their source's guids tell nothing.

    An address that another article's page gave as its own, under the same title, counts as that article's.
    """
    claims = {
        claim: next((key for key in keys if key.kind is KeyKind.URL), None)
        for article, keys in fresh
        if (claim := claim_of(article)) is not None
    }
    found = articles.find([*claims, *(key for _, keys in fresh for key in keys)])
    by_claim = {url: found[claim] for claim, url in claims.items() if claim in found and url is not None}
    known = by_claim | {key: number for key, number in found.items() if key.kind is not KeyKind.CLAIM}
    stored = articles.get(doubtful(fresh, known))
    unusable = guids_unusable or reused_guids(fresh, known, stored)
    return identify(telling(fresh, known, stored), known, guids_unusable=unusable)
