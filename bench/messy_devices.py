"""Devices of messy districts: precision and recall over pairs of records, overall and by kind of mess.

`bench.messy.devices` writes the exports of products and shares nothing with the resolver. Each district is loaded and
resolved as a user does it, at three intensities of mess.
"""

from __future__ import annotations

import argparse
import collections
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench.linkage import Pair, build_pairs, compute_precision_recall
from bench.messy.devices import RATES, MessyDistrict, MessyMachine, generate_device_district
from bench.support.goals import Goal
from bench.support.medians import compute_medians
from bench.support.program import require_exit_code, run_homeroom

MACHINES, VARIANTS = 3_000, ((1, 1.0), (2, 0.5), (3, 2.0))
"""Machines of a district, and its seed and intensity."""
GOALS = {
    "precision": Goal(at_least=0.999),
    "recall": Goal(at_least=0.98),
    **{f"recall_{mess.replace(' ', '_')}": Goal(at_least=0.95) for mess in RATES},
}


def measure(*, runs: int) -> dict[str, float]:
    """Return precision and recall, overall and of the machines with each kind of mess, the worst of the variants."""
    return compute_medians([_run_once() for _ in range(runs)])


def _run_once() -> dict[str, float]:
    worst: dict[str, float] = {}
    for seed, intensity in VARIANTS:
        district = generate_device_district(machines=MACHINES, seed=seed, intensity=intensity)
        for name, figure in compute_figures(district.machines, link_records(district)).items():
            worst[name] = min(figure, worst.get(name, 1.0))
    return worst


def link_records(district: MessyDistrict) -> list[list[tuple[str, str]]]:
    """Return the records of each device that Homeroom resolves, from the exports as they are."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        exports, data, out = Path(name) / "exports", Path(name) / "data", Path(name) / "links.jsonl"
        exports.mkdir()
        for file, text in district.files.items():
            (exports / file).write_text(text, encoding="utf-8")
        require_exit_code(run_homeroom("load", str(exports), "--today", "2026-03-02", data=data))
        require_exit_code(run_homeroom("resolve", "--out", str(out), "--today", "2026-03-02", data=data))
        lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return [[(row["source"], row["key"]) for row in line["records"]] for line in lines]


def compute_figures(machines: Sequence[MessyMachine], linked: Sequence[Sequence[tuple[str, str]]]) -> dict[str, float]:
    """Return precision and recall of all pairs, and of the pairs of the machines with each kind of mess."""
    pairs, truth = build_pairs(linked), build_pairs(machine.records for machine in machines)
    precision, recall = compute_precision_recall(pairs, truth)
    figures = {"precision": precision, "recall": recall}
    for mess in RATES:
        messy = [machine.records for machine in machines if mess in machine.mess]
        records = {record for group in messy for record in group}
        touching = {pair for pair in pairs if pair[0] in records or pair[1] in records}
        name = mess.replace(" ", "_")
        figures[f"precision_{name}"], figures[f"recall_{name}"] = compute_precision_recall(touching, build_pairs(messy))
    return figures


def list_errors(
    machines: Sequence[MessyMachine], linked: Sequence[Sequence[tuple[str, str]]]
) -> Iterator[tuple[str, MessyMachine, Pair]]:
    """Yield each pair that is missed or wrong, with a machine that it is about."""
    owners: Mapping[tuple[str, str], MessyMachine] = {r: machine for machine in machines for r in machine.records}
    pairs, truth = build_pairs(linked), build_pairs(machine.records for machine in machines)
    for kind, errors in (("missed", truth - pairs), ("wrong", pairs - truth)):
        for pair in sorted(errors):
            yield kind, owners[pair[0]], pair


def main() -> None:
    """Print the figures of one district, and its errors by kind of mess and by sources."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--machines", type=int, default=MACHINES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--intensity", type=float, default=1.0)
    parser.add_argument("--exports", type=Path, help="also write the exports to this folder")
    options = parser.parse_args()
    district = generate_device_district(machines=options.machines, seed=options.seed, intensity=options.intensity)
    if options.exports:
        options.exports.mkdir(parents=True, exist_ok=True)
        for file, text in district.files.items():
            (options.exports / file).write_text(text, encoding="utf-8")
    linked = link_records(district)
    for name, figure in compute_figures(district.machines, linked).items():
        print(f"{name:<36} {figure:.5f}")
    counts: collections.Counter[tuple[str, str, str]] = collections.Counter()
    samples: dict[tuple[str, str, str], tuple[MessyMachine, Pair]] = {}
    for kind, machine, pair in list_errors(district.machines, linked):
        label = (kind, ", ".join(sorted(machine.mess)), f"{pair[0][0]}-{pair[1][0]}")
        counts[label] += 1
        samples[label] = (machine, pair)
    for label, count in counts.most_common(40):
        machine, pair = samples[label]
        print(count, *label, machine.kind, machine.serial, machine.host, pair, sep=" | ")


if __name__ == "__main__":
    main()
