"""Whether an article's own page is wanted, and what its text adds to what the source told: pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

from monitor.model import Article, Draft, FullText, Source, SourceKind, TextState
from monitor.text import clean_line, paragraphs
from monitor.urls import canonical_url, is_root

COMPLETE_TEXT = 600  # code points from which a source's own text counts as the whole article
_SAMPLE = 2000
_MADE_UP_TITLE = 120
_EAST = timedelta(hours=14)
_WEST = timedelta(hours=36)


def made_up_title(draft: Draft) -> str:
    """Give a title for what came without one."""
    return clean_line(draft.summary or draft.text or draft.url or draft.guid or "", _MADE_UP_TITLE)


def _is_pinned_to_the_front(draft: Draft, source: Source) -> bool:
    """Tell whether a feed's entry has the front page for an address: what stands there is not this article's text."""
    return bool(source.kind is SourceKind.FEED and draft.title and draft.url and is_root(canonical_url(draft.url)))


def text_state(draft: Draft, source: Source) -> TextState:
    """Tell whether the source gave the whole text, or its page is wanted."""
    whole = len(draft.text or "") >= COMPLETE_TEXT
    if (
        draft.url
        and not _is_pinned_to_the_front(draft, source)
        and (source.full_text is FullText.ALWAYS or (source.full_text is FullText.AUTO and not whole))
    ):
        return TextState.WANTED
    return TextState.COMPLETE if whole or (draft.text and source.full_text is FullText.NEVER) else TextState.NONE


def with_page(
    stored: Article, draft: Draft, source: Source, *, now: datetime, detect: Callable[[str, str | None], str]
) -> Article:
    """Give the article with what its page says.

    What a feed tells of an article stands; what a listing or sitemap tells are but pointers, and the page knows better.
    The words of a pointer's title stay, in the summary, where the page's title lacks them: they may have matched. A
    page that a script builds has a summary alone, and is not counted as read.
    """
    feed = source.kind is SourceKind.FEED and stored.title != made_up_title(Draft(url=stored.url))
    title = stored.title if feed or not draft.title else draft.title
    # A first reading that says less than the source has gone wrong; a later one may be of a page that was cut.
    told = "" if stored.page_read_at else stored.text
    text = draft.text if draft.text and len(draft.text) >= len(told) else stored.text
    summary = "\n\n".join(filter(None, (stored.summary, *_missing(draft.summary, f"{stored.summary} {text}"))))
    sample = f"{title}\n{summary}\n{text}"[:_SAMPLE]
    whole = draft.text or stored.page_read_at or len(stored.text) >= COMPLETE_TEXT
    return replace(
        stored,
        title=title,
        summary="\n\n".join(filter(None, (summary, _left_over(stored, title)))),
        text="\n\n".join(filter(None, (text, *(_missing(told, text) if told else ())))),
        author=stored.author or draft.author,
        published_at=_moment(stored.published_at, draft.published_at, feed=feed),
        language=detect(sample, source.language or draft.language),
        site=draft.site,
        page_read_at=now if draft.text else stored.page_read_at,
        text_state=TextState.COMPLETE if whole else TextState.NONE,
    )


def _missing(told: str, text: str) -> list[str]:
    """Give the paragraphs of the source that the page lacks: a wall or a mistake must take no words away."""
    whole = " ".join(text.split()).casefold()
    return [part for part in paragraphs(told) if " ".join(part.split()).casefold() not in whole]


def _left_over(stored: Article, title: str) -> str:
    """Give the pointer's title where it says something else than the page's, and was not made up."""
    if stored.page_read_at is not None:
        return ""  # the title before is an earlier one of the page itself
    told = stored.title.casefold().rstrip("….").strip()
    return "" if told in title.casefold() or stored.title == made_up_title(Draft(url=stored.url)) else stored.title


def _moment(told: datetime | None, read: datetime | None, *, feed: bool) -> datetime | None:
    """Choose between the source's time and the page's: the feed's, unless it knows the day alone."""
    if told is None or read is None:
        return told or read
    # A day of the outlet's begins fourteen hours before that day does in Greenwich, or ends twelve after.
    day_only = told.time() == time() and -_EAST <= read - told < _WEST
    return told if feed and not day_only else read
