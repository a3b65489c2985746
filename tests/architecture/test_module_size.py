"""Files and functions stay small enough to hold in mind, and document their subject."""

from __future__ import annotations

import ast
from statistics import median, quantiles

from tests.architecture.repository_files import format_path, list_modules, parse_module

LONGEST_FILE = 400


def _measure_functions() -> list[int]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for path in list_modules() for node in ast.walk(parse_module(path)) if isinstance(node, kinds)]
    return [(node.end_lineno or node.lineno) - node.lineno + 1 for node in nodes]


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    lengths = {format_path(path): len(path.read_text(encoding="utf-8").splitlines()) for path in list_modules()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_a_function_is_one_thought() -> None:
    lengths = _measure_functions()
    assert median(lengths) < 10
    assert quantiles(lengths, n=20)[-1] < 45


def test_every_module_says_in_its_first_line_what_it_is_about() -> None:
    undocumented = [
        format_path(path)
        for path in list_modules()
        if path.stat().st_size and not ast.get_docstring(parse_module(path))
    ]
    assert undocumented == []


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "helpers", "misc", "common", "signals"}
    assert [format_path(path) for path in list_modules() if path.stem in drawers] == []
