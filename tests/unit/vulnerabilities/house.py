"""The labelled rows as a session and resolved tables: a device a row, and what the engine finds on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from homeroom.engines.vulnerabilities.engine import find_flaws
from homeroom.engines.vulnerabilities.staging import DERIVED
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.session import session_over, view_schema
from homeroom.evidence.tables import TABLES
from homeroom.library.software import products
from homeroom.library.weights import weights
from tests.unit.vulnerabilities.labelled import RANGES, Labelled, rows

TODAY = date(2026, 11, 24)
Rows = list[dict[str, Any]]


def frame(name: str, given: Sequence[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(given), schema=view_schema(name))


def session_with(**tables: Sequence[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    """A session over source tables; a row without a connector is of nvd."""
    return session_over({
        name: frame(name, [{"connector": "nvd", "instance": "nvd", **row} for row in given]) for name, given in tables.items()
    })  # fmt: skip


def found(session: duckdb.DuckDBPyConnection, **resolved: Sequence[dict[str, Any]]) -> dict[str, Rows]:
    """What the engine makes of resolved tables, as rows."""
    empty = {name: arrow_schema(TABLES[name]).empty_table() for name in DERIVED}
    given = {name: frame(name, rows) for name, rows in resolved.items()}
    made = find_flaws(session, resolved=empty | given, products=products(), weights=weights(), today=TODAY)
    return {name: table.to_pylist() for name, table in made.items()}


def feeds(ranges: Sequence[dict[str, Any]] = RANGES) -> dict[str, Rows]:
    """The invented ranges as `cves` and `cve_ranges`."""
    records = {one["cve"]: one.get("rejected", False) for one in ranges}
    return {
        "cves": [{"id": cve, "cves": [cve], "severity": "high", "rejected": over} for cve, over in records.items()],
        "cve_ranges": [
            {"id": one["cve"], "number": number, **{key: value for key, value in one.items() if key != "rejected"}}
            for number, one in enumerate(ranges, start=1)
        ],
    }


@dataclass(frozen=True, kw_only=True)
class Score:
    """How the engine's answers compare with the labels, over pairs of row and flaw."""

    rows: int
    labelled: int
    missed: tuple[tuple[str, str], ...]
    wrong: tuple[tuple[str, str], ...]
    misnamed: tuple[tuple[str, str, str], ...]

    @property
    def precision(self) -> float:
        right = self.labelled - len(self.missed)
        return right / (right + len(self.wrong))

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / self.labelled


def scored() -> Score:
    """The labelled table through the whole engine."""
    labels = rows()
    made = found(session_with(**feeds()), **_resolved(labels))
    items = {(row["device"], row["item"]) for row in made["vulnerable_installs"]}
    flaws = {(device, row["cve"]) for row in made["vulnerabilities"] for device, item in items if item == row["item"]}
    things = {
        (device, row["thing"]) for row in made["vulnerabilities"] for device, item in items if item == row["item"]
    }
    wanted = {(device, cve) for device, label in enumerate(labels) for cve in label.flaws}
    told = [f"{one.name} {one.version}" for one in labels]
    return Score(
        rows=len(labels),
        labelled=len(wanted),
        missed=tuple(sorted((told[device], cve) for device, cve in wanted - flaws)),
        wrong=tuple(sorted((told[device], cve) for device, cve in flaws - wanted)),
        misnamed=tuple((told[d], thing, labels[d].thing) for d, thing in sorted(things) if thing != labels[d].thing),
    )


def _resolved(labels: Sequence[Labelled]) -> dict[str, Rows]:
    devices, software, services = [], [], []
    for device, one in enumerate(labels):
        system = one.version if one.kind == "system" else one.system
        words = one.name.removeprefix(one.version).strip() if one.kind == "system" else ""
        if one.kind == "system" and not one.name.startswith(one.version):
            system, words = one.version, one.name
        devices.append(
            {"id": device, "platform": one.platform or None, "os_version": system or None, "os_edition": words or None}
        )
        row = {"device": device, "name": one.name, "version": one.version or None, "source": "fleet"}
        if one.kind == "software":
            software.append(
                {**row, "listing": one.listing, "vendor": one.vendor or None, "identifier": one.identifier or None}
            )
        elif one.kind == "service":
            services.append(
                {
                    "device": device,
                    "product": one.name,
                    "version": one.version,
                    "open": True,
                    "protocol": "tcp",
                    "port": 22,
                }
            )
    return {"devices": devices, "software": software, "services": services}
