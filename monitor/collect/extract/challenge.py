"""Pages that a bot wall shows instead of the article."""

from __future__ import annotations

import re

_TITLES = re.compile(
    r"just a moment|attention required|checking your browser|ddos-guard|ddos protection|access denied"
    r"|are you a (?:robot|human)"
    r"|verify(?:ing)? (?:that )?you are (?:a )?human|human verification|security check|pardon our interruption"
    r"|robot check|captcha|проверка (?:браузера|безопасности)|вы не робот|request unsuccessful|one more step"
    r"|bot verification",
    re.IGNORECASE,
)
_MARKS = re.compile(
    r"cf-challenge|cf[_-]chl[_-]|challenge-form|jschl[_-]|_incapsula_resource|captcha-delivery|px-captcha|ddos-guard"
    r"|checking your browser|enable javascript and cookies to continue",
    re.IGNORECASE,
)
_MOST_TEXT = 600  # code points
_LONGEST_TITLE = 80


def is_challenge(title: str, text: str, markup: str) -> bool:
    """Tell whether a page with little text is a bot wall: its title says so, or the wall's scripts are in it."""
    if len(text) > _MOST_TEXT:
        return False
    if len(title) <= _LONGEST_TITLE and _TITLES.match(title):
        return True
    return len(text) <= _MOST_TEXT // 2 and bool(_MARKS.search(markup))
