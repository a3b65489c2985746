"""Names that an engineer can search for: the rules of tools/naming.py, with exceptions that only shrink."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tools.naming import SourceModule, find_all_problems, find_problems, load_modules, measure_gauges
from tools.steps import ROOT

ACCEPTED = ROOT / "tests" / "architecture" / "accepted_names.txt"
MOST_ACCEPTED = 30
"""The length of the list of exceptions: lower it whenever the list shrinks; it never grows."""


@cache
def read_accepted() -> frozenset[str]:
    """Return the accepted exceptions: one `rule path name` a line."""
    lines = ACCEPTED.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def parse_one_module(text: str) -> SourceModule:
    return SourceModule(path="src/homeroom/example.py", tree=ast.parse(text), lines=tuple(text.splitlines()))


def test_every_name_follows_the_rules_or_is_an_accepted_exception() -> None:
    problems = [str(problem) for problem in find_all_problems() if problem.key not in read_accepted()]
    assert problems == [], "\n".join(problems)


def test_the_list_of_exceptions_only_shrinks() -> None:
    needed = {problem.key for problem in find_all_problems()}
    assert sorted(read_accepted() - needed) == [], "these exceptions are not needed any more: remove them"
    assert len(read_accepted()) <= MOST_ACCEPTED


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("def loaded_rows() -> None: ...", "participle"),
        ("def rows_of() -> None: ...", "verb"),
        ("def load_rows() -> None:\n    found = 1\n    print(found)", "variable"),
        ("def load_rows(said: int) -> None: ...", "variable"),
        ("def load_rows() -> object:\n    return [one for one in (1,)]", "variable"),
        ("NAMES = [one for one in (1,)]", "variable"),
        ('def load_rows() -> None:\n    """Load what stands."""', "docstring"),
        ("class Load: ...\nclass Load: ...", "class"),
    ],
)
def test_a_name_that_breaks_a_rule_is_a_problem_with_advice(text: str, rule: str) -> None:
    (problem,) = find_problems([parse_one_module(text)])
    assert problem.rule == rule
    assert len(problem.advice) > 20


@pytest.mark.parametrize(
    "text",
    [
        "def load_rows(limit: int) -> None: ...",
        "class Load:\n    @property\n    def rows(self) -> int: ...",
        "def _key_sql() -> str: ...",
        "def test_a_row_is_loaded() -> None: ...",
    ],
)
def test_a_name_that_follows_the_rules_is_no_problem(text: str) -> None:
    assert find_problems([parse_one_module(text)]) == []


def test_the_gauges_are_at_their_goals() -> None:
    gauges = measure_gauges([module for module in load_modules() if module.path.startswith("src/")])
    assert gauges["functions that begin with a verb, %"] >= 90
    assert gauges["functions that begin with a past participle, %"] <= 1
    assert gauges["bindings with a banned name, %"] <= 0.1
    assert gauges["dialect per 1,000 docstring words"] <= 0.5
    assert gauges["class names defined twice"] <= 10
    assert gauges["lines over 120 characters, %"] <= 0.1
    assert gauges["largest folder, modules"] <= 24
    assert gauges["`district: Any`"] == 0
