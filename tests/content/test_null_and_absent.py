"""An export may write null or omit a field: where the vendor means the same by both, our verdicts are the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.engines.protect.baselines.evaluate import evaluate_policy
from homeroom.engines.protect.baselines.policies import BaselinePolicy, PolicyExample
from homeroom.library.protect.baselines import load_policies

AT = datetime(2026, 1, 15, tzinfo=UTC)
DIFFERENT_IF_ABSENT = {
    # Entra writes null for a cloud-only account; an export without the field did not request where accounts come from.
    "entra-administrators-are-cloud-only": "the field has to be asked for",
    # Privileged Identity Management states every start, with null for an assignment made outside it.
    "entra-roles-come-through-pim": "only null says that it was given elsewhere",
}
"""Policies to which an absent field means something else than null, and why."""


def remove_nulls(value: Any) -> Any:
    """Return the document as an exporter writes it that omits fields without a value."""
    if isinstance(value, dict):
        return {name: remove_nulls(item) for name, item in value.items() if item is not None}
    return [remove_nulls(item) for item in value] if isinstance(value, list) else value


def list_cases_with_nulls() -> list[tuple[BaselinePolicy, PolicyExample]]:
    """Return every built-in example of Microsoft's policies that contains a null."""
    microsoft = (candidate for candidate in load_policies() if candidate.suite != "ScubaGoggles")
    pairs = ((policy, case) for policy in microsoft for case in policy.examples)
    return [(policy, case) for policy, case in pairs if remove_nulls(case.document) != case.document]


@pytest.mark.parametrize(("policy", "case"), list_cases_with_nulls(), ids=lambda entry: getattr(entry, "id", ""))
def test_what_is_left_out_comes_to_what_null_comes_to(policy: BaselinePolicy, case: PolicyExample) -> None:
    same = (
        evaluate_policy(policy, remove_nulls(case.document), at=AT).met
        is evaluate_policy(policy, case.document, at=AT).met
    )
    assert same is (policy.id not in DIFFERENT_IF_ABSENT), DIFFERENT_IF_ABSENT.get(policy.id)
