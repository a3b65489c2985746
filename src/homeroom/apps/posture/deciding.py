"""The rows that decide for a device under a control over software, services or flaws: which program, port or flaw it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb

from homeroom.apps.posture.columns import DEVICE_COLUMNS
from homeroom.apps.posture.ordering import GIVEN, listed
from homeroom.domain.controls import Control
from homeroom.engines.posture.questions import FOLDED, deciding_rows


def decided(
    session: duckdb.DuckDBPyConnection,
    *,
    control: Control,
    today: date,
    columns: Sequence[str],
    subjects: Sequence[int],
) -> dict[int, list[tuple[Any, ...]]]:
    """For each subject its deciding rows: whose device it is (student, staff …), then `columns` of the device and the row.

    Columns of the device are named as in DEVICE_COLUMNS. Rows are in the order of their columns. A subject without rows
    has one that says of its device alone; one that the snapshot lacks is missing.
    """
    asked = FOLDED[control.asks]
    source = f"SELECT * FROM {asked.table} WHERE {asked.number} IN ({GIVEN})"
    named = [f"d.{DEVICE_COLUMNS[one]}" if one in DEVICE_COLUMNS else f't."{one}"' for one in columns]
    text = f"""SELECT d.id, d.holder_kind, {", ".join(named)}
        FROM devices d LEFT JOIN ({deciding_rows(control, source=source, today=today)}) t ON t.{asked.number} = d.id
        WHERE d.id IN ({GIVEN}) ORDER BY ALL"""
    found: dict[int, list[tuple[Any, ...]]] = {}
    for subject, *rest in session.execute(text, {"ids": listed(subjects)}).fetchall():
        found.setdefault(subject, []).append(tuple(rest))
    return found
