"""Rows that are the same in all that controls ask are judged once, and nobody's state changes by that."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.domain.controls import Control
from homeroom.domain.matching import evaluate, parse
from homeroom.domain.states import State
from homeroom.engines.posture.judging import judge
from homeroom.evidence.patterns import fields_of
from homeroom.evidence.session import session_over, view_schema
from homeroom.evidence.tables import TABLES
from homeroom.library.controls import controls

pytestmark = pytest.mark.scale

TODAY = date(2026, 1, 15)
ASKED = [one for one in controls() if one.asks == "software"]
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
    lambda program, version, flaws, device, source: {
        **program, **({"version": version} if version else {}), "exploited_flaws": flaws, "device": device, "source": source,
    },
    st.sampled_from(PROGRAMS), st.sampled_from(VERSIONS), st.sampled_from((None, [], ["CVE-2025-1"])), st.integers(0, 4),
    st.sampled_from((None, "fleet", "jamf")),
)  # fmt: skip


def by_the_row(control: Control, rows: list[dict[str, Any]]) -> State:
    """The state of one device, row after row, in Python."""
    applies, requires = (
        parse(part, fields=fields_of(TABLES["software"])) for part in (control.applies_to, control.requires)
    )

    def state(row: dict[str, Any]) -> State:
        asked, fits = (evaluate(form, row, today=TODAY) for form in (applies, requires))
        if not asked:
            return State.CANNOT_TELL if asked is None else State.NOT_APPLICABLE
        return State.CANNOT_TELL if fits is None else (State.PASS if fits else State.FAIL)

    return min((state(row) for row in rows), key=WORST_FIRST.index, default=State.NOT_APPLICABLE)


@settings(max_examples=25, deadline=None)
@given(st.lists(programs, max_size=30))
def test_each_device_has_the_state_that_its_own_rows_give_it(rows: list[dict[str, Any]]) -> None:
    devices = [{"id": number} for number in range(5)]
    held = {"devices": devices, "software": rows}
    session = session_over({name: pa.Table.from_pylist(some, schema=view_schema(name)) for name, some in held.items()})
    sheets = judge(session, controls=ASKED, today=TODAY).sheets
    named = [dict.fromkeys(TABLES["software"].names) | row for row in rows]
    for control in ASKED:
        for number in {row["device"] for row in rows}:
            own = [row for row in named if row["device"] == number]
            assert sheets[control.id].state_of(number) is by_the_row(control, own), control.id


def test_a_control_that_asks_no_column_at_all_is_judged_as_well() -> None:
    everybody = replace(ASKED[0], applies_to={}, requires={})
    held = {"devices": [{"id": 1}], "software": [{"device": 1, "name": "Paint"}]}
    session = session_over({name: pa.Table.from_pylist(some, schema=view_schema(name)) for name, some in held.items()})
    assert judge(session, controls=[everybody], today=TODAY).sheets[everybody.id].state_of(1) is State.PASS
