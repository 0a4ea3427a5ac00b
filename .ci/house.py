"""Measures the house: module and function lengths, and that `__init__.py` only re-exports."""

from __future__ import annotations

import ast
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 300
LONGEST_FUNCTION = 60
MEDIAN_FUNCTION = 10


def main() -> int:
    """Print the figures; 1 if one is over its limit."""
    problems: list[str] = []
    modules: list[int] = []
    functions: list[int] = []
    for path in sorted([*ROOT.glob("monitor/**/*.py"), *ROOT.glob("spiders/**/*.py")]):
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        name = path.relative_to(ROOT)
        modules.append(source.count("\n"))
        if modules[-1] > LONGEST_MODULE:
            problems.append(f"{name}: {modules[-1]} lines; the limit is {LONGEST_MODULE}")
        if path.name == "__init__.py" and not all(isinstance(node, _RE_EXPORT) for node in tree.body):
            problems.append(f"{name}: an __init__.py holds re-exports only")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                functions.append((node.end_lineno or node.lineno) - node.lineno + 1)
                if functions[-1] > LONGEST_FUNCTION:
                    problems.append(f"{name}:{node.lineno}: {node.name} has {functions[-1]} lines")
    if statistics.median(functions) > MEDIAN_FUNCTION:
        problems.append(f"the median function has {statistics.median(functions):.0f} lines")
    sys.stdout.write(
        f"house: {len(modules)} modules, median {statistics.median(modules):.0f} lines, longest {max(modules)}; "
        f"{len(functions)} functions, median {statistics.median(functions):.0f}, longest {max(functions)}\n"
    )
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


_RE_EXPORT = (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign)

if __name__ == "__main__":
    raise SystemExit(main())
