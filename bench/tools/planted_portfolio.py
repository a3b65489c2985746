"""Plant tools into a sample district as a district writes them, with near misses, and judge what is reported.

The lists and the truth are written here from the rules of the issue; nothing of the program is imported. The year of
the school is the one that the sample district has.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

CONTRACT_HEADINGS = ("Ref", "What", "Sold By", "Licenses", "Price", "First", "Last", "Renews", "Notice", "For Schools")
USE_HEADINGS = ("App", "Campus", "Since", "Through", "People")
CONTRACT_MAPPING = """\
homeroom: mapping
name: planted
connector: planted
table: contract_records
needs: [Ref, What, Sold By, For Schools]
columns:
  key: {from: Ref}
  product: {from: What}
  vendor: {from: Sold By}
  seats: {from: Licenses}
  cost_minor: {from: Price, as: money}
  currency: {constant: USD}
  starts_on: {from: First}
  ends_on: {from: Last}
  renews: {from: Renews}
  notice_on: {from: Notice}
  schools: {from: For Schools}
"""
USE_MAPPING = """\
homeroom: mapping
name: planted-use
connector: plantedportal
table: app_use_records
needs: [Campus, People]
columns:
  app: {from: App}
  school_name: {from: Campus}
  since: {from: Since}
  until: {from: Through}
  users: {from: People}
"""
STATED = """\
homeroom: tools
needs:
  math-practice: {for: students}
  typing: {for: students}
  coding: {for: students}
tools:
  - {name: Plantmath, does: [math-practice], also_does: []}
  - {name: Rootmath, does: [math-practice], also_does: []}
  - {name: Stemmusic, does: [music], also_does: []}
  - {name: Leafmusic, does: [music], also_does: []}
  - {name: Budmaps, does: [maps-geography], also_does: []}
  - {name: Fernmaps, does: [maps-geography], also_does: []}
  - {name: Mossdraw, does: [drawing], also_does: []}
  - {name: Ivysuite, does: [creative-design], also_does: [drawing]}
  - {name: Reedquiz, does: [quiz-game], also_does: []}
  - {name: Rushquiz, does: [quiz-game], also_does: []}
  - {name: Sedgecode, does: [coding], also_does: []}
  - {name: Petalbooks, does: [digital-books], also_does: []}
  - {name: Thornwords, does: [vocabulary-practice], also_does: []}
  - {name: Barkread, does: [reading-practice], also_does: [], season: {from: "04-01", to: "05-31"}}
  - {name: Sapvideo, does: [video-recording], also_does: []}
"""


@dataclass(frozen=True, kw_only=True)
class PlantedPortfolio:
    """What is true: overlaps as (capability, kind, names), gaps, hollow tools by name, and near misses with why."""

    folder: Path
    overlaps: frozenset[tuple[str, str, frozenset[str]]]
    gaps: frozenset[tuple[str, str]]
    hollow: frozenset[tuple[str, str]]
    unknown: frozenset[str]
    near_misses: dict[str, str] = field(default_factory=dict)


def plant_portfolio(folder: Path, *, schools: Sequence[str], today: date) -> PlantedPortfolio:
    """Write the planted lists into the folder; `schools` are those of the sample district with students."""
    folder.mkdir(parents=True)
    since, through = today - timedelta(days=60), today - timedelta(days=8)
    first, last = schools[0], schools[-1]
    contracts = [
        _write_contract("P-1", "CDW-G: Plantmath Site License 1YR", today, price="$9,000.00"),
        _write_contract("P-2", "Rootmath FY27 renewal", today, price="$4,000.00", schools=first),
        _write_contract("P-3", "Stemmusic", today, price="$4,000.00", schools=first),
        _write_contract("P-4", "Leafmusic", today, price="$4,000.00", schools=last),
        _write_contract("P-5", "Budmaps", today),
        _write_contract("P-6", "Fernmaps", today, price="$0.00"),
        _write_contract("P-7", "Mossdraw 100 licenses", today, schools=first),
        _write_contract("P-8", "Ivysuite", today, price="$0.00"),
        _write_contract("P-9", "Reedquiz", today),
        _write_contract("P-10", "Rushquiz", today, ends=today - timedelta(days=1)),
        _write_contract("P-11", "Sedgecode", today, schools=first),
        _write_contract("P-12", "Petalbooks", today),
        _write_contract("P-13", "Thornwords", today),
        _write_contract("P-14", "Barkread", today),
        _write_contract("P-15", "Sapvideo", today, starts=today - timedelta(days=30)),
    ]
    use = [
        *(_write_use(name, school, since, through, 40) for name in ("Plantmath", "Rootmath", "Stemmusic", "Leafmusic",
          "Budmaps", "Mossdraw", "Reedquiz", "Sedgecode") for school in schools),
        *(_write_use("Petalbooks", school, since, through, 1) for school in schools),
        *(_write_use("Thornwords", school, since, through, 100 if school == first else 0) for school in schools),
        *(_write_use("Barkread", school, since, through, 0) for school in schools),
        *(_write_use("Sapvideo", school, since, through, 0) for school in schools),
    ]  # fmt: skip
    _write_csv(folder / "planted.csv", CONTRACT_HEADINGS, contracts)
    _write_csv(folder / "planted-use.csv", USE_HEADINGS, use)
    (folder / "planted.yaml").write_text(CONTRACT_MAPPING, encoding="utf-8")
    (folder / "planted-use.yaml").write_text(USE_MAPPING, encoding="utf-8")
    (folder / "tools.yaml").write_text(STATED, encoding="utf-8")
    return PlantedPortfolio(
        folder=folder,
        overlaps=frozenset({
            ("math-practice", "paid twice", frozenset({"Plantmath", "Rootmath"})),
            ("drawing", "owned already", frozenset({"Mossdraw", "Ivysuite"})),
        }),
        gaps=frozenset({("typing", "none"), ("coding", "part")}),
        hollow=frozenset({("Petalbooks", "not used")}),
        unknown=frozenset({"Barkread", "Sapvideo"}),
        near_misses={
            "Stemmusic and Leafmusic": "meet in no school",
            "Budmaps and Fernmaps": "only one of them costs money",
            "Reedquiz and Rushquiz": "the contract of one has ended",
            "Thornwords": "exactly a tenth of its seats",
            "Barkread": "the period is not in its season",
            "Sapvideo": "the contract began too late",
        },
    )  # fmt: skip


def compare_portfolio(out: str, planted: PlantedPortfolio) -> dict[str, float]:
    """Return how many planted findings are missed, and how many are reported about planted tools besides."""
    document = json.loads(out)
    names = {tool["id"]: tool["name"] for tool in document["tools"]}
    own = set(re.findall(r"\{name: (\w+)", STATED))
    overlaps = {
        (entry["capability"], entry["kind"], frozenset(names[tool] for tool in entry["tools"]))
        for entry in document["overlaps"]
    }
    own_overlaps = {entry for entry in overlaps if entry[2] & own}
    gaps = {(entry["capability"], entry["kind"]) for entry in document["gaps"]}
    hollow = {(names[entry["tool"]], entry["kind"]) for entry in document["hollow"] if names[entry["tool"]] in own}
    unknown = {names[entry["id"]] for entry in document["cannot_tell"] if names.get(entry["id"]) in own}
    pairs = (
        (own_overlaps, planted.overlaps), (gaps, planted.gaps), (hollow, planted.hollow), (unknown, planted.unknown),
    )  # fmt: skip
    return {
        "planted": sum(len(expected) for _, expected in pairs),
        "planted_missed": sum(len(expected - reported) for reported, expected in pairs),
        "planted_besides": sum(len(reported - expected) for reported, expected in pairs),
        "near_misses": len(planted.near_misses),
    }


def _write_contract(
    key: str,
    product: str,
    today: date,
    *,
    price: str = "$2,000.00",
    starts: date | None = None,
    ends: date | None = None,
    schools: str = "",
) -> tuple[str, ...]:
    first, last = starts or today - timedelta(days=150), ends or today + timedelta(days=200)
    return (key, product, "Reseller", "1000", price, first.isoformat(), last.isoformat(), "Yes", "", schools)


def _write_use(app: str, school: str, since: date, through: date, people: int) -> tuple[str, ...]:
    return (app, school, since.isoformat(), through.isoformat(), str(people))


def _write_csv(path: Path, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows(rows)
