"""Detection: events for each CPU-second under the published Sigma rules, against one SQL statement for each rule.

The events are recorded ones with other identifiers, times and people. The reference loads the first of them into SQLite
in memory, with an index on channel and event ID, and runs the SQL that pySigma's SQLite backend makes of each rule. Its
time counts from reading the events to the last row; that of Homeroom is the whole command, with starting and reading
rules.
"""

from __future__ import annotations

import os
import tarfile
import tempfile
from itertools import islice
from pathlib import Path

from bench.detections.perturbed_logs import write_perturbed_logs
from bench.support.goals import Goal
from bench.support.medians import compute_medians
from bench.support.program import BenchmarkError, ProcessCost, require_exit_code, run_homeroom, run_module

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "data"
REFERENCE_EVENTS, SMALL_EVENTS, FEW_RULES, MANY_RULES = 8_000, 500, 200, 2_000
GOALS = {
    "times_the_reference": Goal(at_least=8),
    "peak_mib": Goal(at_most=800),
    "peak_growth": Goal(at_most=1.2),
    "many_rules_ratio": Goal(at_most=3),
    "small_cpu_seconds": Goal(at_most=4),
}


def measure(*, runs: int = 1, events: int = 1_000_000) -> dict[str, float]:
    """Return medians of the figures for so many events; the peak is compared with that of a quarter of them."""
    if not SHARED.is_dir():
        raise BenchmarkError(f"the shared data is not in {SHARED}")
    return compute_medians([_run_once(events) for _ in range(runs)])


def _run_once(events: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        rules = folder / "rules"
        with tarfile.open(SHARED / "sigma-rules" / "sigma_rules.tar.xz") as archive:
            archive.extractall(rules, filter="data")
        log = folder / "all.jsonl"
        write_perturbed_logs(log, shared=SHARED, events=events)
        quarter, some = _copy_lines(log, events // 4), _copy_lines(log, REFERENCE_EVENTS)
        small = _copy_lines(log, SMALL_EVENTS)
        few_rules, many_rules = (
            _link_rules(rules, folder / f"rules-{count}", count) for count in (FEW_RULES, MANY_RULES)
        )
        _detect(small, rules)  # rules are cached by their content from here on
        cost, quarter_cost = _detect(log, rules), _detect(quarter, rules)
        reference = float(run_module("bench.detections.sql_rules", str(some), str(rules)).out.splitlines()[-1])
        many_cost, few_cost = _detect(quarter, many_rules), _detect(quarter, few_rules)
        rate = events / cost.cpu
        return {
            "events_per_cpu_second": round(rate, 0),
            "reference_events_per_cpu_second": round(reference, 0),
            "times_the_reference": round(rate / reference, 2),
            "peak_mib": round(cost.peak, 0),
            "peak_growth": round(cost.peak / quarter_cost.peak, 2),
            "many_rules_ratio": round(many_cost.cpu / few_cost.cpu, 2),
            "small_cpu_seconds": round(_detect(small, rules).cpu, 2),
        }


def _detect(log: Path, rules: Path) -> ProcessCost:
    cost = run_homeroom("detect", str(log), "--rules", str(rules), "--jsonl", data=log.parent / "unused")
    return require_exit_code(cost, codes=(0, 1))


def _copy_lines(log: Path, count: int) -> Path:
    path = log.with_name(f"{count}.jsonl")
    with log.open(encoding="utf-8", newline="\n") as lines, path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(islice(lines, count))
    return path


def _link_rules(rules: Path, folder: Path, count: int) -> Path:
    """Link the first rules by name into a folder of their own."""
    folder.mkdir()
    for path in sorted(rules.rglob("*.yml"), key=lambda path: path.name)[:count]:
        (folder / path.name).hardlink_to(path)
    return folder
