"""Evaluate every shipped control over generated tables of accounts, devices, software, services and more.

The tables are Parquet. At scale 250,000: 250,000 accounts, 200,000 devices, 1,000,000 rows of software on 40,000 of
them, 50,000 services and 20,000 vulnerabilities. Goal: 45 controls in 2 seconds on 2 cores, from opening the files to
members. The 45 are every nth of all by id, so that every table is used; `all_seconds` is the time for all shipped
controls, for which `judge_district` has a goal.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.support.goals import Goal
from homeroom.domain.protect.controls import Control
from homeroom.engines.protect.posture.evaluate import evaluate_controls
from homeroom.evidence.files.snapshots import Snapshot
from homeroom.evidence.query.session import PinnedSnapshot, SnapshotPart, build_view_schema, open_session
from homeroom.library.protect.controls import load_controls

TODAY = date(2026, 1, 15)
SCALE, CONTROLS = 250_000, 45
GOALS = {"seconds": Goal(at_most=2.0), "controls": Goal(at_least=CONTROLS)}


def measure(*, scale: int = SCALE, runs: int = 3) -> dict[str, float]:
    """Return median wall and CPU seconds of one evaluation over `scale` accounts and four fifths as many devices."""
    shipped_controls = load_controls()
    selected_controls = shipped_controls[:: len(shipped_controls) // CONTROLS][:CONTROLS]
    with tempfile.TemporaryDirectory() as folder:
        pinned = _write_pinned_snapshot(Path(folder), scale)
        all_seconds, _, members = _measure_evaluation(pinned, shipped_controls, runs=runs)
        wall, cpu, _ = _measure_evaluation(pinned, selected_controls, runs=runs)
    figures = {"accounts": scale, "controls": len(selected_controls), "seconds": wall, "cpu_seconds": cpu}
    return {**figures, "all_controls": len(shipped_controls), "all_seconds": all_seconds, "members": members}


def _measure_evaluation(
    pinned: PinnedSnapshot, evaluated_controls: Sequence[Control], *, runs: int
) -> tuple[float, float, int]:
    """Return median wall and CPU seconds of evaluating those controls, and the number of resulting members."""
    wall, cpu, members = [], [], 0
    for _ in range(runs):
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        session = open_session(pinned)
        members = evaluate_controls(session, controls=evaluated_controls, today=TODAY).members.num_rows
        wall.append(time.perf_counter() - wall_start)
        cpu.append(time.process_time() - cpu_start)
        session.close()
    return float(np.median(wall)), float(np.median(cpu)), members


def _write_pinned_snapshot(folder: Path, scale: int) -> PinnedSnapshot:
    views = {}
    for name, (factor, minimum) in ROWS_PER_ACCOUNT.items():
        path = folder / f"{name}.parquet"
        pq.write_table(_generate_table(name, max(int(scale * factor), minimum), scale), path)
        views[name] = [SnapshotPart(snapshot=Snapshot(base=path))]
    days = [{"date": date(2025, 8, 18) + timedelta(days=n), "org_key": "", "kind": "school"} for n in range(284)]
    path = folder / "calendar_days.parquet"
    pq.write_table(pa.Table.from_pylist(days, schema=build_view_schema("calendar_days")), path)
    return PinnedSnapshot(root=folder, views={**views, "calendar_days": [SnapshotPart(snapshot=Snapshot(base=path))]})


ROWS_PER_ACCOUNT = {
    "accounts": (1, 1),
    "devices": (0.8, 1),
    "software": (4, 1),
    "services": (0.2, 1),
    "vulnerabilities_found": (0.08, 1),
    "links": (2, 1),
}
"""Rows of each table per account, and at least how many."""
_UNKNOWN_PROGRAMS = [f"Program {n}" for n in range(1800)]
TABLE_VALUES: dict[str, dict[str, list[Any]]] = {
    "software": {
        "name": [
            *_UNKNOWN_PROGRAMS,
            *["Google Chrome", "Microsoft Edge", "Mozilla Firefox (x64 en-US)", "WinRAR 6.22 (64-bit)"] * 50,
        ],
        "product": [*(None for _ in _UNKNOWN_PROGRAMS), *["google-chrome", "edge", "firefox", "winrar"] * 50],
        "kind": [*(None for _ in _UNKNOWN_PROGRAMS), *["browser", "browser", "browser", "archiver"] * 50],
        "version": [*(f"{n % 30}.{n % 7}.{n}" for n in range(1800)), *(f"{90 + n}.0.{n * 37}.{n}" for n in range(200))],
        "exploited_cves": [*([] for _ in range(1990)), *([["CVE-2025-0001"]] * 10)],
    },
    "services": {
        "port": [22, 80, 443, 445, 3389, 23, 21, 161, 9100, 8080],
        "public": [False] * 9 + [True],
        "protocol": ["tcp"] * 10,
        "open": [True, True, True, False, None, True, True, True, True, True],
    },
    "vulnerabilities_found": {
        "cve": [*(f"CVE-2024-{n}" for n in range(900)), *[None] * 100],
        "known_exploited": [n % 20 == 0 for n in range(1000)],
        "source": ["nessus"] * 1000,
    },
}
COLUMN_VALUES: dict[str, list[str | None]] = {
    "subject_kind": ["device"],
    "connector": ["google", "fleet", "nessus", "nmap"],
    "grade_band": ["k-2", "3-5", "6-8", "9-12", None],
    "kind": ["student"] * 8 + ["staff", "laptop", "chromebook", "tablet"],
    "directory": ["google", "microsoft"],
    "platform": ["chromeos", "chromeos", "windows", "macos", "ios"],
    "windows": ["10", "11", None],
    "holder_kind": ["student", "staff", None],
    "org_unit": ["/Students/Lincoln", "/Staff/Lincoln", "/"],
    "cart": [None, *(f"Cart {n}" for n in range(500))],
    "os_version": ["15.2", "13.1", "10.0.19045"],
    "asset_status": ["active", "retired", "lost", None],
    "ownership": ["company", None],
    "asset_tag": [None, *(f"A-{n}" for n in range(100_000))],
}


def _generate_table(name: str, rows: int, scale: int) -> pa.Table:
    random = np.random.default_rng(7)
    schema = build_view_schema(name)
    table = pa.Table.from_arrays([_generate_column(field, rows, random) for field in schema], schema=schema)
    return _assign_to_devices(table, name, scale, random) if name in TABLE_VALUES else table


def _assign_to_devices(table: pa.Table, name: str, scale: int, random: np.random.Generator) -> pa.Table:
    """Return the rows assigned to devices in the order of resolving; one in ten software rows is a known product."""
    rows, computers = table.num_rows, scale * 4 // 25
    columns = {"device": pa.array(np.sort(random.integers(0, computers, rows) * 5), pa.int64())}
    indices = pa.array(random.integers(0, len(next(iter(TABLE_VALUES[name].values()))), rows))
    columns |= {
        column: pa.array(column_values, table.schema.field(column).type).take(indices)
        for column, column_values in TABLE_VALUES[name].items()
    }
    for column, values in columns.items():
        table = table.set_column(table.schema.get_field_index(column), column, values)
    return table


def _generate_column(field: pa.Field, rows: int, random: np.random.Generator) -> pa.Array:
    if field.name == "id":
        return pa.array(np.arange(rows, dtype=np.int64))
    null = random.random(rows) < 0.1
    builders: dict[pa.DataType, Callable[[], pa.Array]] = {
        pa.bool_(): lambda: pa.array(random.random(rows) < 0.5, mask=null),
        pa.int64(): lambda: pa.array(random.integers(0, 60, rows), mask=null),
        pa.date32(): lambda: pa.array(
            (20_468 + random.integers(-900, 900, rows)).astype(np.int32), pa.int32(), mask=null
        ),
        pa.string(): lambda: _draw_values(field.name, rows, random),
    }
    if field.type == pa.timestamp("us", tz="UTC"):
        seconds = random.integers(0, 300 * 86_400, rows)
        now_seconds = int(datetime(2026, 1, 15, tzinfo=UTC).timestamp())
        return pa.array((now_seconds - seconds) * 1_000_000, pa.int64(), mask=null).cast(field.type)
    if field.type == pa.list_(pa.string()):
        return pa.array([["google"]] * rows, field.type)
    return builders[field.type]().cast(field.type)


def _draw_values(name: str, rows: int, random: np.random.Generator) -> pa.Array:
    choices = pa.array(COLUMN_VALUES.get(name, ["something", None]), pa.string())
    return choices.take(pa.array(random.integers(0, len(choices), rows)))
