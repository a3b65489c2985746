"""What tenants write into one text, lists that every tenant has, and a verdict that the published baseline counts otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.domain.states import Severity
from homeroom.engines.baselines.comparing import Given, compared
from homeroom.engines.baselines.conditions import held
from homeroom.engines.baselines.judging import TENANT, judge
from homeroom.engines.baselines.parsing import parse
from homeroom.engines.baselines.paths import Scope
from homeroom.engines.baselines.policies import Expected, Policy

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ON: dict[str, Any] = {"state": "on"}


def policy(**more: Any) -> Policy:
    given: dict[str, Any] = {
        "id": "on", "suite": "microsoft", "product": "teams", "compares": "MS.TEAMS.1.1", "title": "It is on.",
        "severity": Severity.LOW, "because": "It is off.", "fix": "Turn it on.", "unset": {}, "renamed": {},
        "each": ("rules",), "requires": parse(ON),
    }  # fmt: skip
    return Policy(**{**given, **more})


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
    assert held(parse(condition), Scope(item=document, root=document), at=NOW) is answer


def test_an_empty_list_that_every_tenant_has_says_only_that_nothing_was_read() -> None:
    assert judge(policy(), {"rules": []}, at=NOW).state is Expected.DOES_NOT_APPLY
    assert judge(policy(never_empty=True), {"rules": []}, at=NOW).state is Expected.CANNOT_TELL
    assert judge(policy(never_empty=True), {"rules": [ON]}, at=NOW).state is Expected.PASSES


def test_settings_without_a_name_are_the_tenants() -> None:
    (one,) = judge(policy(), {"rules": [ON]}, at=NOW).subjects
    (named,) = judge(policy(named="id"), {"rules": [{**ON, "id": "Global"}]}, at=NOW).subjects
    (nameless,) = judge(policy(named="id"), {"rules": [ON]}, at=NOW).subjects
    assert (one.name, named.name, nameless.name) == (TENANT, "Global", "one without a name")


@pytest.mark.parametrize(("elsewhere", "agreed"), [(True, 1), (False, 0)])
def test_a_policy_that_does_not_apply_is_compared_as_the_published_baseline_counts_it(
    elsewhere: bool, agreed: int
) -> None:
    absent = policy(each=("tenant",), applies_to=parse({"licence": True}), unmet_elsewhere=elsewhere)
    case = Given(
        suite="S", policy="MS.TEAMS.1.1v2", name="none", document={"licence": False, "state": "on"}, met=False, line=1
    )
    (found,) = compared([case], policies=[absent], at=NOW)
    assert found.agreed == agreed
    assert judge(absent, case.document, at=NOW).met is True
