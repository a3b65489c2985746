"""Effects of 1,000 invented roll-outs of 10 to 32 schools through `homeroom effect`, and 100 that nobody can judge.

The peer is the estimator of Callaway and Sant'Anna in diff-diff 3.13 with its defaults, in a Python of its own that
HOMEROOM_PEERS names; without it its figures are not measured.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.estimates.invented_rollouts import InventedRollout, invent_rollouts, invent_untold, write_rollouts
from bench.support.goals import Goal, require_exactly
from bench.support.program import require_exit_code, run_homeroom

ROLLOUTS, UNTOLD_ROLLOUTS, SEED = 1_000, 100, 20261128
GOALS = {
    "covered_percent": Goal(at_least=93, at_most=98),
    "false_claims_percent": Goal(at_most=6),
    "untold_percent": Goal(at_least=95),
    "untold_with_an_effect": require_exactly(0),
    "cpu_seconds": Goal(at_most=60),
}
if os.environ.get("HOMEROOM_PEERS"):
    GOALS["times_peer_found"] = Goal(at_least=1.4)


def measure(*, runs: int = 1, rollouts: int = ROLLOUTS, untold: int = UNTOLD_ROLLOUTS) -> dict[str, float | None]:
    """Return how often intervals cover, effects are claimed where none is, and what is judged that nobody can judge.

    One run: another would give the same answers. CPU-seconds are those of the command with its start.
    """
    sound, unsound = invent_rollouts(rollouts, seed=SEED), invent_untold(untold, seed=SEED + 1)
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        path = Path(name) / "panel.csv"
        write_rollouts(path, [*sound, *unsound])
        cost = require_exit_code(run_homeroom("effect", str(path), "--json", data=Path(name) / "data"))
        answers = {answer["study"]: answer for answer in json.loads(cost.out)["studies"]}
        figures = score_answers(sound, unsound, answers)
        return {**figures, "cpu_seconds": cost.cpu, **_measure_peer(sound, Path(name), figures)}


def score_answers(
    sound: Sequence[InventedRollout], unsound: Sequence[InventedRollout], answers: dict[str, dict[str, Any]]
) -> dict[str, float | None]:
    """Score the answers: shares of the sound roll-outs that were judged, and of the others."""
    judged_rollouts = [rollout for rollout in sound if answers[rollout.name]["verdict"] != "cannot tell"]
    none = [rollout for rollout in judged_rollouts if rollout.kind == "none"]
    others = [rollout for rollout in judged_rollouts if rollout.kind != "none"]
    covered = sum(answers[item.name]["low"] <= item.truth <= answers[item.name]["high"] for item in judged_rollouts)
    unjudged = sum(answers[item.name]["verdict"] == "cannot tell" for item in unsound)
    return {
        "judged_percent": 100 * len(judged_rollouts) / len(sound),
        "covered_percent": 100 * covered / len(judged_rollouts),
        "false_claims_percent": 100 * sum(_is_claimed(answers[item.name]) for item in none) / len(none),
        "found_percent": 100 * sum(_is_claimed(answers[item.name], item.truth) for item in others) / len(others),
        "untold_percent": 100 * unjudged / len(unsound),
        "untold_with_an_effect": float(
            sum(
                answers[item.name]["verdict"] != "cannot tell" and not item.name.startswith("another path")
                for item in unsound
            )
        ),
    }


def _is_claimed(answer: dict[str, Any], truth: float | None = None) -> bool:
    """Check whether an answer claims an effect, in the true direction if that is given."""
    claimed = {"higher": 1, "lower": -1}.get(answer["verdict"], 0)
    return claimed != 0 if truth is None else claimed * truth > 0


PEER_PROGRAM = """
import csv, json, sys, time, warnings
import pandas
from diff_diff import CallawaySantAnna
warnings.simplefilter("ignore")
answers, start = {}, time.process_time()
for name, panel in pandas.read_csv(sys.argv[1]).groupby("study", sort=False):
    try:
        results = CallawaySantAnna().fit(panel, outcome="outcome", unit="unit", time="time", first_treat="first_treat")
        low, high = results.overall_conf_int
        answers[name] = [float(low), float(high)]
    except Exception as error:
        answers[name] = [0.0, 0.0]
        print(name, error, file=sys.stderr)
print(json.dumps({"answers": answers, "cpu": time.process_time() - start}))
"""


def _measure_peer(
    sound: Sequence[InventedRollout], folder: Path, figures: dict[str, float | None]
) -> dict[str, float | None]:
    """Let the peer judge the same roll-outs, and compare what both find."""
    python = os.environ.get("HOMEROOM_PEERS")
    names = ("peer_found_percent", "peer_false_claims_percent", "peer_cpu_seconds", "times_peer_found")
    if not python:
        return dict.fromkeys(names)
    path = folder / "peer.csv"
    _write_peer_panel(path, sound)
    process = subprocess.run([python, "-c", PEER_PROGRAM, str(path)], capture_output=True, text=True)
    answer = json.loads(process.stdout.splitlines()[-1])
    claims = {name: 1 if low > 0 else -1 if high < 0 else 0 for name, (low, high) in answer["answers"].items()}
    others = [rollout for rollout in sound if rollout.kind != "none"]
    none = [rollout for rollout in sound if rollout.kind == "none"]
    share = 100 * sum(claims[rollout.name] * rollout.truth > 0 for rollout in others) / len(others)
    return {
        "peer_found_percent": share,
        "peer_false_claims_percent": 100 * sum(claims[rollout.name] != 0 for rollout in none) / len(none),
        "peer_cpu_seconds": answer["cpu"],
        "times_peer_found": (figures["found_percent"] or 0) / share if share else None,
    }


def _write_peer_panel(path: Path, rollouts: Sequence[InventedRollout]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("study", "unit", "time", "first_treat", "outcome"))
        for rollout in rollouts:
            values = rollout.values if rollout.sizes is None else rollout.values / rollout.sizes[:, None]
            for (school, week), value in ((place, float(values[place])) for place in _list_places(rollout)):
                start = rollout.starts[school]
                writer.writerow((rollout.name, school, week + 1, 0 if start is None else start + 1, value))


def _list_places(rollout: InventedRollout) -> list[tuple[int, int]]:
    schools, weeks = rollout.values.shape
    places = [(school, week) for school in range(schools) for week in range(weeks)]
    return [place for place in places if rollout.missing is None or not rollout.missing[place]]
