"""People and accounts of messy districts, through `homeroom load` and `resolve --out`: pairs found, by class of mess.

`bench.messy.people` invents the districts; it shares nothing with the resolver. A pair of records belongs to the class
of mess of either record. `people_per_unknown` is the mean number of people into which somebody whom no roster has was
divided.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bench.linkage import Pair, build_pairs, compute_precision_recall
from bench.messy.people import CASES
from bench.messy.people_exports import MessyExports, Record, generate_messy_exports
from bench.support.goals import Goal
from bench.support.medians import compute_medians
from bench.support.program import require_exit_code, run_homeroom

STUDENTS, SEEDS = 3_000, (1, 2)
GOALS = {
    "precision": Goal(at_least=0.998),
    "recall": Goal(at_least=0.98),
    **{f"{case}_precision": Goal(at_least=0.99) for case in CASES},
    **{f"{case}_recall": Goal(at_least=0.95) for case in CASES},
    "people_per_unknown": Goal(at_most=1.05),
}


def measure(*, runs: int) -> dict[str, float]:
    """Return the worst of all rates and seeds of each figure."""
    return compute_medians([_measure_once() for _ in range(runs)])


def _measure_once() -> dict[str, float]:
    figures = [
        score_exports(exports, link_files(exports.files))
        for rate in ("light", "usual", "heavy")
        for exports in (generate_messy_exports(students=STUDENTS, rate=rate, seed=seed) for seed in SEEDS)
    ]
    return {
        name: (max if name == "people_per_unknown" else min)(figure[name] for figure in figures if name in figure)
        for name in figures[-1]
    }


def link_files(files: dict[str, str]) -> list[list[Record]]:
    """Return the records of each person that Homeroom finds in these files."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        for path, text in files.items():
            (folder / "exports" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "exports" / path).write_text(text, encoding="utf-8")
        data, out = folder / "data", folder / "links.jsonl"
        require_exit_code(run_homeroom("load", str(folder / "exports"), "--today", "2026-03-03", data=data))
        require_exit_code(run_homeroom("resolve", "--out", str(out), "--today", "2026-03-03", data=data))
        lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return [[(record["source"], record["key"]) for record in line["records"]] for line in lines]


def score_exports(exports: MessyExports, groups: Iterable[list[Record]]) -> dict[str, float]:
    """Return precision and recall over all pairs and by class, and the mean number of people an outsider became."""
    linked_groups = [list(group) for group in groups]
    linked, truth = build_pairs(linked_groups), build_pairs(exports.truth)
    figures = {}
    figures["precision"], figures["recall"] = compute_precision_recall(linked, truth)
    for case in CASES:
        own, own_truth = (_filter_pairs(pairs, exports, case) for pairs in (linked, truth))
        if own_truth:
            figures[f"{case}_precision"], figures[f"{case}_recall"] = compute_precision_recall(own, own_truth)
    return {**figures, "people_per_unknown": _count_people_per_unknown(exports, linked_groups)}


def _filter_pairs(pairs: set[Pair], exports: MessyExports, case: str) -> set[Pair]:
    return {pair for pair in pairs if any(exports.classes.get(record) == case for record in pair)}


def _count_people_per_unknown(exports: MessyExports, linked_groups: list[list[Record]]) -> float:
    """Count the people, and the accounts that belong to nobody, among the accounts of each outsider."""
    group_of = {record: number for number, group in enumerate(linked_groups) for record in group}
    counts: Counter[int] = Counter()
    outsiders = [group for group in exports.truth if group and exports.classes[group[0]] == "unknown"]
    for number, group in enumerate(outsiders):
        counts[number] = len({group_of.get(record, record) for record in group})
    return sum(counts.values()) / max(len(outsiders), 1)
