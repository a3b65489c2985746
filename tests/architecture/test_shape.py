"""Files and functions stay small enough to hold in mind, and say what they are about."""

from __future__ import annotations

import ast
from statistics import median, quantiles

from tests.architecture.sources import modules, named, parsed

LONGEST_FILE = 300


def _lengths() -> list[int]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for path in modules() for node in ast.walk(parsed(path)) if isinstance(node, kinds)]
    return [(node.end_lineno or node.lineno) - node.lineno + 1 for node in nodes]


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_a_function_is_one_thought() -> None:
    lengths = _lengths()
    assert median(lengths) < 10
    assert quantiles(lengths, n=20)[-1] < 45


def test_every_module_says_in_its_first_line_what_it_is_about() -> None:
    silent = [named(path) for path in modules() if path.stat().st_size and not ast.get_docstring(parsed(path))]
    assert silent == []


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "helpers", "misc", "common", "signals"}
    assert [named(path) for path in modules() if path.stem in drawers] == []
