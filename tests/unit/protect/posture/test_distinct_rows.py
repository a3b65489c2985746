"""Test that evaluating distinct rows once gives every device the same state as evaluating each row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.domain.matching import evaluate_pattern, parse_pattern
from homeroom.domain.protect.control_states import State
from homeroom.domain.protect.controls import Control
from homeroom.engines.protect.posture.evaluate import evaluate_controls
from homeroom.evidence.query.pattern_sql import list_pattern_fields
from homeroom.evidence.query.session import build_view_schema, open_session_over
from homeroom.evidence.tables import TABLES
from homeroom.library.protect.controls import load_controls

pytestmark = pytest.mark.scale

TODAY = date(2026, 1, 15)
SOFTWARE_CONTROLS = [item for item in load_controls() if item.asks == "software"]
WORST_FIRST = (State.FAIL, State.CANNOT_TELL, State.PASS, State.NOT_APPLICABLE)
PROGRAMS = (
    {},
    {"name": "Paint", "version": "1.0"},
    {"name": "", "version": "1.0"},
    {"name": "Chromium", "product": "chromium", "kind": "browser", "version": "138.0 snap"},
    {"name": "AnyDesk", "product": "anydesk", "kind": "remote"},
    {"name": "Node.js", "product": "nodejs", "kind": "runtime"},
    {"name": "Google Chrome", "product": "google-chrome", "kind": "browser", "version": "109.0.5414.120"},
    {"name": "Java 8 Update 202", "product": "java-8", "kind": "runtime"},
)
VERSIONS = (None, "18.20.4", "24.1.0", "unknown")
programs = st.builds(
    lambda program, version, cves, device, source: {
        **program,
        **({"version": version} if version else {}),
        "exploited_cves": cves,
        "device": device,
        "source": source,
    },
    st.sampled_from(PROGRAMS),
    st.sampled_from(VERSIONS),
    st.sampled_from((None, [], ["CVE-2025-1"])),
    st.integers(0, 4),
    st.sampled_from((None, "fleet", "jamf")),
)


def evaluate_row_by_row(control: Control, rows: list[dict[str, Any]]) -> State:
    """Return the state of one device, evaluated row by row in Python."""
    applies, requires = (
        parse_pattern(part, fields=list_pattern_fields(TABLES["software"]))
        for part in (control.applies_to, control.requires)
    )

    def evaluate_row(row: dict[str, Any]) -> State:
        in_scope, is_met = (evaluate_pattern(pattern, row, today=TODAY) for pattern in (applies, requires))
        if not in_scope:
            return State.CANNOT_TELL if in_scope is None else State.NOT_APPLICABLE
        return State.CANNOT_TELL if is_met is None else (State.PASS if is_met else State.FAIL)

    return min((evaluate_row(row) for row in rows), key=WORST_FIRST.index, default=State.NOT_APPLICABLE)


@settings(max_examples=25, deadline=None)
@given(st.lists(programs, max_size=30))
def test_each_device_has_the_state_that_its_own_rows_give_it(rows: list[dict[str, Any]]) -> None:
    devices = [{"id": number} for number in range(5)]
    tables = {"devices": devices, "software": rows}
    session = open_session_over(
        {name: pa.Table.from_pylist(table_rows, schema=build_view_schema(name)) for name, table_rows in tables.items()}
    )
    states = evaluate_controls(session, controls=SOFTWARE_CONTROLS, today=TODAY).control_states
    full_rows = [dict.fromkeys(TABLES["software"].names) | row for row in rows]
    for control in SOFTWARE_CONTROLS:
        for number in {row["device"] for row in rows}:
            device_rows = [row for row in full_rows if row["device"] == number]
            assert states[control.id].get_state(number) is evaluate_row_by_row(control, device_rows), control.id


def test_a_control_that_asks_no_column_at_all_is_judged_as_well() -> None:
    unconditional = replace(SOFTWARE_CONTROLS[0], applies_to={}, requires={})
    tables = {"devices": [{"id": 1}], "software": [{"device": 1, "name": "Paint"}]}
    session = open_session_over(
        {name: pa.Table.from_pylist(table_rows, schema=build_view_schema(name)) for name, table_rows in tables.items()}
    )
    assert (
        evaluate_controls(session, controls=[unconditional], today=TODAY).control_states[unconditional.id].get_state(1)
        is State.PASS
    )
