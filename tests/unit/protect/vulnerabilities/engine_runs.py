"""Run the vulnerability engine on labeled rows: one device per row, and a score of what the engine finds on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from homeroom.engines.protect.vulnerabilities.engine import INPUTS, find_vulnerabilities
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.query.session import build_view_schema, open_session_over
from homeroom.evidence.tables import TABLES
from homeroom.library.know.software import load_products
from homeroom.library.protect.vulnerability_scoring import load_vulnerability_weights
from tests.unit.protect.vulnerabilities.labeled_listings import RANGES, LabeledListing, parse_labeled_rows

TODAY = date(2026, 11, 24)
TableRows = list[dict[str, Any]]


def build_source_table(name: str, table_rows: Sequence[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(table_rows), schema=build_view_schema(name))


def open_source_session(**tables: Sequence[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    """Return a session over source tables; a row without a connector comes from nvd."""
    return open_session_over(
        {
            name: build_source_table(name, [{"connector": "nvd", "instance": "nvd", **row} for row in table_rows])
            for name, table_rows in tables.items()
        }
    )


def run_engine(session: duckdb.DuckDBPyConnection, **resolved: Sequence[dict[str, Any]]) -> dict[str, TableRows]:
    """Return the rows of each table that the engine derives from resolved tables."""
    empty = {name: build_arrow_schema(TABLES[name]).empty_table() for name in INPUTS}
    input_tables = {name: build_source_table(name, rows) for name, rows in resolved.items()}
    results = find_vulnerabilities(
        session,
        resolved=empty | input_tables,
        products=load_products(),
        weights=load_vulnerability_weights(),
        today=TODAY,
    )
    return {name: table.to_pylist() for name, table in results.items()}


def build_feeds(ranges: Sequence[dict[str, Any]] = RANGES) -> dict[str, TableRows]:
    """Build rows of `cves` and `cve_ranges` from the invented ranges."""
    records = {entry["cve"]: entry.get("rejected", False) for entry in ranges}
    return {
        "cves": [
            {"id": cve, "cves": [cve], "severity": "high", "rejected": rejected} for cve, rejected in records.items()
        ],
        "cve_ranges": [
            {"id": entry["cve"], "number": number, **{key: value for key, value in entry.items() if key != "rejected"}}
            for number, entry in enumerate(ranges, start=1)
        ],
    }


@dataclass(frozen=True, kw_only=True)
class DetectionScore:
    """Comparison of the engine's results with the labels, over pairs of row and vulnerability."""

    rows: int
    labeled: int
    missed: tuple[tuple[str, str], ...]
    wrong: tuple[tuple[str, str], ...]
    misnamed: tuple[tuple[str, str, str], ...]

    @property
    def precision(self) -> float:
        right = self.labeled - len(self.missed)
        return right / (right + len(self.wrong))

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / self.labeled


def score_engine() -> DetectionScore:
    """Run the labeled table through the entire engine and score the result."""
    labels = parse_labeled_rows()
    results = run_engine(open_source_session(**build_feeds()), **_build_resolved_tables(labels))
    items = {(row["device"], row["item"]) for row in results["vulnerable_installs"]}
    detected = {
        (device, row["cve"]) for row in results["vulnerabilities"] for device, item in items if item == row["item"]
    }
    products = {
        (device, row["product_key"])
        for row in results["vulnerabilities"]
        for device, item in items
        if item == row["item"]
    }
    expected = {(device, cve) for device, label in enumerate(labels) for cve in label.vulnerabilities}
    listed_names = [f"{labeled_row.name} {labeled_row.version}" for labeled_row in labels]
    return DetectionScore(
        rows=len(labels),
        labeled=len(expected),
        missed=tuple(sorted((listed_names[device], cve) for device, cve in expected - detected)),
        wrong=tuple(sorted((listed_names[device], cve) for device, cve in detected - expected)),
        misnamed=tuple(
            (listed_names[d], product, labels[d].product)
            for d, product in sorted(products)
            if product != labels[d].product
        ),
    )


def _build_resolved_tables(labels: Sequence[LabeledListing]) -> dict[str, TableRows]:
    devices, software, services = [], [], []
    for device, label in enumerate(labels):
        system = label.version if label.kind == "system" else label.system
        edition = label.name.removeprefix(label.version).strip() if label.kind == "system" else ""
        if label.kind == "system" and not label.name.startswith(label.version):
            system, edition = label.version, label.name
        devices.append(
            {
                "id": device,
                "platform": label.platform or None,
                "os_version": system or None,
                "os_edition": edition or None,
            }
        )
        row = {"device": device, "name": label.name, "version": label.version or None, "source": "fleet"}
        if label.kind == "software":
            software.append(
                {
                    **row,
                    "listing": label.listing,
                    "vendor": label.vendor or None,
                    "identifier": label.identifier or None,
                }
            )
        elif label.kind == "service":
            services.append(
                {
                    "device": device,
                    "product": label.name,
                    "version": label.version,
                    "open": True,
                    "protocol": "tcp",
                    "port": 22,
                }
            )
    return {"devices": devices, "software": software, "services": services}
