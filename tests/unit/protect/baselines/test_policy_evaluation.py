"""Test policy verdicts on units, elements and the tenant, and the comparison with published cases."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.domain.protect.control_states import Severity
from homeroom.engines.protect.baselines.evaluate import evaluate_policy
from homeroom.engines.protect.baselines.parsing import parse_condition
from homeroom.engines.protect.baselines.policies import AssumedOutcome, BaselinePolicy, PolicyState
from homeroom.engines.protect.baselines.profile_diff import BaselineCase, compare_cases, strip_version
from homeroom.library.protect.baseline_cases import load_cases
from homeroom.library.yaml_loader import ContentRefused

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def build_policy(**changes: Any) -> BaselinePolicy:
    fields: dict[str, Any] = {
        "id": "no-imap", "suite": "google", "product": "gmail", "compares": "GWS.GMAIL.9.1", "title": "No IMAP",
        "severity": Severity.HIGH, "because": "Old.", "fix": "Off.", "unset": {}, "renamed": {},
        "requires": parse_condition({"mail.imap": False}),
    }  # fmt: skip
    return BaselinePolicy(**{**fields, **changes})


def build_tenant(**policies: Any) -> dict[str, Any]:
    return {"policies": policies, "tenant_info": {"topLevelOU": "District"}}


def evaluate_states(
    policy: BaselinePolicy, document: dict[str, Any]
) -> tuple[PolicyState, bool | None, dict[str, str]]:
    verdict = evaluate_policy(policy, document, at=NOW)
    return verdict.state, verdict.met, {subject.name: subject.state.value for subject in verdict.subjects}


def test_one_unit_that_fails_fails_the_policy_and_the_others_keep_their_state() -> None:
    document = build_tenant(District={"mail": {"imap": False}}, Staff={"mail": {"imap": True}}, Students={})
    unit_policy = build_policy(each=("unit",))
    assert evaluate_states(unit_policy, document) == (
        PolicyState.FAILS, False, {"District": "passes", "Staff": "fails", "Students": "passes"},
    )  # fmt: skip


def test_a_missing_value_is_neither_met_nor_unmet_unless_somebody_said_what_it_means() -> None:
    document = build_tenant(District={"other": {"x": 1}})
    assert evaluate_states(build_policy(each=("unit",)), document)[:2] == (PolicyState.CANNOT_TELL, None)
    assert evaluate_states(build_policy(each=("unit",), unset={"mail.imap": False}), document)[:2] == (
        PolicyState.PASSES,
        True,
    )
    assumed_verdict = evaluate_policy(
        build_policy(each=("unit",), assumed=AssumedOutcome(fits=True, because="Delivered off.")), document, at=NOW
    )
    assert (assumed_verdict.state, assumed_verdict.met, assumed_verdict.assumed, assumed_verdict.because) == (
        PolicyState.CANNOT_TELL, True, True, "Delivered off.",
    )  # fmt: skip


def test_a_failing_unit_is_not_excused_by_what_is_assumed_of_the_others() -> None:
    document = build_tenant(District={}, Staff={"mail": {"imap": True}})
    lenient = build_policy(each=("unit",), assumed=AssumedOutcome(fits=True, because="Delivered off."))
    assert evaluate_states(lenient, document)[:2] == (PolicyState.FAILS, False)


def test_what_a_policy_does_not_apply_to_does_not_count() -> None:
    applies = build_policy(each=("unit",), applies_to=parse_condition({"mail.on": True}))
    document = build_tenant(District={"mail": {"on": False, "imap": True}}, Staff={"mail": {"on": True}})
    assert evaluate_states(applies, document) == (
        PolicyState.FAILS,
        False,
        {"District": "does not apply", "Staff": "fails"},
    )
    assert evaluate_states(applies, build_tenant(District={"mail": {"on": False}}))[:2] == (
        PolicyState.DOES_NOT_APPLY,
        True,
    )
    assert evaluate_states(applies, build_tenant(District={"mail": {"imap": True}}))[0] is PolicyState.CANNOT_TELL


def test_elements_are_judged_by_name_and_an_empty_list_is_met_while_none_at_all_cannot_be_told() -> None:
    element_policy = build_policy(
        each=("meeting_policies",), named="Identity", requires=parse_condition({"open": False})
    )
    document = {"meeting_policies": [{"Identity": "Global", "open": False}, {"open": True}]}
    assert evaluate_states(element_policy, document) == (
        PolicyState.FAILS,
        False,
        {"Global": "passes", "one without a name": "fails"},
    )
    assert evaluate_states(element_policy, {"meeting_policies": []})[:2] == (PolicyState.DOES_NOT_APPLY, True)
    assert evaluate_states(element_policy, {})[:2] == (PolicyState.CANNOT_TELL, None)


def test_a_policy_that_no_document_shows_is_never_met_by_a_machine() -> None:
    verdict = evaluate_policy(build_policy(requires=None, by_hand="Look."), {"mail": {"imap": False}}, at=NOW)
    assert (verdict.state, verdict.met, verdict.because) == (PolicyState.BY_HAND, None, "Look.")


def test_the_verdict_says_what_was_found_and_what_would_fit() -> None:
    verdict = evaluate_policy(build_policy(each=("unit",)), build_tenant(District={"mail": {"imap": True}}), at=NOW)
    (explanation,) = verdict.subjects[0].explanations
    assert (explanation.setting, explanation.actual, explanation.expected) == ("mail.imap", "true", "false")


def build_case(met: bool, document: dict[str, Any], name: str = "GWS.GMAIL.9.1v0.6") -> BaselineCase:
    return BaselineCase(suite="ScubaGoggles", policy=name, name="t", document=document, met=met, line=1)


def test_published_cases_are_counted_by_suite_and_each_disagreement_named() -> None:
    published_cases = [
        build_case(True, {"mail": {"imap": False}}),
        build_case(True, {"mail": {"imap": True}}),
        build_case(False, {}),
        build_case(False, {}, name="GWS.GMAIL.99.1v0.6"),
    ]
    (comparison,) = compare_cases(published_cases, policies=[build_policy()], at=NOW)
    assert (
        comparison.cases,
        comparison.covered,
        comparison.agreed,
        comparison.policies,
        comparison.policies_covered,
    ) == (4, 3, 2, 2, 1)
    assert comparison.uncovered == ("GWS.GMAIL.99.1",)
    assert [
        (disagreement.expected, disagreement.met, disagreement.verdict.state)
        for disagreement in comparison.disagreements
    ] == [(True, False, PolicyState.FAILS)]


def test_an_id_is_compared_without_its_version() -> None:
    assert [strip_version(policy_id) for policy_id in ("MS.AAD.1.1v1", "GWS.DRIVEDOCS.1.1vM.m", "GWS.GMAIL.1.1")] == [
        "MS.AAD.1.1", "GWS.DRIVEDOCS.1.1", "GWS.GMAIL.1.1",
    ]  # fmt: skip


def test_a_file_of_cases_is_read_strictly(tmp_path: Path) -> None:
    good = {"policy_id": "GWS.GMAIL.9.1v1", "suite": "S", "input": {}, "expected": [{"RequirementMet": False}]}
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join([json.dumps(good), "", "{", json.dumps({**good, "expected": []})]), encoding="utf-8")
    with pytest.raises(ContentRefused) as refused:
        load_cases([file])
    assert [item.field for item in refused.value.problems] == ["line 3", "line 4"]
    file.write_text(json.dumps(good), encoding="utf-8")
    assert [(item.policy, item.met, item.line) for item in load_cases([file])] == [("GWS.GMAIL.9.1v1", False, 1)]


def test_a_unit_that_may_is_told_apart_from_one_with_the_same_settings() -> None:
    policy_with_exception = build_policy(
        each=("unit",), applies_to=parse_condition({"unit|not": {"from": "/may", "else": []}})
    )
    document = {**build_tenant(District={"mail": {"imap": True}}, Scanners={}, Staff={}), "may": ["Scanners"]}
    assert evaluate_states(policy_with_exception, document)[2] == {
        "District": "fails", "Scanners": "does not apply", "Staff": "fails",
    }  # fmt: skip
