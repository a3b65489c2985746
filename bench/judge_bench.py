"""Judging a large district: every shipped control, over invented accounts, devices, software, services and flaws in Parquet.

At scale 250,000: 250,000 accounts, 200,000 devices, 1,000,000 rows of software on 40,000 of them, 50,000 services and 20,000
flaws. Goal: 45 controls in 2 seconds on 2 cores, from opening the files to members. The 45 are every nth of all by id, so that no
table is spared; `all_seconds` is what all that are shipped take, of which `judge_district` has a goal.
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
from homeroom.domain.controls import Control
from homeroom.engines.posture.judging import judge
from homeroom.evidence.session import Part, Pinned, session_of, view_schema
from homeroom.evidence.snapshots import Snapshot
from homeroom.library.controls import controls

TODAY = date(2026, 1, 15)
SCALE, CONTROLS = 250_000, 45
GOALS = {"seconds": Goal(at_most=2.0), "controls": Goal(at_least=CONTROLS)}


def measure(*, scale: int = SCALE, runs: int = 3) -> dict[str, float]:
    """Median wall and CPU seconds of one judgement over `scale` accounts and four fifths as many devices."""
    asked = controls()
    chosen = asked[:: len(asked) // CONTROLS][:CONTROLS]
    with tempfile.TemporaryDirectory() as folder:
        pinned = _pinned(Path(folder), scale)
        every, _, members = _judged(pinned, asked, runs=runs)
        wall, cpu, _ = _judged(pinned, chosen, runs=runs)
    told = {"accounts": scale, "controls": len(chosen), "seconds": wall, "cpu_seconds": cpu}
    return {**told, "all_controls": len(asked), "all_seconds": every, "members": members}


def _judged(pinned: Pinned, asked: Sequence[Control], *, runs: int) -> tuple[float, float, int]:
    """Median wall and CPU seconds of judging under those controls, and how many members it made."""
    wall, cpu, members = [], [], 0
    for _ in range(runs):
        begun, used = time.perf_counter(), time.process_time()
        session = session_of(pinned)
        members = judge(session, controls=asked, today=TODAY).members.num_rows
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - used)
        session.close()
    return float(np.median(wall)), float(np.median(cpu)), members


def _pinned(folder: Path, scale: int) -> Pinned:
    views = {}
    for name, (of, least) in ROWS.items():
        path = folder / f"{name}.parquet"
        pq.write_table(_invented(name, max(int(scale * of), least), scale), path)
        views[name] = [Part(snapshot=Snapshot(base=path))]
    days = [{"date": date(2025, 8, 18) + timedelta(days=n), "org_key": "", "kind": "school"} for n in range(284)]
    path = folder / "calendar_days.parquet"
    pq.write_table(pa.Table.from_pylist(days, schema=view_schema("calendar_days")), path)
    return Pinned(root=folder, views={**views, "calendar_days": [Part(snapshot=Snapshot(base=path))]})


ROWS = {
    "accounts": (1, 1),
    "devices": (0.8, 1),
    "software": (4, 1),
    "services": (0.2, 1),
    "flaws": (0.08, 1),
    "links": (2, 1),
}
"""How many rows each table has for one account."""
_OTHERS = [f"Program {n}" for n in range(1800)]
WORDS_OF: dict[str, dict[str, list[Any]]] = {
    "software": {
        "name": [
            *_OTHERS,
            *["Google Chrome", "Microsoft Edge", "Mozilla Firefox (x64 en-US)", "WinRAR 6.22 (64-bit)"] * 50,
        ],
        "product": [*(None for _ in _OTHERS), *["google-chrome", "edge", "firefox", "winrar"] * 50],
        "kind": [*(None for _ in _OTHERS), *["browser", "browser", "browser", "archiver"] * 50],
        "version": [*(f"{n % 30}.{n % 7}.{n}" for n in range(1800)), *(f"{90 + n}.0.{n * 37}.{n}" for n in range(200))],
        "exploited_flaws": [*([] for _ in range(1990)), *([["CVE-2025-0001"]] * 10)],
    },
    "services": {
        "port": [22, 80, 443, 445, 3389, 23, 21, 161, 9100, 8080],
        "public": [False] * 9 + [True],
        "protocol": ["tcp"] * 10,
        "open": [True, True, True, False, None, True, True, True, True, True],
    },
    "flaws": {
        "cve": [*(f"CVE-2024-{n}" for n in range(900)), *[None] * 100],
        "known_exploited": [n % 20 == 0 for n in range(1000)],
        "source": ["nessus"] * 1000,
    },
}
WORDS: dict[str, list[str | None]] = {
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


def _invented(name: str, rows: int, scale: int) -> pa.Table:
    random = np.random.default_rng(7)
    schema = view_schema(name)
    made = pa.Table.from_arrays([_column(field, rows, random) for field in schema], schema=schema)
    return _listed(made, name, scale, random) if name in WORDS_OF else made


def _listed(made: pa.Table, name: str, scale: int, random: np.random.Generator) -> pa.Table:
    """Rows of devices in the order of resolving, by device: of software one in ten is a browser or an archiver."""
    rows, computers = made.num_rows, scale * 4 // 25
    changed = {"device": pa.array(np.sort(random.integers(0, computers, rows) * 5), pa.int64())}
    chosen = pa.array(random.integers(0, len(next(iter(WORDS_OF[name].values()))), rows))
    changed |= {
        column: pa.array(words, made.schema.field(column).type).take(chosen) for column, words in WORDS_OF[name].items()
    }
    for column, values in changed.items():
        made = made.set_column(made.schema.get_field_index(column), column, values)
    return made


def _column(field: pa.Field, rows: int, random: np.random.Generator) -> pa.Array:
    if field.name == "id":
        return pa.array(np.arange(rows, dtype=np.int64))
    null = random.random(rows) < 0.1
    made: dict[pa.DataType, Callable[[], pa.Array]] = {
        pa.bool_(): lambda: pa.array(random.random(rows) < 0.5, mask=null),
        pa.int64(): lambda: pa.array(random.integers(0, 60, rows), mask=null),
        pa.date32(): lambda: pa.array(
            (20_468 + random.integers(-900, 900, rows)).astype(np.int32), pa.int32(), mask=null
        ),
        pa.string(): lambda: _words(field.name, rows, random),
    }
    if field.type == pa.timestamp("us", tz="UTC"):
        seconds = random.integers(0, 300 * 86_400, rows)
        now = int(datetime(2026, 1, 15, tzinfo=UTC).timestamp())
        return pa.array((now - seconds) * 1_000_000, pa.int64(), mask=null).cast(field.type)
    if field.type == pa.list_(pa.string()):
        return pa.array([["google"]] * rows, field.type)
    return made[field.type]().cast(field.type)


def _words(name: str, rows: int, random: np.random.Generator) -> pa.Array:
    words = pa.array(WORDS.get(name, ["something", None]), pa.string())
    return words.take(pa.array(random.integers(0, len(words), rows)))
