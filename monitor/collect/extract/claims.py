"""What a page states about its article, by whichever of its ways: raw, as written, in the order of trust."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

_ARTICLE = re.compile(r"(?:^article|Article|Posting|Report|Review|NewsItem)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Raw statements; a field is empty where nothing is stated. `kind` is a type's name; `body` may be markup."""

    kind: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    url: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    body: str = ""

    @property
    def article(self) -> bool:
        """Tell whether the page says that it is an article."""
        return any(_ARTICLE.search(kind) for kind in self.kind)

    @property
    def live(self) -> bool:
        """Tell whether the page says that it grows by entries that have moments of their own."""
        return any(kind.endswith("LiveBlogPosting") for kind in self.kind)


def joined(claims: Sequence[Claims]) -> Claims:
    """Put statements behind each other, the most trusted first."""
    lists = {
        field.name: tuple(value for one in claims for value in getattr(one, field.name))
        for field in fields(Claims)
        if field.name != "body"
    }
    return Claims(**lists, body=next((one.body for one in claims if one.body), ""))
