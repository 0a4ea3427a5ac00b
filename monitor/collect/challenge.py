"""Pages that a bot wall shows instead of an article, a feed or a list."""

from __future__ import annotations

import re
from collections.abc import Mapping

from monitor.collect.html import line_of
from monitor.errors import SourceError
from monitor.text import clean_line

_TITLES = re.compile(
    r"just a moment|attention required|checking your browser|ddos-guard|ddos protection|access denied"
    r"|access to this page has been denied|you have been blocked|sorry, you have been blocked"
    r"|are you a (?:robot|human)|are you human|please wait\W*(?:while|\||$)|robot or human"
    r"|verify(?:ing)? (?:that )?you are (?:a )?human|human verification|security check|pardon our interruption"
    r"|robot check|captcha|проверка (?:браузера|безопасности)|вы не робот|доступ (?:ограничен|запрещ[её]н)\W*$"
    r"|request unsuccessful|request rejected\W*$|one more step|bot verification|client challenge"
    r"|vercel security checkpoint",
    re.IGNORECASE,
)
_MARKS = re.compile(
    r"cf-challenge|cf[_-]chl[_-]|challenge-form|jschl[_-]|_incapsula_resource|captcha-delivery|px-captcha|ddos-guard"
    r"|checking your browser|enable javascript and cookies to continue|awswaf|_pxappid|geo\.captcha|showcaptcha"
    r"|/_sec/cp_challenge|errors\.edgesuite\.net|perfdrive\.com|qrator|smartcaptcha",
    re.IGNORECASE,
)
_MOST_TEXT = 600  # code points
_LONGEST_TITLE = 80
_WALLED = frozenset({401, 403, 405, 406, 429, 503})
_HEAD = 100_000  # bytes, or code points, of an answer that are looked at
_TITLE = re.compile(r"<title[^>]{0,200}>\s*([^<]{1,300})", re.IGNORECASE)
_HEADERS = {"cf-mitigated": b"challenge", "x-amzn-waf-action": b"c", "x-vercel-mitigated": b"c"}  # and their beginnings
_SITES_OWN = re.compile(r"access denied|доступ", re.IGNORECASE)  # titles that sites give to their own refusals


def is_challenge(title: str, text: str, markup: str) -> bool:
    """Tell whether a page with little text is a bot wall: its title says so, or the wall's scripts are in it."""
    if len(text) > _MOST_TEXT:
        return False
    if len(title) <= _LONGEST_TITLE and _TITLES.match(title):
        return True
    return len(text) <= _MOST_TEXT // 2 and bool(_MARKS.search(markup))


def wall(markup: str) -> SourceError | None:
    """Give the error of an answer with success that is a bot wall, where a feed or a list was wanted."""
    head = markup[:_HEAD]
    title = _TITLE.search(head)
    text = line_of(head, _MOST_TEXT + 1)
    if not is_challenge(title[1].strip() if title else "", text, head):
        return None
    return SourceError("challenge_page", f"the answer is a bot wall: {clean_line(title[1] if title else text, 80)!r}")


def refusal(status: int, body: bytes, headers: Mapping[str, bytes]) -> str:
    """Name the error of an answer with this status: `http_403`, or `challenge_page` where a bot wall gave it.

    `headers` have their names in lower case.
    """
    walled = status in _WALLED and _is_walls(body, headers)
    return "challenge_page" if walled else f"http_{status}"


def _is_walls(body: bytes, headers: Mapping[str, bytes]) -> bool:
    if any(headers.get(name, b"").lower().startswith(sign) for name, sign in _HEADERS.items()):
        return True
    markup = body[:_HEAD].decode("utf-8", "replace")
    if _MARKS.search(markup):
        return True
    title = _TITLE.search(markup)
    return title is not None and bool(_TITLES.match(title[1])) and not _SITES_OWN.match(title[1])
