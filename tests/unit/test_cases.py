"""The table of acceptance cases is true: every case has a row, every test named exists, every test that names a case is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROW = re.compile(r"\| (\d+) \| (covered|partly|not yet) \| (.+) \|")


def table() -> dict[int, tuple[str, set[str]]]:
    lines = (TESTS / "CASES.md").read_text(encoding="utf-8").splitlines()
    rows = [match for line in lines if (match := ROW.fullmatch(line))]
    return {int(row[1]): (row[2], set(re.findall(r"`(\S+::\S+)`", row[3]))) for row in rows}


def named() -> dict[int, set[str]]:
    """Give the tests that name a case, by their name or docstring."""
    found: dict[int, set[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                text = f"{node.name.replace('test_case_', 'case ')} {ast.get_docstring(node) or ''}"
                for numbers in re.findall(r"\b[Cc]ases? ([0-9][0-9, and]*)", text):
                    for number in re.findall(r"\d+", numbers):
                        found.setdefault(int(number), set()).add(f"{path.relative_to(TESTS)}::{node.name}")
    return found


def test_every_case_has_a_row() -> None:
    assert sorted(table()) == list(range(1, 121))


def test_the_table_names_exactly_the_tests_that_name_a_case() -> None:
    listed = {number: tests for number, (_, tests) in table().items() if tests}
    assert listed == named()


def test_what_is_covered_has_a_test_and_what_is_not_has_none() -> None:
    assert [number for number, (state, tests) in table().items() if bool(tests) != (state != "not yet")] == []
