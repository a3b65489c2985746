"""The ground truth of the Microsoft 365 tenant's settings agrees with ScubaGear's files, as evaluated by other code."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from homeroom.sample import generate_sample
from tests.unit.sample.exports import SampleExports

pytestmark = pytest.mark.scale


@cache
def load_settings(folder: Path) -> dict[str, Any]:
    export: dict[str, Any] = json.loads((folder / "scuba/ProviderSettingsExport.json").read_text(encoding="utf-8-sig"))
    return export


def list_failing(district: SampleExports, policy: str) -> list[str]:
    policy_truth = district.truth["policies"].get(policy, {"failing": []})
    assert (
        policy_truth["failing"] == []
        or policy_truth["tenant"] == load_settings(district.folder)["tenant_details"][0]["DomainName"]
    )
    return list(policy_truth["failing"])


def get_documented_exceptions(export: dict[str, Any], product: str, policy: str) -> dict[str, Any]:
    exceptions: dict[str, Any] = export["scuba_config"].get(product, {}).get(policy, {})
    return exceptions


def test_who_is_left_out_of_a_closed_door_is_vouched_for_or_the_door_is_said_to_be_open(
    district: SampleExports,
) -> None:
    export = load_settings(district.folder)
    (rule,) = (policy for policy in export["conditional_access_policies"] if policy["DisplayName"] == "Old sign-in")
    excluded = set(rule["Conditions"]["Users"]["ExcludeGroups"])
    documented = set(
        get_documented_exceptions(export, "Aad", "MS.AAD.1.1v1").get("CapExclusions", {}).get("Groups", [])
    )
    assert rule["State"] == "enabled"
    assert bool(list_failing(district, "entra-legacy-sign-in-blocked")) is bool(excluded - documented)


def test_global_administrators_are_counted(district: SampleExports) -> None:
    people = load_settings(district.folder)["privileged_users"].values()
    admin_count = sum("Global Administrator" in user["roles"] for user in people)
    assert bool(list_failing(district, "entra-two-to-eight-global-administrators")) is not (2 <= admin_count <= 8)
    is_from_premises = any(user["OnPremisesImmutableId"] for user in people)
    assert bool(list_failing(district, "entra-administrators-are-cloud-only")) is is_from_premises
    registered = {row["id"] for row in district.registrations if row["isAdmin"]}
    assert registered <= set(load_settings(district.folder)["privileged_users"]), (
        "an administrator whom the export forgot"
    )


def test_risk_is_judged_only_where_it_is_paid_for(district: SampleExports) -> None:
    export = load_settings(district.folder)
    has_premium = "AAD_PREMIUM_P2" in {plan["ServicePlanName"] for plan in export["service_plans"]}
    assert bool(list_failing(district, "entra-risky-users-blocked")) is not has_premium
    assert export["powerbi_license_found"] is export["defender_license"] is has_premium


def test_domains_that_let_others_send_or_forward_are_named(district: SampleExports) -> None:
    export = load_settings(district.folder)
    soft = [record["domain"] for record in export["spf_records"] if not record["rdata"][0].endswith(("-all", "~all"))]
    assert list_failing(district, "exchange-spf-refuses-others") == soft
    weak = [record["domain"] for record in export["dmarc_records"] if "p=reject" not in record["rdata"][0]]
    assert list_failing(district, "exchange-dmarc-refuses") == weak
    documented = get_documented_exceptions(export, "Exo", "MS.EXO.1.1v2").get("AllowedForwardingDomains", [])
    open_to = [record["DomainName"] for record in export["remote_domains"] if record["AutoForwardEnabled"]]
    assert list_failing(district, "exchange-no-forwarding-outside") == [
        record for record in open_to if record not in documented
    ]


def test_meetings_that_strangers_walk_into_are_named_and_an_open_evening_only_looks_so(district: SampleExports) -> None:
    policies = {policy["Identity"]: policy for policy in load_settings(district.folder)["meeting_policies"]}
    walked_in = [
        name for name, policy in policies.items() if name == "Global" and policy["AutoAdmittedUsers"] == "Everyone"
    ]
    assert list_failing(district, "teams-strangers-wait-in-the-lobby") == walked_in
    assert "Tag:Open evening" in district.truth["policies"]["teams-strangers-wait-in-the-lobby"]["near"]
    controlled = [name for name, policy in policies.items() if policy["AllowExternalParticipantGiveRequestControl"]]
    assert list_failing(district, "teams-outsiders-control-no-screen") == controlled


def test_scuba_s_own_result_is_of_the_same_tenant_and_stricter_than_schools_are(district: SampleExports) -> None:
    (path,) = (district.folder / "scuba").glob("ScubaResults_*.json")
    result = json.loads(path.read_text(encoding="utf-8-sig"))
    control_results = {
        control["Control ID"]: control["Result"] for group in result["Results"]["AAD"] for control in group["Controls"]
    }
    assert result["MetaData"]["DomainName"] == load_settings(district.folder)["tenant_details"][0]["DomainName"]
    assert control_results["MS.AAD.1.1v1"] == (
        "Fail" if list_failing(district, "entra-legacy-sign-in-blocked") else "Pass"
    )
    assert control_results["MS.AAD.3.2v2"] == "Fail", "a group of young students is left out, whatever schools may do"
    assert sum(result["Summary"]["AAD"].values()) == len(control_results)


def test_tenants_differ_and_each_has_something_that_fails_and_something_that_nearly_does(tmp_path: Path) -> None:
    counts = set()
    for seed in (1, 2, 3, 6):
        generate_sample(tmp_path / str(seed), students=500, seed=seed)
        truth = SampleExports(tmp_path / str(seed)).truth["policies"]
        fails = {
            name
            for name, policy_truth in truth.items()
            if policy_truth["failing"] and policy_truth["tenant"].endswith(".example")
        }
        near = {
            name
            for name, policy_truth in truth.items()
            if policy_truth["near"] and policy_truth["tenant"].endswith(".example")
        }
        assert fails
        assert near - fails
        counts.add(len(fails))
    assert len(counts) > 2


def test_what_students_may_not_and_others_may_is_told_of_the_units_of_others_alone(district: SampleExports) -> None:
    policies = json.loads((district.folder / "google/policies.json").read_text(encoding="utf-8"))["policies"]
    units = {row["orgUnitId"].removeprefix("id:"): row["orgUnitPath"] for row in district.read_csv("google/orgs.csv")}
    forwards = {
        units.get(policy["policyQuery"]["orgUnit"].removeprefix("orgUnits/"), "/"): policy["setting"]["value"]
        for policy in policies
        if policy["setting"]["type"] == "settings/gmail.auto_forwarding"
    }
    assert forwards == {"/": {"enableAutoForwarding": True}, "/Students": {"enableAutoForwarding": False}}
    policy_truth = district.truth["policies"]["gmail-no-forwarding"]
    students = {path for path in units.values() if path == "/Students" or path.startswith("/Students/")}
    assert set(policy_truth["failing"]) == {"/", *units.values()} - students
    assert set(policy_truth["near"]) == students
