"""What stands in front of an article: requests to agree, to pay or to log in, by language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import dropwhile

from monitor.collect.extract.plain import plain

# What a line of a wall says; a wall speaks to the reader, an article about walls hardly does.
_PHRASES = {
    "en": r"subscribe (?:now |today )?(?:to|and) (?:continue|keep|read|get|unlock)|to (?:continue|keep) reading"
    r"|(?:article|story|content) is (?:only |exclusively )?(?:for|available to|reserved for) (?:our |paid |paying )*"
    r"(?:subscribers|members)|(?:for|become a) subscribers? only|already (?:an? )?(?:subscriber|member|subscribed)"
    r"|(?:log|sign) in to (?:continue|read|view|your account)"
    r"|(?:create|register for) (?:a |an |your )?(?:free )?account|register to (?:continue|read)"
    r"|unlock th(?:is|e) (?:article|story)|start your (?:free )?(?:trial|subscription)"
    r"|you(?:.ve| have) (?:reached|read) your .{0,30}(?:limit|articles)"
    r"|continue with(?:out)? (?:cookies|accepting|agreeing|ads)|accept (?:all )?(?:the )?cookies|reject all"
    r"|we value your privacy|(?:we|site|website|page) uses? cookies|we and our (?:\d+ )?(?:\w+ )?partners"
    r"|manage (?:your )?(?:consent|cookies|privacy|preferences|options)|before you continue|your (?:privacy )?choices"
    r"|(?:turn off|disable) (?:your )?ad ?blocker|enable (?:java ?script|cookies)",
    "ru": r"(?:оформите|купите|нужна) подписк|подпишитесь,? чтобы|(?:доступ\w*|материал|статья|текст) .{0,20}"
    r"(?:для|по) подпис|(?:чтобы|для того чтобы) (?:читать|прочитать|продолжить).{0,60}"
    r"(?:войдите|подпи|зарегистр|авториз)|войдите,? чтобы|авторизуйтесь|уже (?:есть подписка|подписаны)"
    r"|использу\w+ (?:файлы )?(?:cookies?|куки)|файл\w* (?:cookie|куки)"
    r"|(?:продолжить с|принять(?: все)?) (?:файлы )?(?:cookies?|куки)|отключите блокировщик"
    r"|согласи\w+ (?:на|с) (?:обработк|использован)",
    "hy": r"բաժանորդագրվե\W?ք.{0,30}(?:կարդալ|շարունակել)|(?:կարդալու|շարունակելու) համար.{0,40}"
    r"(?:մուտք|բաժանորդ|գրանցվե)|մուտք գործե\W?ք|միայն բաժանորդների|օգտագործում (?:է|ենք) (?:cookie|քուքի|թխուկ)"
    r"|ընդունել (?:բոլոր )?(?:cookie|քուքի|թխուկ)",
    "az": r"(?:oxumaq|davam etmək) üçün.{0,40}(?:abunə|daxil ol|qeydiyyat)|yalnız abunəçilər|artıq abunəsiniz"
    r"|(?:kuki|cookie)\w* (?:fayllar\w* )?(?:istifadə|qəbul)|(?:kukiləri|cookie-ləri) qəbul",
    "ka": r"(?:გასაგრძელებლად|წასაკითხად|კითხვის გაგრძელ\w+).{0,40}(?:გამოიწერ|გაიარე|შედი|დარეგისტრირ)"
    r"|მხოლოდ (?:გამომწერ|აბონენტ)|იყენებს (?:cookie|ქუქი)|(?:cookie|ქუქი)\w*.{0,20}(?:თანხმ|მიღება)",
    "tr": r"(?:okumak|devam etmek|okumaya devam).{0,50}(?:abone|giriş|üye)|abonelere özel|zaten abone"
    r"|çerez\w*.{0,30}(?:kullan|kabul)|tüm çerezleri",
}
_WALL = re.compile("|".join(_PHRASES.values()), re.IGNORECASE)
# One of these is in each of the phrases; looking for them takes a hundredth of the time.
_HINTS = (
    "subscri reading account register unlock trial cookie reject consent privacy partner manage limit articles ads"
    " accepting agreeing before choices blocker javascript java sign log member personali legitimate"
    " подпис войдите авториз зарегистр куки блокировщик соглас բաժանորդ մուտք գրանցվե քուքի թխուկ abunə oxumaq etmək"
    " kuki გასაგრძელებლად წასაკითხად გაგრძელ გამომწერ აბონენტ ქუქი abone okumak çerez"
).split()
_CONSENT = re.compile(
    r"cookie|consent|privacy|partners|personali[sz]ed|legitimate interest|куки|согласи|çerez|քուքի|ქუქი", re.IGNORECASE
)
_MANY = 3
_LONGEST = 400  # code points of a line that is told by one phrase
_SENTENCE = 60  # code points from which a line is rather a sentence than a button
_ENDS = (".", "!", "?", "…", "։", "»", "”")


def without_wall(lines: Sequence[str], title: str) -> tuple[list[str], bool]:
    """Give the lines that stand before a wall, and whether they are nothing of an article: a wall and its buttons."""
    kept = list(dropwhile(_is_wall, reversed(lines)))[::-1]
    wanted = plain(title)
    # The first line mostly tells something; no other is looked at then.
    if any(_is_told(line) and plain(line) != wanted and not _is_wall(line) for line in kept):
        return kept, False
    walled = len(kept) < len(lines) or any(map(_is_wall, kept))
    return ([] if walled else kept), walled


def _is_wall(line: str) -> bool:
    lowered = line.lower()
    if not any(hint in lowered for hint in _HINTS):
        return False
    if len(line) <= _LONGEST and _WALL.search(line):
        return True
    return len(set(map(str.lower, _CONSENT.findall(line)))) >= _MANY


def _is_told(line: str) -> bool:
    """Tell whether a line tells something: it is long, or a sentence."""
    return len(line) >= _SENTENCE or line.endswith(_ENDS)
