"""`monitor explain` and `monitor mark`: why an alert came, and what a person thinks of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import click

from monitor.cli.charts import folded, marked
from monitor.cli.options import Number, Place, json_option, placed
from monitor.cli.output import counted, print_json, program
from monitor.errors import StoreError
from monitor.store import EvidenceRows

_ALERT = Number("`monitor alerts` shows the numbers of alerts")
_KINDS = {
    "new": "a new article",
    "update": "a new passage of an article that was known",
    "baseline": "there before its source was added",
    "flood": "came in a burst that looked like an import",
}


@click.command(
    epilog="""\b
Examples:
  monitor explain 17
  monitor explain 17 --json"""
)
@placed
@click.argument("alert", type=_ALERT)
@json_option
def explain(place: Place, alert: int, *, as_json: bool) -> None:
    """Say why an alert came: which words of which rule, in which sentences, and what became of the mail.

    Of the mail it tells every attempt, and when the whole way out was refused, so that none could be made.

    ALERT is the number that `monitor alerts` shows, the id of v_alerts. The words are those that were found when the
    article was matched, by the rule as it was then.
    """
    from monitor.render import account  # noqa: PLC0415 - keeps `mark` quick

    told = EvidenceRows(place.load().database).told(alert)
    if told is None:
        raise StoreError(f"there is no alert {alert}; see `monitor alerts`")
    found = account(told)
    if as_json:
        print_json([found])
        return
    for text in _lines(found):
        click.echo(text)


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    article = found["article"]
    yield click.style(f"alert {found['alert']}: {article['title']}", bold=True)
    yield f"  {article['outlet']}, {article['language']}, {article['url'] or 'no address'}"
    yield f"  first seen {_at(article['first_seen_at'])}, alerted {_at(found['alerted_at'])} for {found['recipient']}"
    yield f"  {_kind(found)}{_edited(article)}"
    if article["text"] == "gone":
        yield "  its text is no longer kept: the words are those that were found then, without their sentences"
    if article["left_out"]:
        letters = sum(place["end"] - place["start"] for place in article["left_out"])
        places = counted(len(article["left_out"]), "passage")
        yield f"  {places} of the site's own ({letters} characters) stand in the text and were left out of matching"
    for rule in found["rules"]:
        yield ""
        yield from _rule_lines(rule)
    yield ""
    yield from _delivery_lines(found["delivery"])
    yield from map(_outage_line, found["outages"])


def _kind(found: Mapping[str, Any]) -> str:
    """Say what kind of news it was; an edit may make an old article new to a rule."""
    if found["kind"] == "new" and found["edited_at"]:
        return f"added to an article that was known, and new to a rule by that; seen {_at(found['edited_at'])}"
    return _KINDS[found["kind"]]


def _edited(article: Mapping[str, Any]) -> str:
    version = f"; its version {article['version']}" if article["version"] else ""
    return version + ("; edited again since" if article["edited_since"] else "")


def _rule_lines(rule: Mapping[str, Any]) -> Iterator[str]:
    if rule["version"] is None:
        yield click.style(f"rule {rule['rule']}", bold=True) + ": no longer matches; a later reading withdrew it"
        return
    yield click.style(f"rule {rule['rule']}", bold=True) + f", version {rule['version']} since {_at(rule['since'])}"
    yield folded(f"query: {rule['query']}", "  ")
    for key in ("languages", "sources"):
        if rule[key]:
            yield f"  {key}: {', '.join(rule[key])}"
    if rule["mentions"] > 1:
        yield f"  mentions: at least {rule['mentions']}"
    for told, number in _words(rule).items():
        yield f"  {told}" + (f", {number} times" if number > 1 else "")
    for sentence in rule["sentences"]:
        yield folded(f"{sentence['field']}: {marked(sentence['text'], sentence['marked'])}", "  ")
    if mark := rule["mark"]:
        note = f": {mark['note']}" if mark["note"] else ""
        yield f"  marked {'relevant' if mark['relevant'] else 'irrelevant'} {_at(mark['marked_at'])}{note}"


def _words(rule: Mapping[str, Any]) -> Counter[str]:
    """Say of which term each word is a form, those of a phrase together; count what is said twice."""
    phrases: list[tuple[str, Mapping[str, Any]]] = []
    for word in sorted(rule["words"], key=lambda word: (word["field"], word["term"], word["start"])):
        form, last = phrases[-1] if phrases else ("", None)
        if last and " " in word["term"] and _continues(word, last):
            phrases[-1] = (f"{form} {word['form']}", word)
        else:
            phrases.append((word["form"], word))
    return Counter(_word(form, word) for form, word in phrases)


def _continues(word: Mapping[str, Any], last: Mapping[str, Any]) -> bool:
    same = (last["field"], last["term"]) == (word["field"], word["term"])
    return same and 0 <= word["start"] - last["end"] <= 1


def _word(form: str, word: Mapping[str, Any]) -> str:
    """Say how a word came to match: as a form of a term, by its beginning, by an expression, or as it stands."""
    term = word["term"]
    concept = f", in @{word['concept']}" if word.get("concept") else ""
    if term.startswith("/"):
        return f"{form}: found by {term}"
    if term.endswith("*"):
        return f"{form}: begins like {term}{concept}"
    same = form.casefold() == term.removeprefix("=").casefold()
    return form + (concept if same else f": a form of {term}{concept}")


def _delivery_lines(delivery: Mapping[str, Any] | None) -> Iterator[str]:
    if delivery is None:
        yield "not in a mail yet"
        return
    yield click.style("mail", bold=True) + f" {delivery['message_id']}: {delivery['state']}"
    yield f"  formed {_at(delivery['formed_at'])}"
    for tried in delivery["attempts"]:
        found = "found " if tried["cut_off"] else ""
        yield f"  {found}{_at(tried['at'])}  {tried['state']}  {tried['reply']}"
    if any(tried["state"] == "unknown" for tried in delivery["attempts"]):
        yield "  unknown: it may have arrived; it goes again, the same bytes under the same Message-ID"
    if not delivery["attempts"] and delivery["reply"]:
        yield f"  the server's last words: {delivery['reply']}"
    if delivery["state"] in {"queued", "unknown"}:
        yield f"  tried next {_at(delivery['next_try_at'])}"


def _outage_line(outage: Mapping[str, Any]) -> str:
    """Say when the whole way out was refused, before any mail was tried."""
    reason = str(outage["reason"]).partition("\n")[0]
    if outage["until"] is None:
        return f"  nothing can be sent since {_at(outage['since'])}: {reason}; run: {program()} mail test"
    return f"  nothing could be sent from {_at(outage['since'])} to {_at(outage['until'])}: {reason}"


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


@click.command(
    epilog="""\b
Examples:
  monitor mark 17 relevant
  monitor mark 18 irrelevant --note 'a film'
  monitor mark 19 irrelevant --rule ceasefire"""
)
@placed
@click.argument("alert", type=_ALERT)
@click.argument("verdict", type=click.Choice(["relevant", "irrelevant"]))
@click.option("--note", metavar="TEXT", help="Why; kept with the mark.")
@click.option("--rule", metavar="NAME", help="For this rule alone, where the alert names several.")
@json_option
def mark(place: Place, alert: int, verdict: str, *, note: str | None, rule: str | None, as_json: bool) -> None:
    """Say whether an alert was relevant; each rule's share of relevant alerts stands in `monitor rules list`.

    ALERT is the number that `monitor alerts` shows. Marking again replaces the earlier mark.
    """
    from monitor.app import mark_alert  # noqa: PLC0415 - keeps `explain` quick

    rules = mark_alert(place.load(), alert, relevant=verdict == "relevant", note=note, only=rule)
    if as_json:
        print_json([{"alert": alert, "verdict": verdict, "rules": rules, "note": note}])
    else:
        click.echo(f"alert {alert} is marked {verdict} for {', '.join(rules)}")
