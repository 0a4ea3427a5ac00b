"""The embedded outlets' web pages: articles as a newspaper prints them, a front page, a news sitemap."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from monitor.demo.texts import Piece

Shown = Sequence[tuple[Piece, str, datetime]]  # the article, its address, its time; newest first

_TEASER = "Archive: how the prisoners of war of the old war were counted"  # beside each article; nobody is told


def paragraphs(text: str) -> str:
    """Give plain text as HTML paragraphs."""
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n"))


def article_page(outlet: str, language: str, piece: Piece, url: str, at: datetime) -> bytes:
    """Give an article's page: the text between navigation, teasers with a keyword in them, and a footer."""
    facts = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": piece.title,
        "datePublished": at.isoformat(),
        "inLanguage": language,
        "publisher": {"@type": "Organization", "name": outlet},
    }
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(piece.title)} | {outlet}</title>"
        f'<link rel="canonical" href="{url}"><meta property="og:site_name" content="{outlet}">'
        f'<script type="application/ld+json">{json.dumps(facts, ensure_ascii=False)}</script></head><body>'
        f'<header><nav><a href="/">{outlet}</a> <a href="/news">News</a> <a href="/contact">Contact</a></nav></header>'
        f"<main><article><h1>{escape(piece.title)}</h1>{paragraphs(piece.text)}</article>"
        f'<aside class="related"><h3>Read also</h3><ul><li><a href="/archive/1">{_TEASER}</a></li></ul></aside></main>'
        f"<footer><p>{outlet} is an invention of this demo.</p></footer></body></html>"
    ).encode()


def front_page(outlet: str, shown: Shown) -> bytes:
    """Give the front page of an outlet that has no feed."""
    cards = "".join(
        f'<article class="card"><h2><a href="{url}">{escape(piece.title)}</a></h2>'
        f'<time datetime="{at.isoformat()}">{at:%H:%M}</time></article>'
        for piece, url, at in shown
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{outlet}</title></head><body>'
        f'<nav><a href="/about">About us</a> <a href="/contact">Contact</a></nav><main>{cards}</main></body></html>'
    ).encode()


def news_sitemap(outlet: str, shown: Shown) -> bytes:
    """Give a news sitemap, as search engines read them."""
    entries = "".join(
        f"<url><loc>{escape(url)}</loc><news:news><news:publication><news:name>{escape(outlet)}</news:name>"
        f"<news:language>ru</news:language></news:publication>"
        f"<news:publication_date>{at.isoformat()}</news:publication_date>"
        f"<news:title>{escape(piece.title)}</news:title></news:news></url>"
        for piece, url, at in shown
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{entries}</urlset>'
    ).encode()
