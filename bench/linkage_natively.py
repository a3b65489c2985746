"""Record linkage in a second messy district with the consoles' own formats, through `resolve --out`.

`bench.support.odd_devices` and `odd_people` were designed independently of what `bench.linkage` measures with, and
share nothing with it or with the resolver: tuning to one district shows in the other. Some of their pairs cannot be
decided by anyone, such as an asset without a serial, tag in a console, name or holder.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.linkage import Pair, build_pairs, compute_precision_recall
from bench.support.goals import Goal
from bench.support.medians import compute_medians
from bench.support.odd_devices import generate_odd_devices
from bench.support.odd_people import generate_odd_people
from bench.support.program import require_exit_code, run_homeroom

MACHINES, PEOPLE, SEEDS = 3_000, 3_000, (1, 2)
GOALS = {
    "devices_precision": Goal(at_least=0.999),
    "devices_recall": Goal(at_least=0.98),
    "people_precision": Goal(at_least=0.998),
    "people_recall": Goal(at_least=0.97),
}


def measure(*, runs: int) -> dict[str, float]:
    """Return precision and recall over pairs of records, the worst of the seeds."""
    return compute_medians([_run_once() for _ in range(runs)])


def _run_once() -> dict[str, float]:
    figures: dict[str, float] = {}
    for seed in SEEDS:
        districts = {
            "devices": generate_odd_devices(machines=MACHINES, seed=seed),
            "people": generate_odd_people(people=PEOPLE, seed=seed),
        }
        for subject, (files, truth) in districts.items():
            records = {record for group in truth for record in group}
            scores = compute_precision_recall(filter_by_records(link_files(files), records), build_pairs(truth))
            for name, figure in zip(("precision", "recall"), scores, strict=True):
                figures[f"{subject}_{name}"] = min(figure, figures.get(f"{subject}_{name}", 1.0))
    return figures


def link_files(files: Mapping[str, str]) -> set[Pair]:
    """Return the pairs that Homeroom finds in these files, loaded as they are."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        exports, data, out = Path(name) / "given", Path(name) / "data", Path(name) / "links.jsonl"
        for file, text in files.items():
            (exports / file).parent.mkdir(parents=True, exist_ok=True)
            (exports / file).write_text(text, encoding="utf-8")
        require_exit_code(run_homeroom("load", str(exports), "--today", "2026-03-03", data=data))
        require_exit_code(run_homeroom("resolve", "--out", str(out), "--today", "2026-03-03", data=data))
        lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return build_pairs([[(row["source"], row["key"]) for row in line["records"]] for line in lines])


def filter_by_records(linked_pairs: set[Pair], records: set[tuple[str, str]]) -> set[Pair]:
    """Return the pairs with at least one side in `records`.

    A record that belongs to nobody and was joined to somebody's counts as wrong.
    """
    return {pair for pair in linked_pairs if pair[0] in records or pair[1] in records}
