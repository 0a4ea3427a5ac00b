"""Whose host a host is: the domain that somebody registered (publicsuffix.org; tld's door)."""

from __future__ import annotations

from tld import get_fld


def registered_domain(host: str) -> str | None:
    """Give the registered domain of a host name; None for an address or a name that has none.

    Names under a company's own suffix (`one.github.io`) are that company's servers: what counts is who runs them.
    """
    found = get_fld(f"http://{host}", fail_silently=True, search_private=False)
    return str(found) if found else None
