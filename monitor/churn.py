"""What changes in a text without anybody editing it: clocks, ages, counters, stamps of the last update. Pure.

A figure is news: *12 killed* that becomes *15 killed* is an edit. So nothing is taken out for being a number, but only
for what stands beside it: a colon, `ago`, `views`, `updated`.
"""

from __future__ import annotations

import re
from collections import Counter

from monitor.text import paragraphs

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?\b(?:\s*(?:a\.?m\b\.?|p\.?m\b\.?|utc|gmt|msk|мск)(?!\w))?"
_NUMBER = r"\d[\d.,’'\u00a0\u202f ]{0,14}(?:[kmк]\b|тыс\b\.?|млн\b\.?)?"
# How long ago, by language: a unit and the word for `ago`.
_AGO = (
    (r"(?:sec(?:ond)?|min(?:ute)?|h(?:ou)?r|day|week|month)s?", r"ago"),
    (r"(?:сек|мин|час|дн|день|недел|месяц)\w*", r"(?:тому )?назад"),
    (r"(?:վայրկյան|րոպե|ժամ|օր|շաբաթ|ամիս)\w*", r"առաջ"),
    (r"(?:saniyə|dəqiqə|saat|gün|həftə|ay)\w*", r"(?:əvvəl|öncə)"),
    (r"(?:წამ|წუთ|საათ|დღ|კვირ|თვ)\w*", r"(?:წინ|უკან)"),
    (r"(?:saniye|dakika|dk|saat|gün|hafta|ay)\w*", r"önce"),
)
# What is counted beside an article.
_COUNTED = (
    r"views?|reads?|comments?|shares?|likes?|reactions?|replies|просмотр\w*|прочтени\w*|коммент\w*|репост\w*|лайк\w*"
    r"|դիտում\w*|մեկնաբանություն\w*|baxış\w*|oxun\w*|şərh\w*|ნახვა\w*|კომენტარ\w*"
    r"|görüntülenme\w*|okunma\w*|yorum\w*|paylaşım\w*|beğeni\w*"
)
_UPDATED = (
    r"(?:last )?(?:updated?|modified|edited)|(?:first )?published|posted|обновл[её]н\w*|изменен\w*|опубликован\w*"
    r"|թարմաց\w+(?: է)?|հրապարակ\w+(?: է)?|yenilən\w+|dərc \w+|yayımlan\w+|განახლ\w+|გამოქვეყნ\w+"
    r"|(?:son )?güncelle\w+|yayın\w+"
)
_MONTHS = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек"
    r"|հունվ|փետր|մարտ|ապր|մայ|հուն|հուլ|օգոս|սեպ|հոկ|նոյ|դեկ|yan|fev|apr|iyn|iyun|iyl|iyul|avq|sen|okt|noy|dek"
    r"|იან|თებ|მარ|აპრ|მაი|ივნ|ივლ|აგვ|სექ|ოქტ|ნოე|დეკ|oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara)\w*\.?"
)
_DATE = (
    rf"\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}|\d{{1,2}}\.? {_MONTHS},?(?: \d{{4}}\b)?"
    rf"|{_MONTHS} \d{{1,2}}\b,?(?: \d{{4}}\b)?"
)
_DAYS = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|понедельник|вторник|сред[аы]|четверг|пятниц[аы]|суббот[аы]|воскресенье"
    r"|երկուշաբթի|երեքշաբթի|չորեքշաբթի|հինգշաբթի|ուրբաթ|շաբաթ|կիրակի|bazar(?: ertəsi)?|çərşənbə(?: axşamı)?"
    r"|cümə(?: axşamı)?|şənbə|ორშაბათი|სამშაბათი|ოთხშაბათი|ხუთშაბათი|პარასკევი|შაბათი|კვირა"
    r"|pazar(?:tesi)?|salı|çarşamba|perşembe|cuma(?:rtesi)?"
)
_BETWEEN = r"(?:[\s,.:;|/–—-]|\b(?:at|on|в|г|года|il|saat)\b){0,12}"
_AGES = "|".join(rf"\d{{1,4}} {unit} {ago}(?!\w)" for unit, ago in _AGO)
_LED_BY_WORD = (
    rf"(?:{_COUNTED})(?: sayı| count)?\s?[:՝(–-]?\s?{_NUMBER}"
    rf"|(?:{_UPDATED}){_BETWEEN}(?:(?:{_DATE}|{_CLOCK}|{_DAYS}){_BETWEEN}){{1,4}}"
)
_LED_BY_FIGURE = rf"{_CLOCK}|{_AGES}|{_NUMBER}\s?(?:{_COUNTED})(?!\w)"
# Each begins with what few places of a text have: a figure, or a word of a short list.
_INSIDE = (re.compile(rf"(?<!\w)(?:{_LED_BY_WORD})"), re.compile(rf"(?<!\w)(?=\d)(?:{_LED_BY_FIGURE})"))
_ALONE = re.compile(rf"{_DATE}|(?<!\w)(?:{_DAYS}|{_UPDATED}|just now|только что)(?!\w)|\d+")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_LONGEST_STAMP = 120


def settled(passage: str) -> str:
    """Give what of a passage somebody wrote, in lower case; nothing where it is but a clock, date or counter."""
    plain = " ".join(passage.casefold().split())
    if not _DIGIT.search(plain):
        return plain
    kept = plain
    for pattern in _INSIDE:
        kept = pattern.sub(" ", kept)
    if len(plain) <= _LONGEST_STAMP and not _LETTER.search(_ALONE.sub(" ", kept)):
        return ""
    return " ".join(kept.split())


def lasting(*texts: str) -> Counter[str]:
    """Give what of some texts lasts until somebody edits them: each settled passage, wherever it stands."""
    found = Counter(settled(part) for text in texts for part in paragraphs(text))
    del found[""]
    return found
