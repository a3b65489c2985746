"""An export may write null or leave a field out: where the vendor means the same by both, so do our verdicts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.engines.baselines.judging import judge
from homeroom.engines.baselines.policies import Case, Policy
from homeroom.library.baselines import policies

AT = datetime(2026, 1, 15, tzinfo=UTC)
APART = {
    # Entra writes null for an account of the cloud; an export without the field has not asked where accounts come from.
    "entra-administrators-are-cloud-only": "the field has to be asked for",
    # Privileged Identity Management states every start, with null for what was given past it.
    "entra-roles-come-through-pim": "only null says that it was given elsewhere",
}
"""Policies to which an absent field says something else than null, and why."""


def without_nulls(value: Any) -> Any:
    """The document as an exporter writes it that leaves out what has no value."""
    if isinstance(value, dict):
        return {name: without_nulls(one) for name, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


def holding_nulls() -> list[tuple[Policy, Case]]:
    """Every shipped example of Microsoft's policies in which something is null."""
    microsoft = (one for one in policies() if one.suite != "ScubaGoggles")
    pairs = ((policy, case) for policy in microsoft for case in policy.examples)
    return [(policy, case) for policy, case in pairs if without_nulls(case.document) != case.document]


@pytest.mark.parametrize(("policy", "case"), holding_nulls(), ids=lambda one: getattr(one, "id", ""))
def test_what_is_left_out_comes_to_what_null_comes_to(policy: Policy, case: Case) -> None:
    same = judge(policy, without_nulls(case.document), at=AT).met is judge(policy, case.document, at=AT).met
    assert same is (policy.id not in APART), APART.get(policy.id)
