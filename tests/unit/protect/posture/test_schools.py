"""Test counts by school: every subject is counted once, in one school or in none that is known."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.controls import Control, Effort
from homeroom.engines.protect.posture.evaluate import evaluate_controls
from homeroom.engines.protect.posture.schools import count_by_school
from homeroom.evidence.query.session import build_view_schema, open_session_over

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


def classify_account(account: dict[str, Any]) -> str:
    if account["enabled"] is not True:
        return "cannot_tell" if account["enabled"] is None else ""
    return {True: "passing", False: "failing", None: "cannot_tell"}[account["second_factor"]]


@settings(max_examples=40, deadline=None)
@given(some.lists(ACCOUNT, max_size=12))
def test_each_school_has_those_who_stand_there(accounts: list[dict[str, Any]]) -> None:
    rows = [{"id": 7 * n % 13, **account} for n, account in enumerate(accounts)]
    session = open_session_over({"accounts": pa.Table.from_pylist(rows, schema=build_view_schema("accounts"))})
    school_rows = count_by_school(session, evaluate_controls(session, controls=[MFA], today=TODAY)).to_pylist()
    expected = Counter(
        (account["school"] or "", classify_account(account)) for account in accounts if classify_account(account)
    )
    counts = {
        (row["school"], name): row[name]
        for row in school_rows
        for name in ("passing", "failing", "cannot_tell")
        if row[name]
    }
    assert counts == dict(expected)
    assert all(row["excepted"] == 0 for row in school_rows)
    assert len({row["school"] for row in school_rows}) == len(school_rows)
