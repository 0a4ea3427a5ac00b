"""The embedded outlets: which articles each shows at a moment, and in which kind of feed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

from monitor.demo import texts
from monitor.demo.pages import Shown, front_page, news_sitemap, paragraphs
from monitor.demo.texts import Piece


@dataclass(frozen=True, slots=True)
class Outlet:
    """An outlet: its name, its language, what it publishes, how it shows that and how its server behaves.

    `kind` is the key of config.yaml that its address stands under.
    """

    name: str
    outlet: str
    language: str
    pieces: tuple[Piece, ...]
    render: Callable[[str, Shown], bytes]
    content_type: str = "application/rss+xml"
    delay: float = 0.0  # seconds before it answers
    refusals: int = 0  # so many times 503 first
    kind: str = "feed"

    def shown(self, base: str, start: datetime, now: datetime) -> Shown:
        """Give what the feed shows now."""
        times = [(piece, start + timedelta(seconds=piece.after)) for piece in self.pieces]
        there = [(piece, f"{base}/{self.name}/{piece.slug}", at) for piece, at in times if at <= now]
        return sorted(there, key=lambda entry: entry[2], reverse=True)


def rss_full(title: str, shown: Shown) -> bytes:
    """RSS 2.0 with the whole text in content:encoded."""
    items = "".join(
        f"<item><title>{escape(piece.title)}</title><link>{url}</link><guid>{url}</guid>"
        f"<pubDate>{format_datetime(at)}</pubDate>"
        f"<content:encoded><![CDATA[{paragraphs(piece.text)}]]></content:encoded></item>"
        for piece, url, at in shown
    )
    namespace = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    return f'<rss version="2.0" {namespace}><channel><title>{title}</title>{items}</channel></rss>'.encode()


def rss_cp1251(title: str, shown: Shown) -> bytes:
    """RSS in windows-1251 that says nothing of its encoding, as some outlets do."""
    return rss_summary(title, shown).decode().encode("cp1251", "xmlcharrefreplace")


def rss_summary(title: str, shown: Shown) -> bytes:
    """RSS 2.0 with summaries only."""
    items = "".join(
        f"<item><title>{escape(piece.title)}</title><link>{url}?utm_source=rss</link><guid>{url}</guid>"
        f"<pubDate>{format_datetime(at)}</pubDate>"
        f"<description>{escape(paragraphs(piece.summary or piece.text))}</description></item>"
        for piece, url, at in shown
    )
    return f'<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'.encode()


def rss_one_guid(title: str, shown: Shown) -> bytes:
    """RSS whose items all carry the same guid, and a wrong language."""
    items = "".join(
        f'<item><title>{escape(piece.title)}</title><link>{url}</link><guid isPermaLink="false">news</guid>'
        f"<pubDate>{format_datetime(at)}</pubDate><description>{escape(piece.text)}</description></item>"
        for piece, url, at in shown
    )
    return (
        f'<rss version="2.0"><channel><title>{title}</title><language>en-us</language>{items}</channel></rss>'.encode()
    )


def atom(title: str, shown: Shown) -> bytes:
    """Atom 1.0 with summaries."""
    entries = "".join(
        f'<entry><title>{escape(piece.title)}</title><link href="{url}"/><id>{url}</id>'
        f"<updated>{at.isoformat()}</updated><summary>{escape(piece.text)}</summary></entry>"
        for piece, url, at in shown
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>{title}</title>'
        f"<id>urn:{escape(title)}</id>{entries}</feed>"
    ).encode()


def json_feed(title: str, shown: Shown) -> bytes:
    """JSON Feed 1.1."""
    items = [
        {
            "id": url,
            "url": url,
            "title": piece.title,
            "content_html": paragraphs(piece.text),
            "date_published": at.isoformat(),
        }
        for piece, url, at in shown
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": title, "items": items}
    return json.dumps(feed, ensure_ascii=False).encode()


def challenge(title: str, _: Shown) -> bytes:
    """No feed at all: the page of a bot wall."""
    return f"<!DOCTYPE html><html><title>{title}</title><body>Checking your browser...</body></html>".encode()


OUTLETS = (
    Outlet("kura-courier", "Kura Courier", "en", texts.COURIER, rss_full),
    Outlet("vestnik-perevala", "Вестник перевала", "ru", texts.VESTNIK, rss_cp1251),
    Outlet("aragats-lur", "Արագած լուր", "hy", texts.ARAGATS, atom, "application/atom+xml"),
    Outlet("xezer-xeber", "Xəzər xəbər", "az", texts.XEZER, rss_one_guid),
    Outlet("mtkvari", "მტკვარი", "ka", texts.MTKVARI, json_feed, "application/feed+json"),
    Outlet("highland-post", "Highland Post", "en", texts.HIGHLAND, rss_summary, refusals=1),
    Outlet("pass-radio", "Pass Radio", "en", texts.PASS_RADIO, rss_summary),
    Outlet("slow-gazette", "Slow Gazette", "en", texts.SLOW, rss_full, delay=3.0),
    Outlet("ridge-weekly", "Ridge Weekly", "en", texts.RIDGE, front_page, "text/html", kind="listing"),
    Outlet("dolina", "Долина", "ru", texts.DOLINA, news_sitemap, "application/xml", kind="sitemap"),
    Outlet("valley-brief", "Valley Brief", "en", texts.BRIEF, rss_summary),
    Outlet("walled-times", "Walled Times", "en", (), challenge, "text/html"),
)
# The same feed again under another name: what it shows is known already and must not be told twice.
MIRROR_OF = "kura-courier"
MIRROR = "kura-courier-mirror"
