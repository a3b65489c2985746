"""ScubaGear's tenant settings: values for policies are stored, people are not, failures are reported."""

from __future__ import annotations

import json
from typing import Any

from homeroom.connectors.scubagear.readers import read_settings
from homeroom.connectors.scubagear.weakening import build_name_matcher, count_entries, mask_names, parse_whole_number
from homeroom.ingest.contract.connector import Reading
from tests.connectors.raw_frames import contains_text, list_rows
from tests.connectors.recordings import read_recording

EXPORT = "scubagear/ProviderSettingsExport.json"


def parse_document(read: Reading) -> dict[str, Any]:
    """Return the document that policies assess."""
    return {row["name"]: json.loads(row["value"]) for row in list_rows(read, "setting_records")}


def test_an_export_is_known_and_says_whose_settings_it_holds() -> None:
    kind, read = read_recording(EXPORT)
    rows = list_rows(read, "setting_records")
    assert kind == "scubagear.settings"
    assert {(row["suite"], row["tenant"], row.get("unit") or "") for row in rows} == {
        ("microsoft", "maple.example", "")
    }
    assert {row["stated_at"].isoformat() for row in rows} == {"2026-11-20T06:00:00+00:00"}


def test_nobody_is_named_in_what_is_kept() -> None:
    _, read = read_recording(EXPORT)
    for secret in ("Rosa", "rosa.field", "Amara", "amara.brook", "acorn2026", "q1w2e3", "home.example"):
        assert not contains_text(read, secret), secret
    assert read.dropped["privileged_users"] == 4  # two ids, two names
    assert dict(read_settings([{"cap_table_data": [{"Users": ["Rosa"]}]}], 1).dropped) == {"cap_table_data": 1}


def test_what_policies_ask_for_is_kept_as_they_ask_for_it() -> None:
    tenant = parse_document(read_recording(EXPORT)[1])
    assert tenant["privileged_users"] == {
        "1": {"roles": ["Global Administrator"], "OnPremisesImmutableId": None},
        "2": {"roles": ["Global Administrator", "User Administrator"], "OnPremisesImmutableId": "one"},
    }
    assert tenant["domain_settings"][0]["PasswordValidityPeriodInDays"] == 2147483647
    assert tenant["dmarc_records"][0]["rdata"] == ["v=DMARC1; p=reject; rua=mailto:dmarc@maple.example"]
    assert tenant["SPO_tenant"] == [
        {
            "SharingCapability": 3,
            "ODBSharingCapability": 0,
            "SharingDomainRestrictionMode": 1,
            "EmailAttestationReAuthDays": 30,
            "EmailAttestationRequired": True,
        }
    ]
    assert tenant["directory_settings"] == [
        {"Values": []},
        {"Values": [{"Name": "EnableAdminConsentRequests", "Value": "true"}]},
    ]
    assert tenant["tenant_isolation"] == ["null"]
    assert tenant["federation_configuration"][0]["AllowedDomains"] == ["one"]
    assert tenant["dlp_compliance_rules"][0]["AdvancedRule"] == "Credit Card Number"
    assert tenant["conditional_access_policies"][1]["Conditions"]["Users"]["IncludeUsers"] == ["one", "one"]
    assert tenant["privileged_roles"][0]["Rules"][0]["NotificationRecipients"] == ["one"]
    assert tenant["protection_policy_rules"][0]["SentTo"] == ["one"]


def test_protected_people_can_still_be_compared_with_those_whom_the_configuration_names() -> None:
    tenant = parse_document(read_recording(EXPORT)[1])
    (protected_user,) = tenant["scuba_config"]["SecuritySuite"]["MS.SECURITYSUITE.2.1v1"]["SensitiveUsers"]
    assert tenant["anti_phish_policies"][0]["TargetedUsersToProtect"] == [protected_user]
    assert tenant["scuba_config"]["Aad"]["MS.AAD.1.1v1"]["CapExclusions"]["Users"] == [
        "11111111-1111-4111-8111-111111111111"
    ]


def test_what_a_command_could_not_read_is_missing_and_not_empty() -> None:
    _, read = read_recording(EXPORT)
    assert "protection_alerts" not in parse_document(read)
    assert read.incomplete == "lacks what these commands could not read: Get-ProtectionAlert"


def test_a_command_left_out_for_want_of_a_license_has_not_failed() -> None:
    commands = ["Get-AtpPolicyForO365"]
    export = {
        "atp_policy_for_o365": [],
        "securitysuite_successful_commands": commands,
        "securitysuite_unsuccessful_commands": commands,
    }
    read = read_settings([export], 1)
    assert parse_document(read) == {"atp_policy_for_o365": []}
    assert read.incomplete == ""


def test_values_are_made_less_at_their_edges() -> None:
    assert [count_entries(value) for value in (None, [], ["a", "b"], "", "x", {"AllowedDomain": "y"})] == [
        None, [], ["one", "one"], [], ["one"], ["one"],
    ]  # fmt: skip
    assert mask_names(["All", "elm@maple.example"]) == ["All", "one"]
    assert (mask_names("All"), mask_names(None)) == (["All"], [])
    assert [parse_whole_number(value) for value in ("30", None, "-1", "soon")] == [30, None, -1, None]
    assert (build_name_matcher("A", "B")("xAx"), build_name_matcher("A")(None)) == ("A", None)
