"""On the sample district every planted fault is found and nothing else: exact counts, three sizes and seeds."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.support.goals import Goal, require_exactly
from bench.support.medians import compute_medians
from bench.support.program import require_exit_code, run_homeroom
from homeroom.sample.plan.school_calendar import choose_today

DISTRICTS = ((500, 1), (2_000, 7), (8_000, 42))  # students, seed
FIRST_LOAD_REJECTS = (0, 1)  # the sample carries rows that must be rejected
GOALS = {
    "planted": Goal(at_least=100),
    "planted_controls": Goal(at_least=100),
    "missed": require_exactly(0),
    "reported_besides": require_exactly(0),
    "cannot_tell_wrong": require_exactly(0),
    "reported_by_other_controls": require_exactly(0),
}

Record = tuple[str, str]
Subject = frozenset[Record]


def measure(*, runs: int) -> dict[str, float]:
    """Return sums over the three districts.

    `planted` counts pairs of subject and control in truth.json, `planted_controls` the controls that any such pair
    names. A subject that represents two planted ones, or two for one, counts as missed or as reported besides.
    """
    return compute_medians([_run_once() for _ in range(runs)])


def _run_once() -> dict[str, float]:
    figures = dict.fromkeys((*GOALS, "sample_cpu_seconds", "assess_cpu_seconds"), 0.0)
    figures["assess_peak_mib"] = 0.0
    for students, seed in DISTRICTS:
        district_figures = _measure_district(students, seed)
        figures["assess_peak_mib"] = max(figures["assess_peak_mib"], district_figures.pop("assess_peak_mib"))
        for name, value in district_figures.items():
            figures[name] += value
    return figures


def _list_options(students: int, seed: int) -> tuple[str, ...]:
    """Return the options of a sample whose day depends on nothing but its seed."""
    return "--students", str(students), "--seed", str(seed), "--today", choose_today(seed).isoformat()


def _measure_district(students: int, seed: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        exports = folder / "exports"
        sample_cost = require_exit_code(
            run_homeroom("sample", str(exports), *_list_options(students, seed), data=folder / "a")
        )
        truth = json.loads((exports / "truth.json").read_text(encoding="utf-8"))
        arguments = ["assess", str(exports), "--json", "--subjects", "--today", truth["today"]]
        assess_cost = require_exit_code(run_homeroom(*arguments, data=folder / "b"), codes=FIRST_LOAD_REJECTS)
    counts = compare_with_truth(truth["controls"], json.loads(assess_cost.out)["controls"])
    return {
        **counts,
        "sample_cpu_seconds": sample_cost.cpu,
        "assess_cpu_seconds": assess_cost.cpu,
        "assess_peak_mib": assess_cost.peak,
    }


def compare_with_truth(truth: Mapping[str, Any], controls: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return counts of planted, missed, additionally reported and wrongly undecided subjects, over all controls."""
    reported = {control["id"]: control for control in controls}
    sums = dict.fromkeys(("planted", "missed", "reported_besides", "cannot_tell_wrong"), 0.0)
    for name, expected in truth.items():
        control = reported.get(name, {"subjects": [], "cannot_tell_subjects": []})
        planted, missed, extra = _count_differences(expected["failing"], control["subjects"])
        _, missed_unknown, extra_unknown = _count_differences(expected["cannot_tell"], control["cannot_tell_subjects"])
        counts = {"planted": planted, "missed": missed, "reported_besides": extra}
        counts["cannot_tell_wrong"] = missed_unknown + extra_unknown
        if any(value for key, value in counts.items() if key != "planted"):
            print(f"  {name}: {counts}", file=sys.stderr)
        sums = {key: sums[key] + counts[key] for key in sums}
    sums["planted_controls"] = float(sum(bool(expected["failing"]) for expected in truth.values()))
    unplanted = [len(control["subjects"]) for name, control in reported.items() if name not in truth]
    return {**sums, "reported_by_other_controls": float(sum(unplanted))}


def _count_differences(
    stated: Iterable[Iterable[Mapping[str, str]]], reported: Iterable[Mapping[str, Any]]
) -> tuple[int, int, int]:
    """Return how many subjects are stated, how many of them are not reported, and how many others are reported."""
    planted = [_build_subject(records) for records in stated]
    subjects = [_build_subject(subject["records"]) for subject in reported]
    matched = _count_matched(planted, subjects)
    return len(planted), len(planted) - matched, len(subjects) - matched


def _build_subject(records: Iterable[Mapping[str, str]]) -> Subject:
    return frozenset((record["source"], record["key"]) for record in records)


def _count_matched(planted: list[Subject], subjects: list[Subject]) -> int:
    """Return how many planted subjects have a reported one of their own that shares a record with them."""
    holders: dict[Record, int] = {record: index for index, subject in enumerate(subjects) for record in subject}
    matched = {
        index
        for subject in planted
        if (index := next((holders[r] for r in sorted(subject) if r in holders), None)) is not None
    }
    return len(matched)
