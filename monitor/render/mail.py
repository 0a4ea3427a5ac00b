"""From alerts to the words of a mail (Jinja2's door). Pure: the same alerts give the same bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import jinja2

from monitor.model import SUMMARIES, AlertKind, Article, Backfill, Match, MatchedWord, Message, WaitingAlert
from monitor.render.mime import Letter, build, message_id
from monitor.render.passages import Passage, Piece, marked_title, passages
from monitor.render.past import found_where, why_read_back
from monitor.text import minute
from monitor.urls import web_url

COMPACT = 10  # articles from which a mail is a list
_LANGUAGES = {
    "en": "English", "ru": "Russian", "hy": "Armenian", "az": "Azerbaijani", "ka": "Georgian", "tr": "Turkish",
    "uk": "Ukrainian", "be": "Belarusian", "de": "German", "fr": "French", "fa": "Persian", "und": "unknown language",
}  # fmt: skip # a table
_WHY = {
    AlertKind.NEW: "",
    AlertKind.UPDATE: "Updated: what is new in these articles matches.",
    AlertKind.BASELINE: "These were already there when their sources were added. They are told once, together.",
    AlertKind.FLOOD: "The source showed many old entries at once, as after an import. Every match is listed here.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An article as a mail shows it."""

    rules: tuple[str, ...]
    why: tuple[str, ...]
    outlet: str
    language: str
    lang: str
    title: tuple[Piece, ...]
    passages: tuple[Passage, ...]
    published: str
    seen: str
    url: str | None


class Letters:
    """Writes mails for one sender, in one time zone."""

    def __init__(self, *, sender: str, timezone: ZoneInfo) -> None:
        """Load the templates; everything in them is escaped unless a template says otherwise."""
        self._sender = sender
        self._timezone = timezone
        loader = jinja2.PackageLoader("monitor.render", "templates")
        self._html = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
        self._text = jinja2.Environment(
            loader=loader,
            autoescape=False,  # noqa: S701 - the text part is no markup
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def alerts(
        self,
        waiting: Sequence[WaitingAlert],
        *,
        group: str,
        neutral: bool,
        now: datetime,
        past: Backfill | None = None,
    ) -> Message:
        """Give the message for alerts of one recipient, the first of them the subject's.

        `past` is the back-filling that found them, if one did.

        Raises:
            ValueError: there is none.
        """
        if not waiting:
            raise ValueError("a mail tells of one article at least")
        # What most rules ask for comes first: it names the mail.
        waiting = sorted(waiting, key=lambda item: -len(item.alert.matches))
        first = waiting[0].alert
        shown = [self._shown(item) for item in waiting]
        facts = {
            "articles": shown,
            "rules": list(dict.fromkeys(rule for article in shown for rule in article.rules)),
            "why": self._why(first.kind, group, past),
            "compact": len(shown) > COMPACT or first.kind in SUMMARIES,
            "zone": str(self._timezone),
        }
        subject = "News monitor: new coverage" if neutral else self._subject(shown, waiting, past)
        text, html = self._bodies(facts, waiting)
        identity = message_id(
            self._sender, first.recipient, group, *(item.alert.id for item in waiting), first.created_at
        )
        return self._message(
            subject, text, html, identity, recipient=first.recipient, channel=first.channel, group=group, now=now
        )

    def minute(self, moment: datetime) -> str:
        """Give a moment as operator mails tell it: in the zone of mails, to the minute."""
        return minute(moment, self._timezone)

    def notice(self, text: str, *, cause: str, recipient: str, channel: str, now: datetime) -> Message:
        """Give a message that tells the operator something."""
        identity = message_id(self._sender, recipient, cause, now.isoformat())
        subject = f"News monitor: {text.splitlines()[0]}"
        return self._message(
            subject, text + "\n", "", identity, recipient=recipient, channel=channel, group="operator", now=now
        )

    def _message(
        self,
        subject: str,
        text: str,
        html: str,
        identity: str,
        *,
        recipient: str,
        channel: str,
        group: str,
        now: datetime,
    ) -> Message:
        letter = Letter(
            sender=self._sender,
            recipient=recipient,
            subject=subject,
            text=text,
            html=html,
            message_id=identity,
            list_id=_list_id(group),
            date=now.astimezone(self._timezone).replace(microsecond=0),
        )
        return Message(
            message_id=identity,
            recipient=recipient,
            channel=channel,
            group=group,
            subject=subject,
            raw=build(letter),
            created_at=now,
            next_try_at=now,
        )

    def _bodies(self, facts: dict[str, object], waiting: Sequence[WaitingAlert]) -> tuple[str, str]:
        """Give text and HTML; if a template fails, titles and links, so that nobody waits for a mended template."""
        try:
            text = self._text.get_template("alert.txt.j2").render(facts)
            return text, self._html.get_template("alert.html.j2").render(facts)
        except jinja2.TemplateError:
            lines = [f"{item.article.title}\n{item.article.url or '(no link)'}\n" for item in waiting]
            return "\n".join(lines), ""

    def _why(self, kind: AlertKind, group: str, past: Backfill | None) -> str:
        if past is not None:
            return why_read_back(past, self._timezone)
        return _WHY[kind] if group else "Many alerts were waiting; every one of them is listed here."

    def _subject(self, shown: Sequence[Shown], waiting: Sequence[WaitingAlert], past: Backfill | None) -> str:
        if past is None:
            return _subject(shown, waiting)
        rules = ", ".join(dict.fromkeys(rule for article in shown for rule in article.rules))
        where = waiting[0].article.outlet
        return f"[{rules}] {where}: {len(shown)} found {found_where(past, self._timezone)}"

    def _shown(self, item: WaitingAlert) -> Shown:
        article, matches = item.article, item.alert.matches
        return Shown(
            rules=tuple(match.rule for match in matches),
            why=tuple(_reason(match) for match in matches),
            outlet=article.outlet,
            language=_LANGUAGES.get(article.language, article.language),
            lang=article.language,
            title=marked_title(article, matches),
            passages=passages(article, matches),
            published=self._local(article.published_at),
            seen=self._seen(article, item.alert.edited_at),
            url=web_url(article.url),
        )

    def _seen(self, article: Article, edited_at: datetime | None) -> str:
        """Say since when the article is known, and where an edit is what is told of, when that was seen."""
        first = self._local(article.first_seen_at)
        if edited_at is None:
            return f"First seen {first}"
        return f"Added by an edit seen {self._local(edited_at)}, to an article first seen {first}"

    def _local(self, moment: datetime | None) -> str:
        return moment.astimezone(self._timezone).strftime("%a %d %b %Y, %H:%M") if moment else "not given"


def _reason(match: Match) -> str:
    """Say which term of a rule was found in which form."""
    forms: dict[str, list[str]] = {}
    before: dict[str, MatchedWord] = {}
    for word in match.words:
        found = forms.setdefault(word.term, [])
        last = before.get(word.term)
        if last is not None and last.field == word.field and word.start - last.end == 1:
            found[-1] += f" {word.form}"
        else:
            found.append(word.form)
        before[word.term] = word
    told_of = _once_each(match.words)
    distinct = [(term, list(dict.fromkeys(found))[:4]) for term, found in forms.items() if term in told_of][:4]
    told = "; ".join(f"{term} → {', '.join(found)}" for term, found in distinct)
    return f"{match.rule}: {told}" if told else match.rule


def _once_each(words: Sequence[MatchedWord]) -> frozenset[str]:
    """Give the terms to name: of several that found the same places (peacekeeper, peace-keeper), the shortest."""
    places: dict[str, set[tuple[str, int]]] = {}
    for word in words:
        places.setdefault(word.term, set()).add((word.field, word.start))
    by_places: dict[frozenset[tuple[str, int]], list[str]] = {}
    for term, found in places.items():
        by_places.setdefault(frozenset(found), []).append(term)
    return frozenset(min(terms, key=len) for terms in by_places.values())


def _subject(shown: Sequence[Shown], waiting: Sequence[WaitingAlert]) -> str:
    first = shown[0]
    kind = waiting[0].alert.kind
    rules = ", ".join(first.rules)
    if kind is AlertKind.BASELINE:
        rules = ", ".join(dict.fromkeys(rule for article in shown for rule in article.rules))
        outlets = list(dict.fromkeys(article.outlet for article in shown))
        where = outlets[0] if len(outlets) == 1 else f"{len(outlets)} outlets"
        return f"[{rules}] {where}: {len(shown)} found on the first visit"
    if kind is AlertKind.FLOOD:
        return f"[{rules}] {first.outlet}: {len(shown)} in a burst of old entries"
    more = f" (and {len(shown) - 1} more)" if len(shown) > 1 else ""
    update = "Updated: " if waiting[0].alert.edited_at or kind is AlertKind.UPDATE else ""
    return f"[{rules}] {update}{first.outlet}: {waiting[0].article.title}{more}"


def _list_id(group: str) -> str:
    """Give the List-Id (RFC 2919): the group's name as far as it is ASCII."""
    name = re.sub(r"[^a-z0-9-]+", "-", group.partition(":")[2].lower()).strip("-")[:40] or "alerts"
    return f"<{name}.news-monitor.invalid>"
