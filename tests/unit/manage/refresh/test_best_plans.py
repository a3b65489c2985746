"""The engine against trying everything, and against a judge that knows only the rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.budget.refresh_judge import check_plan, count_figures, list_purchases, load_files
from homeroom.apps.manage.budget.refresh_documents import build_refresh_document
from homeroom.apps.manage.budget.refresh_files import plan_refresh_file
from tests.unit.manage.refresh.refresh_files import write_problem
from tests.unit.manage.refresh.small_problems import find_best_plan, write_small_problem

PROBLEMS = 100


def plan_file(path: Path, **options: Any) -> dict[str, Any]:
    """Plan a problem as the command does."""
    document: dict[str, Any] = json.loads(json.dumps(build_refresh_document(plan_refresh_file(path, **options))))
    return document


@pytest.mark.parametrize("seed", range(PROBLEMS))
def test_a_small_plan_is_the_best_of_all_plans(tmp_path: Path, seed: int) -> None:
    path = write_small_problem(tmp_path, seed)
    files, plan = load_files(path), plan_file(path, seconds=20)
    assert check_plan(files, plan) == []
    assert plan["gap"] == 0
    weighted, money = find_best_plan(files)
    assert plan["weighted"] == weighted
    assert count_figures(files, plan, list_purchases(files, plan))["money"] == money


def test_a_plan_of_every_rule_is_accepted_by_the_judge(tmp_path: Path) -> None:
    path = write_problem(tmp_path)
    assert check_plan(load_files(path), plan_file(path, seconds=20)) == []


@pytest.mark.parametrize(
    ("list_name", "changes"),
    [
        ("replace", {"year": 2026}),
        ("replace", {"count": 900}),
        ("replace", {"fund": "title-i", "group": "c"}),
        ("replace", {"way": "lease", "fund": "bond"}),
        ("replace", {"group": "e"}),
        ("retire", {"group": "c"}),
        ("add", {"school": "Elm"}),
    ],
)
def test_the_judge_finds_a_broken_rule(tmp_path: Path, list_name: str, changes: dict[str, Any]) -> None:
    path = write_problem(tmp_path)
    files, plan = load_files(path), plan_file(path, seconds=20)
    rows = {
        "replace": {"group": "a", "year": 2028, "fund": "general", "way": "buy", "count": 1},
        "retire": {"group": "a", "year": 2028, "count": 1},
        "add": {"school": "Oak", "kind": "chromebook", "year": 2028, "fund": "general", "way": "buy", "count": 1},
    }
    plan[list_name].append(rows[list_name] | changes)
    assert check_plan(files, plan) != []
