"""The policies over Microsoft 365 against published cases and a real report, and where they differ on purpose."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from homeroom.connectors.scubagear.readers import read_settings
from homeroom.engines.protect.baselines.evaluate import evaluate_policy
from homeroom.engines.protect.baselines.policies import BaselinePolicy, PolicyState
from homeroom.engines.protect.baselines.profile_diff import compare_cases, strip_version
from homeroom.engines.protect.baselines.profiles import evaluate_policies
from homeroom.library.protect.baseline_cases import load_cases
from homeroom.library.protect.baselines import load_policies
from homeroom.library.protect.profiles import get_profile

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[3] / "shared"))
SHARED_POSTURE = SHARED / "data" / "posture"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AGREEING_STATES = {
    "Pass": (PolicyState.PASSES, PolicyState.DOES_NOT_APPLY),
    "Fail": (PolicyState.FAILS,),
    "Warning": (PolicyState.FAILS,),
    "N/A": (PolicyState.BY_HAND, PolicyState.DOES_NOT_APPLY, PolicyState.CANNOT_TELL),
}
SINGLE_OBJECT_POLICIES = {"MS.AAD.6.1", "MS.EXO.3.1", "MS.EXO.4.3", "MS.EXO.4.4"}
"""Policies for which that report's tool skipped a list of one, which PowerShell had written as an object."""


@cache
def index_policies() -> dict[str, BaselinePolicy]:
    microsoft = [policy for policy in load_policies() if policy.suite == "microsoft"]
    return {name: policy for policy in microsoft for name in (policy.compares, *policy.also)}


def evaluate_state(published: str, **document: Any) -> PolicyState:
    return evaluate_policy(index_policies()[published], document, at=NOW).state


def test_microsoft_has_more_than_the_sixty_policies_that_were_promised() -> None:
    microsoft = [policy for policy in load_policies() if policy.suite == "microsoft"]
    assert sum(policy.requires is not None for policy in microsoft) >= 100
    assert len({policy.compares for policy in microsoft}) == len(microsoft)


@pytest.mark.skipif(not SHARED_POSTURE.is_dir(), reason="the cases given with the project stand beside its clone")
def test_every_given_case_of_every_microsoft_policy_agrees() -> None:
    (comparison,) = compare_cases(
        load_cases([SHARED_POSTURE / "scubagear_cases.jsonl"]), policies=load_policies(), at=NOW
    )
    assert [(disagreement.policy, disagreement.name) for disagreement in comparison.disagreements] == []
    assert (comparison.policies_covered, comparison.policies, comparison.covered) == (105, 105, comparison.cases)


@pytest.mark.skipif(not SHARED_POSTURE.is_dir(), reason="the report given with the project stands beside its clone")
def test_a_real_tenant_stands_as_its_own_report_says_though_people_were_left_out() -> None:
    text = (SHARED_POSTURE / "ScubaGear_ScubaResults.json").read_text(encoding="utf-8-sig")
    report = json.loads(text, parse_int=str, parse_float=str)
    read = read_settings([report["Raw"]], 1).tables["setting_records"]
    document = {name: json.loads(value) for name, value in read.select("name", "value").iter_rows()}
    controls = [entry for groups in report["Results"].values() for group in groups for entry in group["Controls"]]
    disagreeing, assessed_count = set(), 0
    for control in controls:
        published = strip_version(control["Control ID"])
        if published in index_policies():
            assessed_count += 1
            if evaluate_state(published, **document) not in AGREEING_STATES[control["Result"]]:
                disagreeing.add(published)
    assert disagreeing == SINGLE_OBJECT_POLICIES
    assert assessed_count == 81


_ALL_USERS = {"Users": {"IncludeUsers": ["All"]}, "Applications": {"IncludeApplications": ["All"]}}


def test_a_policy_without_grant_controls_neither_blocks_nor_leaves_it_open() -> None:
    session_only = {"State": "enabled", "Conditions": {**_ALL_USERS, "UserRiskLevels": []}, "GrantControls": None}
    plans = [{"ServicePlanName": "AAD_PREMIUM_P2"}]
    for published in ("MS.AAD.1.1", "MS.AAD.2.1", "MS.AAD.3.1", "MS.AAD.3.2", "MS.AAD.3.7", "MS.AAD.3.8", "MS.AAD.3.9"):
        result = evaluate_state(published, conditional_access_policies=[session_only], service_plans=plans)
        assert result is PolicyState.FAILS, published


def test_settings_that_were_not_read_are_not_taken_for_safe() -> None:
    for published, policy in index_policies().items():
        expected = PolicyState.BY_HAND if policy.requires is None else PolicyState.CANNOT_TELL
        assert evaluate_state(published) is expected, published


def test_an_agency_in_a_cloud_without_a_feature_is_left_alone_but_counted_as_unmet_where_the_baseline_does() -> None:
    agents = index_policies()["MS.AAD.9.1"]
    assert agents.unmet_elsewhere
    assert evaluate_state("MS.AAD.9.1", scuba_config={"M365Environment": "gcchigh"}) is PolicyState.DOES_NOT_APPLY


def test_reject_for_subdomains_alone_is_no_reject() -> None:
    for record, expected in (
        ("v=DMARC1; p=reject", PolicyState.PASSES),
        ("v=DMARC1;p=reject;pct=100", PolicyState.PASSES),
        ("v=DMARC1; P = Reject ; rua=mailto:a@maple.example", PolicyState.PASSES),
        ("v=DMARC1; p=none; sp=reject;", PolicyState.FAILS),
        ("v=DMARC1; p=rejected;", PolicyState.FAILS),
        ("p=reject;", PolicyState.FAILS),
    ):
        assert (
            evaluate_state("MS.EXO.4.2", dmarc_records=[{"domain": "maple.example", "rdata": [record]}]) is expected
        ), record


def test_a_soft_refusal_by_spf_is_one_and_an_include_alone_is_none() -> None:
    for record, expected in (
        ("v=spf1 include:spf.protection.outlook.com ~all", PolicyState.PASSES),
        ("v=spf1 redirect=_spf.maple.example", PolicyState.PASSES),
        ("v=spf1 include:spf.protection.outlook.com", PolicyState.FAILS),
        ("v=spf1 ?all", PolicyState.FAILS),
    ):
        assert evaluate_state("MS.EXO.2.2", spf_records=[{"domain": "maple.example", "rdata": [record]}]) is expected, (
            record
        )


def test_global_administrators_weigh_against_all_others() -> None:
    def build_users(*, global_admins: int, remaining_admins: int) -> dict[str, Any]:
        role_lists = [["Global Administrator", "User Administrator"]] * global_admins + [
            ["User Administrator"]
        ] * remaining_admins
        return {str(number): {"roles": roles} for number, roles in enumerate(role_lists)}

    for global_admins, remaining_admins, count_state, share_state in (
        (1, 3, PolicyState.FAILS, PolicyState.FAILS),
        (2, 2, PolicyState.PASSES, PolicyState.PASSES),
        (3, 2, PolicyState.PASSES, PolicyState.FAILS),
        (8, 8, PolicyState.PASSES, PolicyState.PASSES),
        (9, 20, PolicyState.FAILS, PolicyState.FAILS),
    ):
        users = build_users(global_admins=global_admins, remaining_admins=remaining_admins)
        assert evaluate_state("MS.AAD.7.1", privileged_users=users) is count_state, (global_admins, remaining_admins)
        assert evaluate_state("MS.AAD.7.2", privileged_users=users) is share_state, (global_admins, remaining_admins)


def test_a_school_may_leave_young_students_out_of_the_second_factor_and_nobody_else() -> None:
    def evaluate_exclusion(**users: Any) -> PolicyState:
        requirement = {
            "State": "enabled",
            "Conditions": {**_ALL_USERS, "Users": {"IncludeUsers": ["All"], **users}},
            "GrantControls": {"BuiltInControls": ["mfa"]},
        }
        policy = index_policies()["MS.AAD.3.2"]
        document = {"conditional_access_policies": [requirement]}
        return evaluate_policies([policy], document, at=NOW, profile=get_profile("k12"))[0].state

    assert evaluate_exclusion(ExcludeGroups=["grades-k-to-5"]) is PolicyState.PASSES
    assert evaluate_exclusion(ExcludeRoles=["administrator"]) is PolicyState.FAILS
    assert evaluate_exclusion(ExcludeGroups=["a", "b", "c"]) is PolicyState.FAILS
