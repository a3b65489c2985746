"""On the sample district every planted fault is found and nothing else is reported: exact counts, three sizes and seeds."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.support.goals import Goal, exactly
from bench.support.medians import medians
from bench.support.program import held, homeroom

DISTRICTS = ((500, 1), (2_000, 7), (8_000, 42))  # students, seed
FIRST_LOAD_REJECTS = (0, 1)  # the sample carries rows that must be rejected
GOALS = {
    "planted": Goal(at_least=100),
    "planted_controls": Goal(at_least=100),
    "missed": exactly(0),
    "reported_besides": exactly(0),
    "cannot_tell_wrong": exactly(0),
    "reported_by_other_controls": exactly(0),
}

Record = tuple[str, str]
Subject = frozenset[Record]


def measure(*, runs: int) -> dict[str, float]:
    """Sums over the three districts. `planted` counts pairs of subject and control in truth.json, `planted_controls` the
    controls that any such pair names; a subject that stands for two planted ones, or two for one, counts as missed or as
    reported besides."""
    return medians([_once() for _ in range(runs)])


def _once() -> dict[str, float]:
    figures = dict.fromkeys((*GOALS, "sample_cpu_seconds", "assess_cpu_seconds"), 0.0)
    figures["assess_peak_mib"] = 0.0
    for students, seed in DISTRICTS:
        found = _district(students, seed)
        figures["assess_peak_mib"] = max(figures["assess_peak_mib"], found.pop("assess_peak_mib"))
        for name, value in found.items():
            figures[name] += value
    return figures


def _district(students: int, seed: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        exports = folder / "exports"
        made = held(
            homeroom("sample", str(exports), "--students", str(students), "--seed", str(seed), data=folder / "a")
        )
        truth = json.loads((exports / "truth.json").read_text(encoding="utf-8"))
        arguments = ["assess", str(exports), "--json", "--subjects", "--today", truth["today"]]
        judged = held(homeroom(*arguments, data=folder / "b"), codes=FIRST_LOAD_REJECTS)
    compared = compare(truth["controls"], json.loads(judged.out)["controls"])
    return {
        **compared,
        "sample_cpu_seconds": made.cpu,
        "assess_cpu_seconds": judged.cpu,
        "assess_peak_mib": judged.peak,
    }


def compare(truth: Mapping[str, Any], controls: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Planted, missed, reported besides and wrongly undecided, over all controls that the truth speaks of."""
    reported = {control["id"]: control for control in controls}
    sums = dict.fromkeys(("planted", "missed", "reported_besides", "cannot_tell_wrong"), 0.0)
    for name, said in truth.items():
        control = reported.get(name, {"subjects": [], "cannot_tell_subjects": []})
        planted, missed, besides = _differing(said["failing"], control["subjects"])
        _, untold, overtold = _differing(said["cannot_tell"], control["cannot_tell_subjects"])
        here = {"planted": planted, "missed": missed, "reported_besides": besides}
        here["cannot_tell_wrong"] = untold + overtold
        if any(value for key, value in here.items() if key != "planted"):
            print(f"  {name}: {here}", file=sys.stderr)
        sums = {key: sums[key] + here[key] for key in sums}
    sums["planted_controls"] = float(sum(bool(said["failing"]) for said in truth.values()))
    others = [len(control["subjects"]) for name, control in reported.items() if name not in truth]
    return {**sums, "reported_by_other_controls": float(sum(others))}


def _differing(
    stated: Iterable[Iterable[Mapping[str, str]]], reported: Iterable[Mapping[str, Any]]
) -> tuple[int, int, int]:
    """How many subjects are stated, how many of them are not reported, and how many are reported besides."""
    wanted = [_subject(records) for records in stated]
    subjects = [_subject(subject["records"]) for subject in reported]
    matched = _matched(wanted, subjects)
    return len(wanted), len(wanted) - matched, len(subjects) - matched


def _subject(records: Iterable[Mapping[str, str]]) -> Subject:
    return frozenset((record["source"], record["key"]) for record in records)


def _matched(planted: list[Subject], subjects: list[Subject]) -> int:
    """How many planted subjects have a reported one of their own that shares a record with them."""
    holders: dict[Record, int] = {record: at for at, subject in enumerate(subjects) for record in subject}
    taken = {
        at
        for subject in planted
        if (at := next((holders[r] for r in sorted(subject) if r in holders), None)) is not None
    }
    return len(taken)
