"""The policies over Microsoft 365: what published cases and a real report say of them, and where they part on purpose."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from homeroom.connectors.scubagear.reading import settings
from homeroom.engines.baselines.comparing import compared, without_version
from homeroom.engines.baselines.judging import judge
from homeroom.engines.baselines.policies import Expected, Policy
from homeroom.engines.baselines.profiles import judge_all
from homeroom.library.baselines import policies
from homeroom.library.cases import cases
from homeroom.library.profiles import profile_of

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[3] / "shared"))
GIVEN = SHARED / "data" / "posture"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AGREE = {
    "Pass": (Expected.PASSES, Expected.DOES_NOT_APPLY),
    "Fail": (Expected.FAILS,),
    "Warning": (Expected.FAILS,),
    "N/A": (Expected.BY_HAND, Expected.DOES_NOT_APPLY, Expected.CANNOT_TELL),
}
ONE_AS_AN_OBJECT = {"MS.AAD.6.1", "MS.EXO.3.1", "MS.EXO.4.3", "MS.EXO.4.4"}
"""Where that report's tool passed over a list of one, which PowerShell had written as a single object."""


@cache
def ours() -> dict[str, Policy]:
    found = [one for one in policies() if one.suite == "microsoft"]
    return {name: one for one in found for name in (one.compares, *one.also)}


def state(published: str, **document: Any) -> Expected:
    return judge(ours()[published], document, at=NOW).state


def test_microsoft_has_more_than_the_sixty_policies_that_were_promised() -> None:
    found = [one for one in policies() if one.suite == "microsoft"]
    assert sum(one.requires is not None for one in found) >= 100
    assert len({one.compares for one in found}) == len(found)


@pytest.mark.skipif(not GIVEN.is_dir(), reason="the cases given with the project stand beside its clone")
def test_every_given_case_of_every_microsoft_policy_agrees() -> None:
    (found,) = compared(cases([GIVEN / "scubagear_cases.jsonl"]), policies=policies(), at=NOW)
    assert [(one.policy, one.name) for one in found.disagreements] == []
    assert (found.policies_covered, found.policies, found.covered) == (105, 105, found.cases)


@pytest.mark.skipif(not GIVEN.is_dir(), reason="the report given with the project stands beside its clone")
def test_a_real_tenant_stands_as_its_own_report_says_though_people_were_left_out() -> None:
    text = (GIVEN / "ScubaGear_ScubaResults.json").read_text(encoding="utf-8-sig")
    report = json.loads(text, parse_int=str, parse_float=str)
    read = settings([report["Raw"]], 1).tables["setting_records"]
    document = {name: json.loads(value) for name, value in read.select("name", "value").iter_rows()}
    controls = [one for groups in report["Results"].values() for group in groups for one in group["Controls"]]
    otherwise, judged = set(), 0
    for control in controls:
        published = without_version(control["Control ID"])
        if published in ours():
            judged += 1
            if state(published, **document) not in AGREE[control["Result"]]:
                otherwise.add(published)
    assert otherwise == ONE_AS_AN_OBJECT
    assert judged == 81


_EVERYBODY = {"Users": {"IncludeUsers": ["All"]}, "Applications": {"IncludeApplications": ["All"]}}


def test_a_policy_without_grant_controls_neither_blocks_nor_leaves_it_open() -> None:
    session_only = {"State": "enabled", "Conditions": {**_EVERYBODY, "UserRiskLevels": []}, "GrantControls": None}
    plans = [{"ServicePlanName": "AAD_PREMIUM_P2"}]
    for published in ("MS.AAD.1.1", "MS.AAD.2.1", "MS.AAD.3.1", "MS.AAD.3.2", "MS.AAD.3.7", "MS.AAD.3.8", "MS.AAD.3.9"):
        found = state(published, conditional_access_policies=[session_only], service_plans=plans)
        assert found is Expected.FAILS, published


def test_settings_that_were_not_read_are_not_taken_for_safe() -> None:
    for published, policy in ours().items():
        fits = Expected.BY_HAND if policy.requires is None else Expected.CANNOT_TELL
        assert state(published) is fits, published


def test_an_agency_in_a_cloud_without_a_feature_is_left_alone_but_counted_as_unmet_where_the_baseline_does() -> None:
    agents = ours()["MS.AAD.9.1"]
    assert agents.unmet_elsewhere
    assert state("MS.AAD.9.1", scuba_config={"M365Environment": "gcchigh"}) is Expected.DOES_NOT_APPLY


def test_reject_for_subdomains_alone_is_no_reject() -> None:
    for record, fits in (
        ("v=DMARC1; p=reject", Expected.PASSES),
        ("v=DMARC1;p=reject;pct=100", Expected.PASSES),
        ("v=DMARC1; P = Reject ; rua=mailto:a@maple.example", Expected.PASSES),
        ("v=DMARC1; p=none; sp=reject;", Expected.FAILS),
        ("v=DMARC1; p=rejected;", Expected.FAILS),
        ("p=reject;", Expected.FAILS),
    ):
        assert state("MS.EXO.4.2", dmarc_records=[{"domain": "maple.example", "rdata": [record]}]) is fits, record


def test_a_soft_refusal_by_spf_is_one_and_an_include_alone_is_none() -> None:
    for record, fits in (
        ("v=spf1 include:spf.protection.outlook.com ~all", Expected.PASSES),
        ("v=spf1 redirect=_spf.maple.example", Expected.PASSES),
        ("v=spf1 include:spf.protection.outlook.com", Expected.FAILS),
        ("v=spf1 ?all", Expected.FAILS),
    ):
        assert state("MS.EXO.2.2", spf_records=[{"domain": "maple.example", "rdata": [record]}]) is fits, record


def test_global_administrators_weigh_against_all_others() -> None:
    def people(*, with_it: int, without: int) -> dict[str, Any]:
        held = [["Global Administrator", "User Administrator"]] * with_it + [["User Administrator"]] * without
        return {str(number): {"roles": roles} for number, roles in enumerate(held)}

    for with_it, without, few, least in (
        (1, 3, Expected.FAILS, Expected.FAILS),
        (2, 2, Expected.PASSES, Expected.PASSES),
        (3, 2, Expected.PASSES, Expected.FAILS),
        (8, 8, Expected.PASSES, Expected.PASSES),
        (9, 20, Expected.FAILS, Expected.FAILS),
    ):
        users = people(with_it=with_it, without=without)
        assert state("MS.AAD.7.1", privileged_users=users) is few, (with_it, without)
        assert state("MS.AAD.7.2", privileged_users=users) is least, (with_it, without)


def test_a_school_may_leave_young_pupils_out_of_the_second_factor_and_nobody_else() -> None:
    def found(**users: Any) -> Expected:
        asking = {
            "State": "enabled",
            "Conditions": {**_EVERYBODY, "Users": {"IncludeUsers": ["All"], **users}},
            "GrantControls": {"BuiltInControls": ["mfa"]},
        }
        policy = ours()["MS.AAD.3.2"]
        document = {"conditional_access_policies": [asking]}
        return judge_all([policy], document, at=NOW, profile=profile_of("k12"))[0].state

    assert found(ExcludeGroups=["grades-k-to-5"]) is Expected.PASSES
    assert found(ExcludeRoles=["administrator"]) is Expected.FAILS
    assert found(ExcludeGroups=["a", "b", "c"]) is Expected.FAILS
