"""The benchmarks' own judgement: what holds, what is a benchmark, what became of a file, what was found."""

from __future__ import annotations

import importlib
import json
import math

import pytest

from bench.__main__ import names
from bench.bad_files import judged
from bench.sample_exact import compare
from bench.support.bad import broken, odd
from bench.support.goals import Goal, all_hold, exactly
from bench.support.medians import medians
from bench.support.program import Cost

CASE = {"name": "a file", "expect": {"1": ["Amara", "Abara"], "2": ["Bao", "Ito"]}, "never": False}
BOTH = {"1": ["Amara", "Abara"], "2": ["Bao", "Ito"]}


def _ended(code: int, err: str = "") -> Cost:
    return Cost(seconds=1.0, cpu=1.0, peak=1.0, code=code, out="", err=err)


def _subject(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"source": source, "key": key} for source, key in pairs]


@pytest.mark.parametrize("name", names())
def test_every_benchmark_has_goals_that_can_be_printed_and_a_measure(name: str) -> None:
    bench = importlib.import_module(f"bench.{name}")
    assert callable(bench.measure)
    assert json.dumps({goal: bound.told() for goal, bound in bench.GOALS.items()}) != "{}"
    assert (bench.__doc__ or "").strip()


def test_a_goal_holds_up_to_its_bound_and_never_for_what_is_no_number() -> None:
    goal = Goal(at_most=8)
    assert (goal.holds(8.0), goal.holds(8.01), goal.holds(math.nan), goal.holds(None)) == (True, False, False, False)
    assert (exactly(0).holds(0), exactly(0).holds(1), exactly(0).holds(-1)) == (True, False, False)


def test_a_goal_without_its_figure_does_not_hold() -> None:
    assert not all_hold({"seconds": Goal(at_most=8)}, {})
    assert all_hold({"seconds": Goal(at_most=8)}, {"seconds": 7, "other": 99})


def test_the_median_of_each_figure_is_its_own() -> None:
    assert medians([{"a": 1, "b": 9}, {"a": 2, "b": 7}, {"a": 30, "b": 8}]) == {"a": 2, "b": 8}


def test_there_are_more_than_forty_bad_files_and_each_has_its_own_name() -> None:
    named = [bad.name for bad in (*odd(), *broken())]
    assert len(named) == len(set(named)) > 40


@pytest.mark.parametrize(
    ("kept", "code", "verdict"),
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
def test_a_file_is_loaded_exactly_or_refused(kept: dict[str, list[str]], code: int, verdict: str) -> None:
    assert judged(CASE, _ended(code), kept) == verdict


def test_a_traceback_is_a_crash_whatever_the_exit_code() -> None:
    assert judged(CASE, _ended(1, "Traceback (most recent call last):"), {}) == "crashes"


def test_nothing_of_a_broken_file_is_kept_and_its_refusal_is_said() -> None:
    never = {"name": "a broken file", "expect": {}, "never": True}
    assert judged(never, _ended(1), {}) == "refused"
    assert judged(never, _ended(0), {}) == "lost_without_a_word"
    assert judged(never, _ended(1), BOTH) == "kept_though_broken"


def test_a_planted_fault_is_found_by_a_record_that_it_shares() -> None:
    truth = {"leaver-account": {"failing": [_subject(("google", "1"), ("hr", "7"))], "cannot_tell": []}}
    control = {
        "id": "leaver-account",
        "cannot_tell_subjects": [],
        "subjects": [{"id": "a", "records": _subject(("hr", "7"))}],
    }
    found = compare(truth, [control])
    assert (found["planted"], found["missed"], found["reported_besides"]) == (1, 0, 0)


def test_two_planted_subjects_that_were_taken_for_one_are_a_miss() -> None:
    truth = {"holder-gone": {"failing": [_subject(("google", "1")), _subject(("google", "2"))], "cannot_tell": []}}
    one = {"id": "d", "records": _subject(("google", "1"), ("google", "2"))}
    found = compare(truth, [{"id": "holder-gone", "cannot_tell_subjects": [], "subjects": [one]}])
    assert (found["missed"], found["reported_besides"]) == (1, 0)


def test_one_planted_subject_that_was_taken_for_two_is_reported_besides() -> None:
    failing, unknown = [_subject(("google", "1"), ("snipeit", "2"))], [_subject(("google", "8"))]
    truth = {"holder-gone": {"failing": failing, "cannot_tell": unknown}}
    two = [{"id": "d", "records": _subject(("google", "1"))}, {"id": "e", "records": _subject(("snipeit", "2"))}]
    others = [{"id": "f", "records": _subject(("google", "8"))}, {"id": "g", "records": _subject(("google", "9"))}]
    found = compare(truth, [{"id": "holder-gone", "cannot_tell_subjects": others, "subjects": two}])
    assert (found["missed"], found["reported_besides"], found["cannot_tell_wrong"]) == (0, 1, 1)
