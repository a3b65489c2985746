"""What the truth says of the Microsoft 365 tenant's settings, judged a second time from ScubaGear's files alone."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from homeroom.sample import make
from tests.unit.sample.exports import Exports

pytestmark = pytest.mark.scale


@cache
def settings(folder: Path) -> dict[str, Any]:
    export: dict[str, Any] = json.loads((folder / "scuba/ProviderSettingsExport.json").read_text(encoding="utf-8-sig"))
    return export


def failing(district: Exports, policy: str) -> list[str]:
    said = district.truth["policies"].get(policy, {"failing": []})
    assert said["failing"] == [] or said["tenant"] == settings(district.folder)["tenant_details"][0]["DomainName"]
    return list(said["failing"])


def vouched(export: dict[str, Any], product: str, policy: str) -> dict[str, Any]:
    found: dict[str, Any] = export["scuba_config"].get(product, {}).get(policy, {})
    return found


def test_who_is_left_out_of_a_closed_door_is_vouched_for_or_the_door_is_said_to_be_open(district: Exports) -> None:
    export = settings(district.folder)
    (rule,) = (one for one in export["conditional_access_policies"] if one["DisplayName"] == "Old sign-in")
    spared = set(rule["Conditions"]["Users"]["ExcludeGroups"])
    known = set(vouched(export, "Aad", "MS.AAD.1.1v1").get("CapExclusions", {}).get("Groups", []))
    assert rule["State"] == "enabled"
    assert bool(failing(district, "entra-legacy-sign-in-blocked")) is bool(spared - known)


def test_global_administrators_are_counted(district: Exports) -> None:
    people = settings(district.folder)["privileged_users"].values()
    everything = sum("Global Administrator" in one["roles"] for one in people)
    assert bool(failing(district, "entra-two-to-eight-global-administrators")) is not (2 <= everything <= 8)
    from_premises = any(one["OnPremisesImmutableId"] for one in people)
    assert bool(failing(district, "entra-administrators-are-cloud-only")) is from_premises
    registered = {row["id"] for row in district.registrations if row["isAdmin"]}
    assert registered <= set(settings(district.folder)["privileged_users"]), "an administrator whom the export forgot"


def test_risk_is_judged_only_where_it_is_paid_for(district: Exports) -> None:
    export = settings(district.folder)
    dear = "AAD_PREMIUM_P2" in {one["ServicePlanName"] for one in export["service_plans"]}
    assert bool(failing(district, "entra-risky-users-blocked")) is not dear
    assert export["powerbi_license_found"] is export["defender_license"] is dear


def test_domains_that_let_others_send_or_forward_are_named(district: Exports) -> None:
    export = settings(district.folder)
    soft = [one["domain"] for one in export["spf_records"] if not one["rdata"][0].endswith(("-all", "~all"))]
    assert failing(district, "exchange-spf-refuses-others") == soft
    weak = [one["domain"] for one in export["dmarc_records"] if "p=reject" not in one["rdata"][0]]
    assert failing(district, "exchange-dmarc-refuses") == weak
    known = vouched(export, "Exo", "MS.EXO.1.1v2").get("AllowedForwardingDomains", [])
    open_to = [one["DomainName"] for one in export["remote_domains"] if one["AutoForwardEnabled"]]
    assert failing(district, "exchange-no-forwarding-outside") == [one for one in open_to if one not in known]


def test_meetings_that_strangers_walk_into_are_named_and_an_open_evening_only_looks_so(district: Exports) -> None:
    policies = {one["Identity"]: one for one in settings(district.folder)["meeting_policies"]}
    walked_in = [name for name, one in policies.items() if name == "Global" and one["AutoAdmittedUsers"] == "Everyone"]
    assert failing(district, "teams-strangers-wait-in-the-lobby") == walked_in
    assert "Tag:Open evening" in district.truth["policies"]["teams-strangers-wait-in-the-lobby"]["near"]
    controlled = [name for name, one in policies.items() if one["AllowExternalParticipantGiveRequestControl"]]
    assert failing(district, "teams-outsiders-control-no-screen") == controlled


def test_scuba_s_own_result_is_of_the_same_tenant_and_stricter_than_schools_are(district: Exports) -> None:
    (path,) = (district.folder / "scuba").glob("ScubaResults_*.json")
    result = json.loads(path.read_text(encoding="utf-8-sig"))
    told = {one["Control ID"]: one["Result"] for group in result["Results"]["AAD"] for one in group["Controls"]}
    assert result["MetaData"]["DomainName"] == settings(district.folder)["tenant_details"][0]["DomainName"]
    assert told["MS.AAD.1.1v1"] == ("Fail" if failing(district, "entra-legacy-sign-in-blocked") else "Pass")
    assert told["MS.AAD.3.2v2"] == "Fail", "a group of young pupils is left out, whatever schools may do"
    assert sum(result["Summary"]["AAD"].values()) == len(told)


def test_tenants_differ_and_each_has_something_that_fails_and_something_that_nearly_does(tmp_path: Path) -> None:
    counts = set()
    for seed in (1, 2, 3, 6):
        make(tmp_path / str(seed), students=500, seed=seed)
        truth = Exports(tmp_path / str(seed)).truth["policies"]
        fails = {name for name, said in truth.items() if said["failing"] and said["tenant"].endswith(".example")}
        near = {name for name, said in truth.items() if said["near"] and said["tenant"].endswith(".example")}
        assert fails
        assert near - fails
        counts.add(len(fails))
    assert len(counts) > 2


def test_what_pupils_may_not_and_others_may_is_told_of_the_units_of_others_alone(district: Exports) -> None:
    told = json.loads((district.folder / "google/policies.json").read_text(encoding="utf-8"))["policies"]
    units = {row["orgUnitId"].removeprefix("id:"): row["orgUnitPath"] for row in district.csv("google/orgs.csv")}
    forwards = {
        units.get(one["policyQuery"]["orgUnit"].removeprefix("orgUnits/"), "/"): one["setting"]["value"]
        for one in told
        if one["setting"]["type"] == "settings/gmail.auto_forwarding"
    }
    assert forwards == {"/": {"enableAutoForwarding": True}, "/Students": {"enableAutoForwarding": False}}
    said = district.truth["policies"]["gmail-no-forwarding"]
    pupils = {path for path in units.values() if path == "/Students" or path.startswith("/Students/")}
    assert set(said["failing"]) == {"/", *units.values()} - pupils
    assert set(said["near"]) == pupils
