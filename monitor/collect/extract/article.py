"""An article page as a draft: what its page states, shows and tells, each found in a module of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from lxml.html import HtmlElement

from monitor.collect.challenge import is_challenge
from monitor.collect.extract.address import canonical_of, language_of, site_of
from monitor.collect.extract.author import author_signed, author_stated
from monitor.collect.extract.claims import Claims, joined
from monitor.collect.extract.front import headlines_on, is_list
from monitor.collect.extract.jsonld import read_jsonld
from monitor.collect.extract.meta import read_meta, read_microdata
from monitor.collect.extract.moment import Beside, changed, published
from monitor.collect.extract.page import ParsedPage, parse_page
from monitor.collect.extract.selected import selected_date, selected_line, selected_text, unmatched_of
from monitor.collect.extract.text import as_text, lines_of_page
from monitor.collect.extract.title import names_of, title_of
from monitor.collect.extract.walls import without_wall
from monitor.collect.html import line_of
from monitor.collect.limits import PAGE_TEXT, TEXT, TITLE
from monitor.collect.zones import zone_at
from monitor.errors import SourceError
from monitor.model import Draft, Selectors
from monitor.text import clean_line, clean_text
from monitor.urls import host_of


def extract_page(
    body: bytes,
    *,
    url: str,
    content_type: str | None,
    selectors: Selectors,
    now: datetime,
    country: str | None = None,
) -> Draft:
    """Read an article page; `url` is where it was found, `country` (ISO code) that of the outlet.

    Raises:
        SourceError: not_a_page (no HTML), challenge_page (a bot wall), wall_page (consent, pay or login), no_article
            (a list of other pages), no_text, bad_selector.
    """
    page = parse_page(body, content_type)
    jsonld, about_page = read_jsonld(page.root, url)
    meta, microdata = read_meta(page.root), read_microdata(page.root)
    claims = joined((jsonld, meta, microdata, about_page))
    language = language_of((*meta.language, *jsonld.language, *microdata.language, *about_page.language))
    title = _title(page.root, claims, selectors, names_of(claims.site, host_of(url)))
    author = author_stated((jsonld, meta, microdata), page.root)
    beside = Beside(url=url, title=title, language=language, place=zone_at(country, url, language), now=now)
    published_at = _published(page, claims, selectors, beside)
    unmatched = unmatched_of(page.root, selectors)
    dated = any(one.published for one in (jsonld, meta, microdata))
    # The text comes last: finding it takes the tree apart.
    text = _text(page, title, claims, selectors, dated=dated)
    return Draft(
        url=url,
        title=title,
        summary="" if text else line_of(claims.summary[0], TEXT),
        text=text,
        author=author or author_signed((text or "").split("\n\n")),
        published_at=published_at,
        updated_at=changed(claims, beside),
        language=language,
        canonical_url=canonical_of((*meta.url, *jsonld.url), url),
        site=site_of((*meta.site, *jsonld.site)),
        unmatched=unmatched,
    )


def _title(root: HtmlElement, claims: Claims, selectors: Selectors, names: Sequence[str]) -> str:
    if selectors.title and (found := selected_line(root, selectors.title)):
        return clean_line(found, TITLE)
    return title_of(root, claims.title, names)


def _text(page: ParsedPage, title: str, claims: Claims, selectors: Selectors, *, dated: bool) -> str | None:
    """Give the text, by the person's selector if that finds one; None where an article says what it is about alone."""
    found = selected_text(page.root, selectors.text) if selectors.text else None
    if found and (text := clean_text(found, PAGE_TEXT)):
        return text
    headlines = frozenset() if dated or claims.article or not page.tame else headlines_on(page.root)
    lines, walled = without_wall(lines_of_page(page, title=title, claims=claims), title)
    text = clean_text(as_text(lines, flash=claims.article and bool(title)), PAGE_TEXT)
    # A wall knows nothing of dates and types; a short piece about walls does.
    if not (claims.published or claims.article) and is_challenge(title, text, page.markup):
        raise SourceError("challenge_page", f"the answer is a bot wall: {clean_line(title or text, 80)!r}")
    if walled:
        raise SourceError("wall_page", f"readers are asked to agree, pay or log in: {clean_line(title, 80)!r}")
    if is_list(lines if text else (), headlines):
        raise SourceError("no_article", f"a list of other pages: {clean_line(title, 80)!r}")
    if not text and not (claims.article and title and claims.summary):
        raise SourceError("no_text", f"no text is found under {clean_line(title, 80)!r}")
    return text or None


def _published(page: ParsedPage, claims: Claims, selectors: Selectors, beside: Beside) -> datetime | None:
    chosen = selected_date(page.root, selectors.date) if selectors.date else None
    stated = replace(claims, published=(chosen, *claims.published)) if chosen else claims
    return published(page, stated, beside)
