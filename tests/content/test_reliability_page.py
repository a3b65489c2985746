"""docs/platform/reliability.md lists the faults that tests cause, and no others."""

from __future__ import annotations

from dataclasses import replace

from tools.reliability import (
    NOT_RUN,
    PAGE,
    FaultResult,
    list_fault_marks,
    read_results,
    render_page,
    replace_results,
    sort_lines,
    sum_results,
)

RESULT = FaultResult(
    area="load", fault="killed", test="tests/test_a.py::test_b", tried=24, lost=0, on="2026-11-29", machine="2 cores"
)


def test_the_page_is_that_of_the_results() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(read_results(), marks=list_fault_marks())


def test_each_operation_of_a_test_has_its_row_and_none_is_left_of_those_that_are_gone() -> None:
    marks, results = {mark.key for mark in list_fault_marks()}, {result.key for result in read_results()}
    assert results <= marks
    assert PAGE.read_text(encoding="utf-8").count(f"| {NOT_RUN} |") == len(marks - results)
    killed = {area for area, fault, _ in marks if fault.startswith("killed at a random")}
    assert killed >= {"load", "resolve", "assess", "audit", "migration", "erasure", "backup", "restore", "move"}


def test_a_test_whose_process_died_or_whose_setup_failed_leaves_no_older_result() -> None:
    line = {"outcome": "begun", "area": RESULT.area, "fault": RESULT.fault, "test": RESULT.test}
    died, skipped = sort_lines([line]), sort_lines([line, {**line, "outcome": "skipped"}])
    assert (died.missing, replace_results([RESULT], died)) == ({RESULT.key}, [])
    assert (skipped.missing, replace_results([RESULT], skipped)) == (frozenset(), [RESULT])
    tried = sort_lines([line, {**line, "outcome": "tried", "tried": 3, "lost": 0, "on": "2026-11-30"}])
    assert (tried.missing, [item.tried for item in replace_results([RESULT], tried)]) == (frozenset(), [3])
    assert sort_lines([], expected=frozenset({RESULT.key})).missing == {RESULT.key}


def test_nothing_was_lost_when_the_tests_ran_last() -> None:
    assert [result for result in read_results() if result.lost or not result.tried] == []


def test_a_loss_would_be_on_the_page() -> None:
    loss = FaultResult(area="assess", fault="killed", test="tests/test_a.py::test_b", tried=1, lost=1, on="2026-11-29")
    page = render_page([RESULT, loss])
    assert "| load | killed | 24 | 24 | 0 | 2026-11-29 | `tests/test_a.py::test_b` |" in page
    assert "| assess | killed | 1 | 0 | 1 |" in page
    assert "25 faults were tried, 24 survived, 1 lost" in page


def test_the_cases_of_a_test_are_summed() -> None:
    assert [(item.tried, item.lost) for item in sum_results([RESULT, replace(RESULT, tried=2, lost=1)])] == [(26, 1)]
