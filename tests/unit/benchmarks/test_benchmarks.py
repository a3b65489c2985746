"""Test how the benchmarks judge: goals, the outcome of a file, and planted faults that are found or missed."""

from __future__ import annotations

import json
import math

import pytest

from bench.__main__ import import_benchmark, list_benchmarks
from bench.bad_files import classify_outcome
from bench.sample_exact import compare_with_truth
from bench.support.bad_bundles import generate_broken_files, generate_odd_files
from bench.support.goals import Goal, are_all_met, require_exactly
from bench.support.medians import compute_medians
from bench.support.program import ProcessCost

CASE = {"name": "a file", "expect": {"1": ["Amara", "Abara"], "2": ["Bao", "Ito"]}, "never": False}
BOTH = {"1": ["Amara", "Abara"], "2": ["Bao", "Ito"]}


def _build_cost(code: int, err: str = "") -> ProcessCost:
    return ProcessCost(seconds=1.0, cpu=1.0, peak=1.0, code=code, out="", err=err)


def _build_subject(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"source": source, "key": key} for source, key in pairs]


@pytest.mark.parametrize("name", list_benchmarks())
def test_every_benchmark_has_goals_that_can_be_printed_and_a_measure(name: str) -> None:
    bench = import_benchmark(name)
    assert callable(bench.measure)
    assert json.dumps({goal: bound.describe_bounds() for goal, bound in bench.GOALS.items()}) != "{}"
    assert (bench.__doc__ or "").strip()


def test_a_goal_holds_up_to_its_bound_and_never_for_what_is_no_number() -> None:
    goal = Goal(at_most=8)
    assert (goal.is_met_by(8.0), goal.is_met_by(8.01), goal.is_met_by(math.nan), goal.is_met_by(None)) == (
        True,
        False,
        False,
        False,
    )
    assert (require_exactly(0).is_met_by(0), require_exactly(0).is_met_by(1), require_exactly(0).is_met_by(-1)) == (
        True,
        False,
        False,
    )


def test_a_goal_without_its_figure_does_not_hold() -> None:
    assert not are_all_met({"seconds": Goal(at_most=8)}, {})
    assert are_all_met({"seconds": Goal(at_most=8)}, {"seconds": 7, "other": 99})


def test_the_median_of_each_figure_is_its_own() -> None:
    assert compute_medians([{"a": 1, "b": 9}, {"a": 2, "b": 7}, {"a": 30, "b": 8}]) == {"a": 2, "b": 8}


def test_there_are_more_than_forty_bad_files_and_each_has_its_own_name() -> None:
    file_names = [bad.name for bad in (*generate_odd_files(), *generate_broken_files())]
    assert len(file_names) == len(set(file_names)) > 40


@pytest.mark.parametrize(
    ("remaining", "code", "verdict"),
    [
        (BOTH, 0, "loaded"),
        ({}, 2, "refused"),
        ({"1": ["Amara", "Abara"]}, 1, "loaded"),
        ({"1": ["Amara", "Abara"]}, 0, "lost_without_a_word"),
        ({**BOTH, "1": ["Amara", "Ab�ra"]}, 0, "read_wrongly"),
        ({**BOTH, "3": ["Nobody", "Asked"]}, 0, "read_wrongly"),
        (BOTH, -9, "crashes"),
    ],
)
def test_a_file_is_loaded_exactly_or_refused(remaining: dict[str, list[str]], code: int, verdict: str) -> None:
    assert classify_outcome(CASE, _build_cost(code), remaining) == verdict


def test_a_traceback_is_a_crash_whatever_the_exit_code() -> None:
    assert classify_outcome(CASE, _build_cost(1, "Traceback (most recent call last):"), {}) == "crashes"


def test_nothing_of_a_broken_file_is_kept_and_its_refusal_is_said() -> None:
    never = {"name": "a broken file", "expect": {}, "never": True}
    assert classify_outcome(never, _build_cost(1), {}) == "refused"
    assert classify_outcome(never, _build_cost(0), {}) == "lost_without_a_word"
    assert classify_outcome(never, _build_cost(1), BOTH) == "kept_though_broken"


def test_a_planted_fault_is_found_by_a_record_that_it_shares() -> None:
    truth = {"leaver-account": {"failing": [_build_subject(("google", "1"), ("hr", "7"))], "cannot_tell": []}}
    control = {
        "id": "leaver-account",
        "cannot_tell_subjects": [],
        "subjects": [{"id": "a", "records": _build_subject(("hr", "7"))}],
    }
    comparison = compare_with_truth(truth, [control])
    assert (comparison["planted"], comparison["missed"], comparison["reported_besides"]) == (1, 0, 0)


def test_two_planted_subjects_that_were_taken_for_one_are_a_miss() -> None:
    truth = {
        "holder-gone": {
            "failing": [_build_subject(("google", "1")), _build_subject(("google", "2"))],
            "cannot_tell": [],
        }
    }
    subject = {"id": "d", "records": _build_subject(("google", "1"), ("google", "2"))}
    comparison = compare_with_truth(truth, [{"id": "holder-gone", "cannot_tell_subjects": [], "subjects": [subject]}])
    assert (comparison["missed"], comparison["reported_besides"]) == (1, 0)


def test_one_planted_subject_that_was_taken_for_two_is_reported_besides() -> None:
    failing, unknown = [_build_subject(("google", "1"), ("snipeit", "2"))], [_build_subject(("google", "8"))]
    truth = {"holder-gone": {"failing": failing, "cannot_tell": unknown}}
    subjects = [
        {"id": "d", "records": _build_subject(("google", "1"))},
        {"id": "e", "records": _build_subject(("snipeit", "2"))},
    ]
    unknown_subjects = [
        {"id": "f", "records": _build_subject(("google", "8"))},
        {"id": "g", "records": _build_subject(("google", "9"))},
    ]
    comparison = compare_with_truth(
        truth, [{"id": "holder-gone", "cannot_tell_subjects": unknown_subjects, "subjects": subjects}]
    )
    assert (comparison["missed"], comparison["reported_besides"], comparison["cannot_tell_wrong"]) == (0, 1, 1)
