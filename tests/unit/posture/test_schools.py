"""Judging by school: every subject stands in one school or in none that is known, and nobody is counted twice."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from homeroom.domain.controls import Control, Effort
from homeroom.domain.states import Severity
from homeroom.engines.posture.judging import judge
from homeroom.engines.posture.schools import by_school
from homeroom.evidence.session import session_over, view_schema

pytestmark = pytest.mark.scale

TODAY = date(2026, 1, 15)
MFA = Control(
    id="second-factor", area="identity", title="A second factor", severity=Severity.HIGH, asks="accounts",
    because="Phishing.", fix={"google": "Turn it on."}, effort=Effort(minutes_per_subject=1, minutes_once=0),
    applies_to={"enabled": True}, requires={"second_factor": True},
)  # fmt: skip
ACCOUNT = some.fixed_dictionaries({
    "school": some.sampled_from([None, "Cedar", "Lincoln"]),
    "enabled": some.sampled_from([True, True, False, None]),
    "second_factor": some.sampled_from([True, False, None]),
})  # fmt: skip


def state(account: dict[str, Any]) -> str:
    if account["enabled"] is not True:
        return "cannot_tell" if account["enabled"] is None else ""
    return {True: "passing", False: "failing", None: "cannot_tell"}[account["second_factor"]]


@settings(max_examples=40, deadline=None)
@given(some.lists(ACCOUNT, max_size=12))
def test_each_school_has_those_who_stand_there(accounts: list[dict[str, Any]]) -> None:
    rows = [{"id": 7 * n % 13, **one} for n, one in enumerate(accounts)]
    session = session_over({"accounts": pa.Table.from_pylist(rows, schema=view_schema("accounts"))})
    found = by_school(session, judge(session, controls=[MFA], today=TODAY)).to_pylist()
    expected = Counter((one["school"] or "", state(one)) for one in accounts if state(one))
    told = {
        (row["school"], name): row[name] for row in found for name in ("passing", "failing", "cannot_tell") if row[name]
    }
    assert told == dict(expected)
    assert all(row["excepted"] == 0 for row in found)
    assert len({row["school"] for row in found}) == len(found)
