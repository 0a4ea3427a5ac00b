from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.digest import gather
from monitor.model import Alert, AlertKind, Article, Channel, ChannelKind, DueGroup, Match, MatchedWord, WaitingAlert
from monitor.pipeline import Audience
from monitor.render import Letters, UnsafeMailError, check_final
from monitor.render.mime import domain_of, encode_header
from monitor.render.passages import WIDEST, passages
from tests.factories import NOW, article, match, rule
from tests.rigs.mail_check import check

LETTERS = Letters(sender="News monitor <monitor@example.org>", timezone=ZoneInfo("Asia/Tbilisi"))


def waiting(found: Article | None = None, *matches: Match, number: int = 1, **changes: Any) -> WaitingAlert:
    values: dict[str, Any] = {
        "id": number,
        "recipient": "anna@example.org",
        "channel": "desk",
        "group": "rule:prisoners",
        "article_id": number,
        "matches": matches or (match(),),
        "created_at": NOW,
        "due_at": NOW,
    }
    return WaitingAlert(
        alert=Alert(**values | changes), article=found or article(id=number, url=f"https://one.example/{number}")
    )


def mail(*items: WaitingAlert, neutral: bool = False, group: str = "rule:prisoners") -> tuple[str, str, str]:
    message = LETTERS.alerts(items, group=group, neutral=neutral, now=NOW)
    check_final(message.raw, message.recipient)
    return check(message.raw)


HOSTILE = [
    "=?utf-8?q?x=0d=0aBcc:_victim@example.org=0d=0a=0d=0a<html>owned?=", "=?utf-8?b?eA0KQmNjOiB2QHg=?=", "a\r\nBcc: v@example.org",
    "x\u2028Bcc: y", "x\u0085y\0z\ud800", "\u202eevil", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "=?a?= =?utf-8?q?b?=",
    "ա" * 300, "{{ 7*7 }}", "é" * 1000, "👩\u200d🚀" * 60,
]  # fmt: skip # a table


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_an_outlet_writes_becomes_a_header_or_markup(text: str) -> None:
    """(cases 48, 49, 51, 53, 112)"""
    found = article(title=text, summary=text, outlet=text, url="https://one.example/1")
    subject, plain, _ = mail(waiting(found, match(form=text[:3])))
    assert "\u202e" not in subject
    assert "Bcc" not in plain.split("\n")[0]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=60))
def test_any_text_makes_a_sound_mail(title: str, text: str, name: str) -> None:
    """(case 49)"""
    mail(waiting(article(title=title, text=text, outlet=name, url="https://one.example/1"), match(name)))


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "http://a@b/", None])
def test_only_web_addresses_become_links(link: str | None) -> None:
    """(case 52)"""
    _, plain, html = mail(waiting(article(url=link)))
    assert "no usable link" in plain
    assert "no usable link" in html


def test_a_mail_tells_at_a_glance() -> None:
    text = "First sentence. The return of the prisoners of war was agreed. Last sentence."
    start = text.index("prisoners")
    words = [
        MatchedWord(field="text", start=start + at, end=start + at + len(form), form=form, term="prisoner of war")
        for at, form in ((0, "prisoners"), (10, "of"), (13, "war"))
    ]
    found = article(
        title="Agreed", text=text, language="hy", outlet="JAMnews", url="https://one.example/1", published_at=NOW
    )
    subject, plain, html = mail(
        waiting(found, Match(rule="prisoners", version=1, words=tuple(words)), match("ceasefire", "Agreed"))
    )
    assert subject == "[prisoners, ceasefire] JAMnews: Agreed"
    for part in (plain, html):
        assert "Armenian" in part
        assert "24 Nov 2026, 16:00" in part
        assert "prisoner of war → prisoners of war" in part
    assert "> The return of the *prisoners of war* was agreed." in plain
    assert "First sentence" not in plain


def test_a_mail_names_one_of_several_terms_that_found_the_same_word() -> None:
    """A concept has peacekeeper and peace-keeper; the reader wants to know it once."""
    words = tuple(
        MatchedWord(field="title", start=0, end=12, form="Peacekeepers", term=term)
        for term in ("peace-keeper", "peacekeeper")
    )
    found = waiting(article(title="Peacekeepers leave"), Match(rule="peace", version=1, words=words))
    _, plain, _ = mail(found)
    assert "peace: peacekeeper → Peacekeepers\n" in plain.replace("\r\n", "\n")


def test_the_same_alerts_give_the_same_bytes() -> None:
    """(case 2)"""
    one, other = (LETTERS.alerts([waiting()], group="rule:prisoners", neutral=False, now=NOW) for _ in range(2))
    assert (one.raw, one.message_id) == (other.raw, other.message_id)
    assert len(one.message_id) <= 60
    later = LETTERS.alerts([waiting(number=2)], group="rule:prisoners", neutral=False, now=NOW)
    assert later.message_id != one.message_id


def test_a_neutral_subject_tells_neither_rule_nor_title() -> None:
    subject, plain, _ = mail(waiting(), neutral=True)
    assert subject == "News monitor: new coverage"
    assert "prisoners" in plain


@pytest.mark.parametrize(
    ("kind", "group", "said"),
    [(AlertKind.BASELINE, "first-visit", "already there"), (AlertKind.FLOOD, "flood:one:x", "many old entries"), (AlertKind.UPDATE, "rule:r", "Updated"), (AlertKind.NEW, "", "Many alerts were waiting")],
)  # fmt: skip # a table
def test_a_digest_says_why_it_is_one_and_lists_every_link(kind: AlertKind, group: str, said: str) -> None:
    """(cases 12, 18, 19)"""
    items = [waiting(number=number, kind=kind) for number in range(1, 31)]
    _, plain, html = mail(*items, group=group)
    for part in (plain, html):
        assert said in part
        assert all(f"https://one.example/{number}" in part for number in range(1, 31))


def test_most_rules_come_first_and_others_are_counted() -> None:
    both = waiting(article(title="Both", url="https://one.example/2"), match("a"), match("b"), number=2)
    subject, plain, _ = mail(waiting(), both)
    assert subject == "[a, b] One: Both (and 1 more)"
    assert plain.index("Both") < plain.index("https://one.example/1")


def test_a_broken_template_still_sends_titles_and_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """(case 13)"""
    letters = Letters(sender="monitor@example.org", timezone=ZoneInfo("UTC"))
    # The template itself is what breaks; there is no seam in front of it, and none is needed otherwise.
    monkeypatch.setattr(
        letters, "_html", jinja2.Environment(loader=jinja2.DictLoader({"alert.html.j2": "{{ nothing.at.all }}"}))
    )
    _, plain, html = check(letters.alerts([waiting()], group="rule:x", neutral=False, now=NOW).raw)
    assert plain.split() == ["Title", "https://one.example/1"]
    assert html == ""


def test_a_mail_about_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="one article"):
        LETTERS.alerts([], group="x", neutral=False, now=NOW)


def test_notices_are_plain_mails() -> None:
    message = LETTERS.notice(
        "mail is refused\n\n550 no", cause="c", recipient="Ann O'X <ann@example.org>", channel="desk", now=NOW
    )
    subject, plain, _ = check(message.raw)
    assert (subject, "550 no" in plain) == ("News monitor: mail is refused", True)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda raw: raw.replace(b"\r\nDate:", b"\r\nBcc: x@y.z\r\nDate:"), "headers"), (lambda raw: raw + b"\n", "bare"),
        (lambda raw: raw + b"\xff", "8-bit"), (lambda raw: raw + b"x" * 999, "998"), (lambda raw: raw.replace(b"To: anna@", b"To: eve@"), "somebody else"),
    ],
)  # fmt: skip # a table
def test_final_bytes_are_checked(broken: Callable[[bytes], bytes], said: str) -> None:
    """(case 48)"""
    raw = LETTERS.alerts([waiting()], group="rule:x", neutral=False, now=NOW).raw
    with pytest.raises(UnsafeMailError, match=said):
        check_final(broken(raw), "anna@example.org")


@pytest.mark.parametrize(
    ("address", "header"),
    [("Анна <a@example.org>", "=?utf-8?B?"), ('"A, B" <a@example.org>', '"A, B" <a@example.org>'), ("a@հայ.example", "a@xn--"), ("desk", "<desk@maildir.invalid>")],
)  # fmt: skip # a table
def test_addresses_are_written_for_every_server(address: str, header: str) -> None:
    """(case 115)"""
    raw = LETTERS.alerts([waiting(recipient=address)], group="rule:x", neutral=False, now=NOW).raw
    assert header in raw.decode()
    assert domain_of("a@հայ.example").startswith("xn--")


def test_long_subjects_are_cut_and_folded() -> None:
    """(case 112)"""
    subject, _, _ = mail(waiting(article(title="слово " * 100, url="https://one.example/1")))
    assert len(subject) <= 180
    assert subject.endswith("…")
    assert encode_header("plain", 9) == "plain"


def _passage_text(found: Article, *words: tuple[str, int]) -> list[str]:
    spans = [
        MatchedWord(field="text", start=start, end=start + len(form), form=form, term=form) for form, start in words
    ]
    return [
        "".join(piece.text for piece in passage.pieces)
        for passage in passages(found, [Match(rule="r", version=1, words=tuple(spans))])
    ]


@given(st.text(alphabet="ab .։\n", max_size=900), st.integers(0, 880))
def test_passages_show_the_word_in_a_window(text: str, at: int) -> None:
    if text[at : at + 1].strip():
        (shown,) = _passage_text(article(text=text), (text[at], at))
        assert text[at] in shown
        assert len(shown) <= WIDEST + 10


def test_passages_are_few_and_do_not_overlap() -> None:
    text = "\n\n".join(f"Word number {n} stands here." for n in range(9))
    found = [(match.group(), match.start()) for match in re.finditer("Word", text)]
    assert len(_passage_text(article(text=text), *found)) == 3
    close = "One Word and another Word here."
    assert _passage_text(article(text=close), ("Word", 4), ("Word", 21)) == [close]


def test_long_sentences_are_cut_at_words() -> None:
    text = "lead " * 200 + "Word" + " tail" * 200
    (shown,) = _passage_text(article(text=text), ("Word", 1000))
    assert shown.startswith("… lead")
    assert shown.endswith("tail …")


def test_the_same_passage_in_summary_and_text_is_shown_once() -> None:
    words = [MatchedWord(field=name, start=0, end=4, form="Word", term="w") for name in ("summary", "text")]
    assert (
        len(
            passages(article(summary="Word here.", text="Word here."), [Match(rule="r", version=1, words=tuple(words))])
        )
        == 1
    )


@pytest.mark.parametrize("summary", ["Word came on Friday.", "Word came on […]", "Word came …"])
def test_a_summary_that_is_the_beginning_of_the_text_is_not_shown_beside_it(summary: str) -> None:
    words = [MatchedWord(field=name, start=0, end=4, form="Word", term="w") for name in ("summary", "text")]
    told = article(summary=summary, text="Word came on Friday, the ministry said.")
    shown = passages(told, [Match(rule="r", version=1, words=tuple(words))])
    assert ["".join(piece.text for piece in passage.pieces) for passage in shown] == [told.text]


def test_every_recipient_is_told_once_with_all_rules() -> None:
    """(cases 7, 17)"""
    channels = {
        "desk": Channel(name="desk", kind=ChannelKind.EMAIL, to=("a@x.org", "b@x.org")),
        "me": Channel(name="me", kind=ChannelKind.EMAIL, to=("a@x.org",)),
        "box": Channel(name="box", kind=ChannelKind.MAILDIR, path="mail"),
    }
    rules = (
        rule("one", "x", to=("desk", "box")),
        rule("two", "x", to=("me", "desk")),
        rule("up", "x", to=("box",), when=("update",)),
    )
    audience = Audience(rules=rules, channels=channels)
    matches = [match("two"), match("one"), match("up")]
    alerts = {alert.recipient: alert for alert in audience.alerts(matches, article_id=1, now=NOW)}
    assert set(alerts) == {"a@x.org", "b@x.org", "box"}
    assert [found.rule for found in alerts["a@x.org"].matches] == ["one", "two"]
    assert alerts["a@x.org"].group == "rule:one"
    assert [found.rule for found in alerts["box"].matches] == ["one"]
    (update,) = audience.alerts(matches, article_id=1, kind=AlertKind.UPDATE, group="g", now=NOW)
    assert (update.recipient, update.group) == ("box", "g")


def test_a_pile_is_told_as_lists() -> None:
    """(case 12)"""
    group = DueGroup(recipient="a", channel="desk", group="rule:x", kind=AlertKind.NEW, waiting=5)
    assert gather((group, replace(group, group="rule:y"))) == (group, replace(group, group="rule:y"))
    assert gather((replace(group, waiting=300), replace(group, group="rule:y", waiting=300))) == (
        replace(group, group="", waiting=300),
    )
