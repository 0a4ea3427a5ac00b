"""What a page states in its head and in attributes: meta tags, links, microdata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml.html import HtmlElement

from monitor.collect.extract.claims import Claims

# The names that outlets use, in the order of trust.
_TITLE = ("og:title", "parsely-title", "sailthru.title", "dc.title", "dcterms.title", "twitter:title", "title")
_AUTHOR = (
    "author article:author_name parsely-author sailthru.author dc.creator dcterms.creator byl cxenseparse:author"
    " citation_author article:author og:article:author"
).split()
_PUBLISHED = (
    "article:published_time article:published og:article:published_time og:published_time datepublished"
    " parsely-pub-date sailthru.date cxenseparse:recs:publishtime cxenseparse:publishtime bt:pubdate publish-date"
    " publish_date published-date published_date published_time publication_date publicationdate publishdate pubdate"
    " ptime pdate article_date_original originalpublicationdate article:post_date iso-8601-publish-date"
    " rnews:datepublished vr:published_time dcterms.created dcterms.issued dc.date.issued dc.date.created dc.date"
    " dcterms.date shareaholic:article_published_time date_published article.published article.created datecreated"
    " creation_date og:pubdate mediator_published_time citation_publication_date date release_date og:release_date"
    " displaydate video:release_date"
).split()
_MODIFIED = (
    "article:modified_time og:updated_time article:modified datemodified dcterms.modified dc.date.modified"
    " last-modified lastmod revised article:updated_time updated_time"
).split()
_LANGUAGE = ("og:locale", "content-language", "dc.language", "dcterms.language", "language", "inlanguage")
_SITE = ("og:site_name", "application-name", "cre", "dc.publisher", "publisher")
_SUMMARY = ("og:description", "description", "twitter:description")
_ARTICLES = ("Article", "Posting", "Report", "Review")
_OTHERS = ("comment", "liveblogupdate", "itemlistelement", "haspart", "mentions", "related")
_MOST = 500


def read_meta(root: HtmlElement) -> Claims:
    """Give what the head of a page states."""
    metas = _metas(root)
    return Claims(
        kind=_of(metas, ("og:type",)),
        title=_of(metas, _TITLE),
        author=next((tuple(metas[name]) for name in _AUTHOR if name in metas), ()),
        published=_of(metas, _PUBLISHED),
        modified=_of(metas, _MODIFIED),
        language=(*_attribute(root, "lang"), *_of(metas, _LANGUAGE)),
        url=(*_links(root, "canonical"), *_of(metas, ("og:url",))),
        site=_of(metas, _SITE),
        summary=_of(metas, _SUMMARY),
    )


def read_microdata(root: HtmlElement) -> Claims:
    """Give what attributes of the visible page state (schema.org as microdata)."""
    found: dict[str, list[str]] = {}
    scopes: dict[str, HtmlElement | None] = {}
    for element in root.xpath("//*[@itemprop]")[:_MOST]:
        value = element.get("content") or element.get("datetime")
        for name in element.get("itemprop").lower().split():
            if name in {"datepublished", "datecreated", "datemodified"}:
                scope = _scope(element)
                if _is_other(scope) or scopes.setdefault(name, scope) is not scope:
                    continue
                found.setdefault(name, []).append(value or element.text_content()[:100])
            elif name in {"headline", "author", "inlanguage"}:
                found.setdefault(name, []).append(value or _named(element))
    return Claims(
        kind=_kinds(root) if found else (),
        title=tuple(found.get("headline", ())[:1]),
        author=tuple(found.get("author", ())[:5]),
        published=tuple((found.get("datepublished") or found.get("datecreated") or [])[:2]),
        modified=tuple(found.get("datemodified", ())[:2]),
        language=tuple(found.get("inlanguage", ())[:1]),
    )


def _kinds(root: HtmlElement) -> tuple[str, ...]:
    """Give the type of the one article that a page holds; several are teasers."""
    types = [kind for kind in root.xpath("//*[@itemscope]/@itemtype")[:_MOST] if kind.endswith(_ARTICLES)]
    return tuple(str(kind).rpartition("/")[2] for kind in types) if len(types) == 1 else ()


def _scope(element: HtmlElement) -> HtmlElement | None:
    """Give what a property is one of."""
    return next((parent for parent in element.iterancestors() if "itemscope" in parent.attrib), None)


def _is_other(scope: HtmlElement | None) -> bool:
    """Tell whether a thing is a comment, an entry of a live blog or an item of a list, and not the article."""
    if scope is None:
        return False
    named = f"{scope.get('itemtype')} {scope.get('itemprop')} {scope.get('class')}".lower()
    return any(word in named for word in _OTHERS)


def _named(element: HtmlElement) -> str:
    """Give the text of an element, or of the name within it."""
    inner = element.xpath('.//*[@itemprop="name"]')
    if inner:
        return str(inner[0].get("content") or inner[0].text_content())[:300]
    return str(element.text_content())[:300]


def _metas(root: HtmlElement) -> Mapping[str, list[str]]:
    """Give the contents of all meta tags under their names in lower case."""
    metas: dict[str, list[str]] = {}
    for meta in root.xpath("//meta[@content]")[:_MOST]:
        content = meta.get("content").strip()
        for key in ("property", "name", "http-equiv", "itemprop"):
            if content and (name := meta.get(key)):
                metas.setdefault(name.strip().lower(), []).append(content)
    return metas


def _of(metas: Mapping[str, list[str]], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(value for name in names for value in metas.get(name, ())[:5])


def _attribute(root: HtmlElement, name: str) -> tuple[str, ...]:
    value = root.get(name) or root.get(f"xml:{name}")
    return (value,) if value else ()


def _links(root: HtmlElement, rel: str) -> tuple[str, ...]:
    return tuple(
        link.get("href") for link in root.xpath("//link[@rel][@href]")[:_MOST] if rel in link.get("rel").lower().split()
    )
