"""The rows that decide for a device under a control over software, services or flaws: which program, port or flaw it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb

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
    """For each subject that has any its deciding rows: their `columns`, in the order of these."""
    asked = FOLDED[control.asks]
    source = f"SELECT * FROM {asked.table} WHERE {asked.number} IN ({GIVEN})"
    named = ", ".join(f'"{one}"' for one in (asked.number, *columns))
    text = f"SELECT {named} FROM ({deciding_rows(control, source=source, today=today)}) ORDER BY ALL"
    found: dict[int, list[tuple[Any, ...]]] = {}
    for subject, *rest in session.execute(text, {"ids": listed(subjects)}).fetchall():
        found.setdefault(subject, []).append(tuple(rest))
    return found
