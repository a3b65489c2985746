"""Eight worlds of simulated phishing drills through `homeroom awareness judge`, with three published rules beside it.

A run has a seed of its own; counts of all runs are added up. Precision and recall are of removed clicks and posts
(a machine's or another person's); where only opens are a machine's they are of opens.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.drills.published_rules import RULES
from bench.drills.scores import CLICKS, DrillIntervals, JudgmentCounts, divide, match_judgments, read_judgments
from bench.support.goals import Goal
from bench.support.program import BenchmarkError, require_exit_code, run_homeroom
from homeroom.sample.drills import WrittenWorld, build_world, list_worlds, write_world

OPENS_ONLY, PEOPLE_ONLY, FIRSTS_ONLY = "image-proxy", "people-only", "first-times-only"
_REMOVING = tuple(world for world in list_worlds() if world != PEOPLE_ONLY)


def _build_goals() -> dict[str, Goal]:
    goals = {}
    for world in _REMOVING:
        name = _name(world)
        goals |= {f"{name}_precision": Goal(at_least=0.99), f"{name}_recall": Goal(at_least=0.95)}
    goals |= {f"{_name(world)}_cannot_tell": Goal(at_most=0.03) for world in list_worlds() if world != FIRSTS_ONLY}
    return goals | {
        f"{_name(OPENS_ONLY)}_own_removed": Goal(at_most=0.01),
        f"{_name(PEOPLE_ONLY)}_own_removed": Goal(at_most=0.01),
        f"{_name(FIRSTS_ONLY)}_people_cannot_tell": Goal(at_most=0.1),
        "true_share_inside": Goal(at_least=0.95),
        "planted_chance_inside": Goal(at_least=0.9),
        "width_over_wilson": Goal(at_most=1.5),
    }


def _name(world: str) -> str:
    return world.replace("-", "_")


GOALS = _build_goals()


@dataclass(kw_only=True)
class WorldScore:
    """Counts of a world over all runs: clicks and opens, intervals, and clicks by each published rule."""

    clicks: JudgmentCounts = field(default_factory=JudgmentCounts)
    opens: JudgmentCounts = field(default_factory=JudgmentCounts)
    rules: dict[str, JudgmentCounts] = field(default_factory=lambda: defaultdict(JudgmentCounts))


def measure(*, runs: int = 1, scale: float = 1.0, first_seed: int = 1) -> dict[str, float | None]:
    """Return the figures over the seeds from `first_seed`; those of the judgment are None while the verb is missing."""
    scores: dict[str, WorldScore] = defaultdict(WorldScore)
    intervals: dict[str, DrillIntervals] = defaultdict(DrillIntervals)
    has_verb = False
    for seed in range(first_seed, first_seed + runs):
        for name in list_worlds():
            with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as folder:
                written = write_world(build_world(name, seed=seed, scale=scale), Path(folder))
                apply_rules(written, scores[name])
                has_verb |= _judge(written, Path(folder), scores[name], intervals)
    for name, score in scores.items():
        print(_format_rules(name, score), file=sys.stderr)
    return summarize(scores, intervals if has_verb else {}, has_verb=has_verb)


def apply_rules(written: WrittenWorld, score: WorldScore) -> None:
    """Count what each published rule removes of the world's clicks."""
    for file in written.files:
        clicks = [event for _, event in file.shown if event.kind in CLICKS]
        for name, rule in RULES.items():
            for event, removed in zip(clicks, rule(file, clicks), strict=True):
                score.rules[name].count_event(event, "machine" if removed else "own")


def score_world(
    written: WrittenWorld, events: Path, answers: Mapping[str, Any], score: WorldScore, intervals: DrillIntervals
) -> None:
    """Score an events file and the answers of `--json` for one written world."""
    judgments = read_judgments(events)
    drills = {drill["file"]: drill for drill in answers["drills"]}
    for file in written.files:
        for event, verdict in match_judgments(file, judgments.get(file.name, [])):
            (score.clicks if event.kind in CLICKS else score.opens).count_event(event, verdict)
        intervals.count_drill(file, drills.get(file.name))


def summarize(
    scores: Mapping[str, WorldScore], intervals: Mapping[str, DrillIntervals], *, has_verb: bool = True
) -> dict[str, float | None]:
    """Return the figures of all worlds, and of the published rules."""
    figures: dict[str, float | None] = {}
    for world, score in scores.items():
        name = _name(world)
        removable = score.opens if world == OPENS_ONLY else score.clicks
        if world != PEOPLE_ONLY:
            figures[f"{name}_precision"] = removable.compute_precision() if has_verb else None
            figures[f"{name}_recall"] = removable.compute_recall() if has_verb else None
        figures[f"{name}_own_removed"] = score.clicks.compute_own_removed() if has_verb else None
        figures[f"{name}_cannot_tell"] = score.clicks.compute_cannot_tell() if has_verb else None
        figures[f"{name}_without_judgment"] = score.clicks.missing + score.opens.missing if has_verb else None
    firsts = intervals.get(FIRSTS_ONLY, DrillIntervals())
    figures[f"{_name(FIRSTS_ONLY)}_people_cannot_tell"] = divide(firsts.cannot_tell_people, firsts.delivered)
    figures |= _merge(intervals).summarize()
    for rule in RULES:
        for world, score in scores.items():
            counts = score.rules[rule]
            figures[f"{rule}_rule_{_name(world)}_own_removed"] = counts.compute_own_removed()
            if counts.removable:
                figures[f"{rule}_rule_{_name(world)}_precision"] = counts.compute_precision()
                figures[f"{rule}_rule_{_name(world)}_recall"] = counts.compute_recall()
    return figures


def _judge(written: WrittenWorld, folder: Path, score: WorldScore, intervals: Mapping[str, DrillIntervals]) -> bool:
    """Judge the world through the command and score it; return False if this Homeroom has no such command."""
    events = folder / "events.jsonl"
    cost = run_homeroom(
        "awareness", "judge", str(written.logs), "--people", str(written.people), "--events", str(events), "--json",
        data=folder / "data",
    )  # fmt: skip
    if cost.code == 2 and "No such command" in cost.err:
        return False
    answers = json.loads(require_exit_code(cost, codes=(0, 1)).out)
    if not events.is_file():
        raise BenchmarkError(f"no events file: {cost.err.strip()[-2000:]}")
    score_world(written, events, answers, score, intervals[written.name])
    return True


def _merge(intervals: Mapping[str, DrillIntervals]) -> DrillIntervals:
    """Return the counts of all worlds together."""
    merged = DrillIntervals()
    for item in intervals.values():
        merged.drills += item.drills
        merged.true_inside += item.true_inside
        merged.chance_inside += item.chance_inside
        merged.width_ratios += item.width_ratios
    return merged


def _format_rules(world: str, score: WorldScore) -> str:
    lines = [f"{world}: {next(iter(score.rules.values())).events:,} clicks and posts"]
    for rule, counts in score.rules.items():
        lines.append(
            f"  {rule}: removes {counts.rightly:,} of {counts.removable:,} that are no recipient's, "
            f"and {counts.wrongly:,} of {counts.own:,} that are"
        )
    return "\n".join(lines)
