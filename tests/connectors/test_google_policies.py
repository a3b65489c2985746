"""The settings of a Google tenant: as its Policy API lists them, and as the document that ScubaGoggles judges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from homeroom.connectors.google import reading
from homeroom.engines.baselines.records import Place, Setting, google_document
from homeroom.ingest.problems import Refused
from homeroom.ingest.recognise import packages
from homeroom.library.connectors import connectors
from tests.connectors.raw import holds, rejected, said

UNITS = [
    Place(key="id:01abc", path="/Students", parent_path="/"),
    Place(key="id:02def", path="/Staff", parent_path="/"),
]


def policy(kind: str, value: dict[str, Any] | None, unit: str = "00top", **more: Any) -> dict[str, Any]:
    return {
        "name": f"policies/{kind}{unit}",
        "customer": "customers/C01",
        "policyQuery": {"orgUnit": f"orgUnits/{unit}", **more.pop("query", {})},
        "setting": {"type": f"settings/{kind}", "value": value},
        "type": "ADMIN",
        **more,
    }


def settings_of(read: Any) -> list[Setting]:
    return [
        Setting(unit=row.get("unit", ""), group=row.get("group", ""), name=row["name"], value=row["value"])
        for row in said(read, "setting_records")
    ]


def test_policies_become_settings_by_unit_and_the_document_that_policies_judge() -> None:
    read = reading.policies(
        [
            policy("gmail.imap_access", {"enableImapAccess": True}),
            policy("gmail.imap_access", {"enableImapAccess": False}, "01abc"),
            policy("gmail.pop_access", {"enablePopAccess": True}, type="SYSTEM"),
            policy("gmail.imap_access", {"enableImapAccess": True, "x": "late"}, type="SYSTEM"),
            policy("chat.service_status", {"serviceState": "ENABLED"}, query={"group": "groups/g1", "sortOrder": "1"}),
            policy("rule.system_defined_alerts", {"displayName": "Leaked password", "state": "ACTIVE"}),
            policy("rule.system_defined_alerts", {"displayName": "Suspicious login", "state": "INACTIVE"}),
            policy("gmail.broken", None),
        ],
        1,
    )
    assert rejected(read) == [(8, "setting", True)]
    assert said(read, "setting_records")[0]["tenant"] == "C01"
    document = google_document(settings_of(read), places=UNITS)
    assert document["tenant_info"] == {"topLevelOU": "/"}
    assert document["policies"]["/Students"] == {"gmail_imap_access": {"enableImapAccess": False}}
    assert document["policies"]["/Staff"] == {}
    top = document["policies"]["/"]
    assert top["gmail_imap_access"] == {"enableImapAccess": True, "x": "late"}
    assert top["gmail_pop_access"] == {"enablePopAccess": True}
    assert [one["displayName"] for one in top["rule_system_defined_alerts"]] == ["Leaked password", "Suspicious login"]
    assert document["group_policies"] == {"g1": {"chat_service_status": {"serviceState": "ENABLED"}}}


def test_of_several_policies_for_one_unit_the_one_that_google_lays_on_top_counts() -> None:
    read = reading.policies(
        [
            policy("gmail.imap_access", {"enableImapAccess": True}, query={"sortOrder": "1"}),
            policy("gmail.imap_access", {"enableImapAccess": False}, query={"sortOrder": "2"}),
        ],
        1,
    )
    assert [row["value"] for row in said(read, "setting_records")] == ['{"enableImapAccess": false}']


def test_without_a_list_of_units_the_one_that_sets_most_is_the_top() -> None:
    rows = [
        Setting(unit="u1", group="", name="a", value='{"x": 1}'),
        Setting(unit="u2", group="", name="a", value='{"x": 2}'),
        Setting(unit="u1", group="", name="b", value='{"y": 1}'),
    ]
    assert google_document(rows, places=[])["tenant_info"] == {"topLevelOU": "u1"}


DOCUMENT: dict[str, Any] = {
    "tenant_info": {"topLevelOU": "Maple", "domain": "Maple.example"},
    "policies": {"Maple": {"gmail_imap_access": {"enableImapAccess": False}}, "Staff": {}},
    "organizational_units": {"organizationUnits": [{"name": "Staff", "orgUnitPath": "/Staff", "description": "secret"}]},
    "domains": ["maple.example"],
    "super_admins": [{"primaryEmail": "director@maple.example", "orgUnitPath": "", "phones": ["555-0100"]}],
    "gmail_logs": {
        "items": [
            {
                "id": {"time": "2026-01-05T08:00:00Z"},
                "actor": {"email": "technician@maple.example"},
                "ipAddress": "192.0.2.7",
                "events": [{"name": "X", "parameters": [
                    {"name": "SETTING_NAME", "value": "warn"}, {"name": "NEW_VALUE", "value": "on"},
                    {"name": "USER_EMAIL", "value": "pupil@maple.example"},
                ]}],
            }
        ]
    },
    "users": [{"primaryEmail": "pupil@maple.example"}],
}  # fmt: skip


def test_of_the_document_only_what_a_policy_asks_is_kept() -> None:
    read = reading.settings([DOCUMENT], 1)
    for personal in ("pupil@", "technician@", "192.0.2.7", "555-0100", "secret"):
        assert not holds(read, personal), personal
    document = google_document(settings_of(read), places=UNITS)
    assert {row["tenant"] for row in said(read, "setting_records")} == {"maple.example"}
    assert document["policies"] == {"Maple": {"gmail_imap_access": {"enableImapAccess": False}}}
    assert document["domains"] == ["maple.example"]
    assert document["super_admins"] == [{"orgUnitPath": "", "primaryEmail": "director@maple.example"}]
    assert document["gmail_logs"]["items"][0]["events"][0]["parameters"][1] == {"name": "NEW_VALUE", "value": "on"}


def test_a_list_that_a_call_could_not_read_is_no_empty_list() -> None:
    failed = {"unsuccessful_calls": ["reports/v1/activities/list", "directory/v1/users/list", "something/else"]}
    read = reading.settings([{**DOCUMENT, **failed, "super_admins": []}], 1)
    assert (
        read.incomplete == "lacks what these calls could not read: directory/v1/users/list, reports/v1/activities/list"
    )
    assert {row["name"] for row in said(read, "setting_records")} == {
        "gmail_imap_access", "domains", "tenant_info", "organizational_units",
    }  # fmt: skip


def test_a_document_without_settings_is_refused() -> None:
    with pytest.raises(Refused, match="policies"):
        reading.settings([{"policies": [], "tenant_info": {}}], 1)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("google.policies", json.dumps({"policies": [policy("gmail.imap_access", {"enableImapAccess": True})]})),
        ("google.settings", json.dumps(DOCUMENT)),
    ],
)
def test_both_forms_are_recognised(tmp_path: Path, kind: str, text: str) -> None:
    file = tmp_path / "export.json"
    file.write_text(text, encoding="utf-8")
    found = packages([file], connectors=connectors())
    assert found.problems == ()
    assert [one.kind.id for package in found.packages for one in package.files] == [kind]
