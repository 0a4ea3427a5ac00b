"""What is no edit: clocks, ages, counters and stamps, in the languages of the region."""

from __future__ import annotations

import pytest

from monitor.churn import lasting, settled

SAME = [
    ("Views: 1,234", "Views: 2,345"),
    ("1,234 views", "12.5K views"),
    ("12 comments", "13 comments"),
    ("Просмотров: 1 204", "Просмотров: 1 391"),
    ("Դիտումներ՝ 12", "Դիտումներ՝ 99"),
    ("Baxış sayı: 120", "Baxış sayı: 121"),
    ("ნახვა: 17", "ნახვა: 18"),
    ("250 görüntülenme", "251 görüntülenme"),
    ("Updated 5 minutes ago", "Updated 2 hours ago"),
    ("5 минут назад", "2 часа назад"),
    ("10 րոպե առաջ", "1 ժամ առաջ"),
    ("5 dəqiqə əvvəl", "3 saat əvvəl"),
    ("5 წუთის წინ", "1 საათის წინ"),
    ("5 dakika önce", "2 saat önce"),
    ("Updated: 24 November 2026, 14:05", "Updated: 25 November 2026, 09:10"),
    ("Tuesday, 24 November 2026", "Wednesday, 25 November 2026"),
    ("Обновлено 24 ноября 2026, 14:05", "Обновлено 25 ноября 2026, 09:00"),
    ("Last updated on Nov 24, 2026 at 2:05 pm UTC", "Last updated on Nov 25, 2026 at 9:10 am UTC"),
    ("24.11.2026 14:05", "25.11.2026 09:10"),
    ("Updated at 12:05. Talks go on.", "Updated at 12:20. Talks go on."),
    ("The ceremony began 3 hours ago at the gate.", "The ceremony began 4 hours ago at the gate."),
    ("It was read by many (1,204 views) at once.", "It was read by many (9,999 views) at once."),
    ("1,234", "1,235"),
]
OTHER = [
    ("Twelve killed", "Fifteen killed"),
    ("12 killed in the shelling", "15 killed in the shelling"),
    ("The truce begins on 24 November.", "The truce begins on 25 November."),
    ("Updated: 15 prisoners freed", "Updated: 16 prisoners freed"),
    ("Погибли 12 человек", "Погибли 15 человек"),
    ("A price of 1,234 drams", "A price of 1,334 drams"),
    ("May 9 prisoners come home?", "May 8 prisoners come home?"),
]


@pytest.mark.parametrize(("before", "after"), SAME)
def test_case_105_a_clock_or_counter_is_no_edit(before: str, after: str) -> None:
    assert settled(before) == settled(after)


@pytest.mark.parametrize(("before", "after"), OTHER)
def test_case_105_every_other_figure_is_an_edit(before: str, after: str) -> None:
    assert settled(before) != settled(after)


def test_passages_that_only_move_are_the_same_text() -> None:
    assert lasting("One.\n\nTwo.") == lasting("Two.\n\nOne.\n\n5 minutes ago")
    assert lasting("One.") != lasting("One.\n\nOne.")
