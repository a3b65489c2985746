"""Test lists in one text field, lists that are never empty, and policies that the baseline counts otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.domain.protect.control_states import Severity
from homeroom.engines.protect.baselines.conditions import evaluate_condition
from homeroom.engines.protect.baselines.evaluate import TENANT, evaluate_policy
from homeroom.engines.protect.baselines.parsing import parse_condition
from homeroom.engines.protect.baselines.paths import DocumentScope
from homeroom.engines.protect.baselines.policies import BaselinePolicy, PolicyState
from homeroom.engines.protect.baselines.profile_diff import BaselineCase, compare_cases

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ON: dict[str, Any] = {"state": "on"}


def build_policy(**changes: Any) -> BaselinePolicy:
    fields: dict[str, Any] = {
        "id": "on", "suite": "microsoft", "product": "teams", "compares": "MS.TEAMS.1.1", "title": "It is on.",
        "severity": Severity.LOW, "because": "It is off.", "fix": "Turn it on.", "unset": {}, "renamed": {},
        "each": ("rules",), "requires": parse_condition(ON),
    }  # fmt: skip
    return BaselinePolicy(**{**fields, **changes})


@pytest.mark.parametrize(
    ("condition", "value", "answer"),
    [
        ({"v|split": "guest"}, "member, guest", True),
        ({"v|split": "gues"}, "member,guest", False),
        ({"v|split|only": ["guest"]}, "member,guest", False),
        ({"v|split|only": ["member", "guest"]}, ["member,guest"], True),
        ({"v|split": "guest"}, None, None),
        ({"v|mailbox": "pat@maple.example"}, "Pat Hill;PAT@maple.example ", True),
        ({"v|mailbox|all": ["a@maple.example", "b@maple.example"]}, ["B;b@maple.example", "a@maple.example"], True),
        ({"v|mailbox": "pat hill"}, ["Pat Hill;pat@maple.example"], False),
    ],
)
def test_a_text_that_holds_several_things_is_read_as_them(condition: Any, value: Any, answer: bool | None) -> None:
    document = {"v": value}
    assert evaluate_condition(parse_condition(condition), DocumentScope(item=document, root=document), at=NOW) is answer


def test_an_empty_list_that_every_tenant_has_says_only_that_nothing_was_read() -> None:
    assert evaluate_policy(build_policy(), {"rules": []}, at=NOW).state is PolicyState.DOES_NOT_APPLY
    assert evaluate_policy(build_policy(never_empty=True), {"rules": []}, at=NOW).state is PolicyState.CANNOT_TELL
    assert evaluate_policy(build_policy(never_empty=True), {"rules": [ON]}, at=NOW).state is PolicyState.PASSES


def test_settings_without_a_name_are_the_tenants() -> None:
    (subject,) = evaluate_policy(build_policy(), {"rules": [ON]}, at=NOW).subjects
    (named,) = evaluate_policy(build_policy(named="id"), {"rules": [{**ON, "id": "Global"}]}, at=NOW).subjects
    (nameless,) = evaluate_policy(build_policy(named="id"), {"rules": [ON]}, at=NOW).subjects
    assert (subject.name, named.name, nameless.name) == (TENANT, "Global", "one without a name")


@pytest.mark.parametrize(("elsewhere", "agreed"), [(True, 1), (False, 0)])
def test_a_policy_that_does_not_apply_is_compared_as_the_published_baseline_counts_it(
    elsewhere: bool, agreed: int
) -> None:
    absent = build_policy(each=("tenant",), applies_to=parse_condition({"licence": True}), unmet_elsewhere=elsewhere)
    case = BaselineCase(
        suite="S", policy="MS.TEAMS.1.1v2", name="none", document={"licence": False, "state": "on"}, met=False, line=1
    )
    (comparison,) = compare_cases([case], policies=[absent], at=NOW)
    assert comparison.agreed == agreed
    assert evaluate_policy(absent, case.document, at=NOW).met is True
