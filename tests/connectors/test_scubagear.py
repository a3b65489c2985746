"""ScubaGear's export of a tenant's settings: what policies ask for is kept, people are not, what failed is said."""

from __future__ import annotations

import json
from typing import Any

from homeroom.connectors.scubagear.lessening import all_or_one, how_many, named, whole_number
from homeroom.connectors.scubagear.reading import settings
from homeroom.ingest.connector import Reading
from tests.connectors.raw import holds, said
from tests.connectors.recorded import recording

EXPORT = "scubagear/ProviderSettingsExport.json"


def document(read: Reading) -> dict[str, Any]:
    """The document that policies judge."""
    return {row["name"]: json.loads(row["value"]) for row in said(read, "setting_records")}


def test_an_export_is_known_and_says_whose_settings_it_holds() -> None:
    kind, read = recording(EXPORT)
    rows = said(read, "setting_records")
    assert kind == "scubagear.settings"
    assert {(row["suite"], row["tenant"], row.get("unit") or "") for row in rows} == {
        ("microsoft", "maple.example", "")
    }
    assert {row["stated_at"].isoformat() for row in rows} == {"2026-11-20T06:00:00+00:00"}


def test_nobody_is_named_in_what_is_kept() -> None:
    _, read = recording(EXPORT)
    for secret in ("Rosa", "rosa.field", "Amara", "amara.brook", "acorn2026", "q1w2e3", "home.example"):
        assert not holds(read, secret), secret
    assert read.dropped["privileged_users"] == 4  # two ids, two names
    assert dict(settings([{"cap_table_data": [{"Users": ["Rosa"]}]}], 1).dropped) == {"cap_table_data": 1}


def test_what_policies_ask_for_is_kept_as_they_ask_for_it() -> None:
    kept = document(recording(EXPORT)[1])
    assert kept["privileged_users"] == {
        "1": {"roles": ["Global Administrator"], "OnPremisesImmutableId": None},
        "2": {"roles": ["Global Administrator", "User Administrator"], "OnPremisesImmutableId": "one"},
    }
    assert kept["domain_settings"][0]["PasswordValidityPeriodInDays"] == 2147483647
    assert kept["dmarc_records"][0]["rdata"] == ["v=DMARC1; p=reject; rua=mailto:dmarc@maple.example"]
    assert kept["SPO_tenant"] == [
        {
            "SharingCapability": 3,
            "ODBSharingCapability": 0,
            "SharingDomainRestrictionMode": 1,
            "EmailAttestationReAuthDays": 30,
            "EmailAttestationRequired": True,
        }
    ]
    assert kept["directory_settings"] == [
        {"Values": []},
        {"Values": [{"Name": "EnableAdminConsentRequests", "Value": "true"}]},
    ]
    assert kept["tenant_isolation"] == ["null"]
    assert kept["federation_configuration"][0]["AllowedDomains"] == ["one"]
    assert kept["dlp_compliance_rules"][0]["AdvancedRule"] == "Credit Card Number"
    assert kept["conditional_access_policies"][1]["Conditions"]["Users"]["IncludeUsers"] == ["one", "one"]
    assert kept["privileged_roles"][0]["Rules"][0]["NotificationRecipients"] == ["one"]
    assert kept["protection_policy_rules"][0]["SentTo"] == ["one"]


def test_protected_people_can_still_be_compared_with_those_whom_the_configuration_names() -> None:
    kept = document(recording(EXPORT)[1])
    (named_there,) = kept["scuba_config"]["SecuritySuite"]["MS.SECURITYSUITE.2.1v1"]["SensitiveUsers"]
    assert kept["anti_phish_policies"][0]["TargetedUsersToProtect"] == [named_there]
    assert kept["scuba_config"]["Aad"]["MS.AAD.1.1v1"]["CapExclusions"]["Users"] == [
        "11111111-1111-4111-8111-111111111111"
    ]


def test_what_a_command_could_not_read_is_missing_and_not_empty() -> None:
    _, read = recording(EXPORT)
    assert "protection_alerts" not in document(read)
    assert read.incomplete == "lacks what these commands could not read: Get-ProtectionAlert"


def test_a_command_left_out_for_want_of_a_licence_has_not_failed() -> None:
    both = ["Get-AtpPolicyForO365"]
    given = {
        "atp_policy_for_o365": [],
        "securitysuite_successful_commands": both,
        "securitysuite_unsuccessful_commands": both,
    }
    read = settings([given], 1)
    assert document(read) == {"atp_policy_for_o365": []}
    assert read.incomplete == ""


def test_values_are_made_less_at_their_edges() -> None:
    assert [how_many(value) for value in (None, [], ["a", "b"], "", "x", {"AllowedDomain": "y"})] == [
        None, [], ["one", "one"], [], ["one"], ["one"],
    ]  # fmt: skip
    assert all_or_one(["All", "elm@maple.example"]) == ["All", "one"]
    assert (all_or_one("All"), all_or_one(None)) == (["All"], [])
    assert [whole_number(value) for value in ("30", None, "-1", "soon")] == [30, None, -1, None]
    assert (named("A", "B")("xAx"), named("A")(None)) == ("A", None)
