"""Alerts on invented fortnights: intrusions found and how soon, and alerts about what only looks like one.

For each of 20 seeds a fortnight is written, loaded and judged as a district does it, and its alerts are compared with
its truth. A second run takes the next 20 seeds.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.detections.alert_scores import FortnightScore, compute_figures, score_alerts
from bench.support.goals import Goal
from bench.support.program import require_exit_code, run_homeroom, run_module

FIRST_SEED, SEEDS = 1_000, 20
GOALS = {
    "recall": Goal(at_least=0.95),
    "false_alerts_a_week": Goal(at_most=1),
    "most_alerts_an_intrusion": Goal(at_most=3),
    "before_the_last_stage": Goal(at_least=0.9),
}


def measure(*, runs: int = 1, seeds: Sequence[int] | None = None, show: bool = False) -> dict[str, float]:
    """Return the figures over `runs` times 20 seeds, or over the seeds; `show` prints what was missed and false."""
    chosen = range(FIRST_SEED, FIRST_SEED + SEEDS * runs) if seeds is None else seeds
    scores, seconds = [], 0.0
    for seed in chosen:
        score, cpu = judge_fortnight(seed)
        scores.append(score)
        seconds += cpu
        if show:
            _print_score(seed, score)
    return {**compute_figures(scores), "cpu_seconds_a_fortnight": round(seconds / len(scores), 2)}


def judge_fortnight(seed: int, *, with_intrusions: bool = True) -> tuple[FortnightScore, float]:
    """Write, load and judge one fortnight; return its score and the CPU seconds of loading and judging."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder, data = Path(name) / "fortnight", Path(name) / "data"
        arguments = () if with_intrusions else ("--without-intrusions",)
        run_module("homeroom.sample.fortnights", "--seed", str(seed), "--folder", str(folder), *arguments)
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        today = truth["until"][:10]
        load = run_homeroom(
            "load", str(folder / "lists"), str(folder / "logs"), "--approve", "--today", today, "--json", data=data
        )
        detect = run_homeroom("detect", "--data", str(data), "--json", data=data)
        alerts = run_homeroom("alerts", "--json", data=data)
        for cost in (load, detect, alerts):
            require_exit_code(cost)
        return score_alerts(truth, json.loads(alerts.out)["alerts"]), load.cpu + detect.cpu


def _print_score(seed: int, score: FortnightScore) -> None:
    for intrusion in score.intrusions:
        state = "found" if intrusion.is_found else "MISSED"
        when = "early" if intrusion.is_early else "late"
        print(f"{seed} {state} {intrusion.kind}: {intrusion.alerts} alerts, {when}", flush=True)
    for title in score.false_alerts:
        print(f"{seed} FALSE {title}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 5)))
    print(measure(seeds=parser.parse_args().seeds, show=True))
