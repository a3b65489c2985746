"""Which records are one, in a second messy district whose lists are in the consoles' own forms, through load and `resolve --out`.

`bench.support.odd_devices` and `odd_people` were designed apart from what `bench.linkage` measures with, and share nothing with it
or with the resolver: what was tuned to one district is found out in another. Some pairs in them nobody could tell, such as an
asset without a serial, tag in a console, name or holder.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.linkage import Pair, judged, pairs
from bench.support.goals import Goal
from bench.support.medians import medians
from bench.support.odd_devices import odd_devices
from bench.support.odd_people import odd_people
from bench.support.program import held, homeroom

MACHINES, PEOPLE, SEEDS = 3_000, 3_000, (1, 2)
GOALS = {
    "devices_precision": Goal(at_least=0.999),
    "devices_recall": Goal(at_least=0.98),
    "people_precision": Goal(at_least=0.998),
    "people_recall": Goal(at_least=0.97),
}


def measure(*, runs: int) -> dict[str, float]:
    """Precision and recall over pairs of records, the worst of the seeds."""
    return medians([_once() for _ in range(runs)])


def _once() -> dict[str, float]:
    figures: dict[str, float] = {}
    for seed in SEEDS:
        districts = {
            "devices": odd_devices(machines=MACHINES, seed=seed),
            "people": odd_people(people=PEOPLE, seed=seed),
        }
        for what, (files, truth) in districts.items():
            known = {record for group in truth for record in group}
            found = judged(among(natively(files), known), pairs(truth))
            for name, figure in zip(("precision", "recall"), found, strict=True):
                figures[f"{what}_{name}"] = min(figure, figures.get(f"{what}_{name}", 1.0))
    return figures


def natively(files: Mapping[str, str]) -> set[Pair]:
    """The pairs that Homeroom finds in these files, loaded as they are."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        given, data, out = Path(name) / "given", Path(name) / "data", Path(name) / "links.jsonl"
        for file, text in files.items():
            (given / file).parent.mkdir(parents=True, exist_ok=True)
            (given / file).write_text(text, encoding="utf-8")
        held(homeroom("load", str(given), "--today", "2026-03-03", data=data))
        held(homeroom("resolve", "--out", str(out), "--today", "2026-03-03", data=data))
        lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return pairs([[(row["source"], row["key"]) for row in line["records"]] for line in lines])


def among(found: set[Pair], known: set[tuple[str, str]]) -> set[Pair]:
    """The pairs of which the truth knows a side: a record that is nobody's and was joined to somebody's counts as wrong."""
    return {pair for pair in found if pair[0] in known or pair[1] in known}
