"""The settings of a Google tenant, as its Policy API lists them and as the document that ScubaGoggles assesses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from homeroom.connectors.google import readers
from homeroom.engines.protect.baselines.settings_document import DirectoryUnit, SettingRecord, build_google_document
from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import contains_text, list_rejects, list_rows

UNITS = [
    DirectoryUnit(key="id:01abc", path="/Students", parent_path="/"),
    DirectoryUnit(key="id:02def", path="/Staff", parent_path="/"),
]


def build_policy(kind: str, value: dict[str, Any] | None, unit: str = "00top", **overrides: Any) -> dict[str, Any]:
    return {
        "name": f"policies/{kind}{unit}",
        "customer": "customers/C01",
        "policyQuery": {"orgUnit": f"orgUnits/{unit}", **overrides.pop("query", {})},
        "setting": {"type": f"settings/{kind}", "value": value},
        "type": "ADMIN",
        **overrides,
    }


def build_settings(read: Any) -> list[SettingRecord]:
    return [
        SettingRecord(unit=row.get("unit", ""), group=row.get("group", ""), name=row["name"], value=row["value"])
        for row in list_rows(read, "setting_records")
    ]


def test_policies_become_settings_by_unit_and_the_document_that_policies_judge() -> None:
    read = readers.read_policies(
        [
            build_policy("gmail.imap_access", {"enableImapAccess": True}),
            build_policy("gmail.imap_access", {"enableImapAccess": False}, "01abc"),
            build_policy("gmail.pop_access", {"enablePopAccess": True}, type="SYSTEM"),
            build_policy("gmail.imap_access", {"enableImapAccess": True, "x": "late"}, type="SYSTEM"),
            build_policy(
                "chat.service_status", {"serviceState": "ENABLED"}, query={"group": "groups/g1", "sortOrder": "1"}
            ),
            build_policy("rule.system_defined_alerts", {"displayName": "Leaked password", "state": "ACTIVE"}),
            build_policy("rule.system_defined_alerts", {"displayName": "Suspicious login", "state": "INACTIVE"}),
            build_policy("gmail.broken", None),
        ],
        1,
    )
    assert list_rejects(read) == [(8, "setting", True)]
    assert list_rows(read, "setting_records")[0]["tenant"] == "C01"
    document = build_google_document(build_settings(read), directory_units=UNITS)
    assert document["tenant_info"] == {"topLevelOU": "/"}
    assert document["policies"]["/Students"] == {"gmail_imap_access": {"enableImapAccess": False}}
    assert document["policies"]["/Staff"] == {}
    top = document["policies"]["/"]
    assert top["gmail_imap_access"] == {"enableImapAccess": True, "x": "late"}
    assert top["gmail_pop_access"] == {"enablePopAccess": True}
    assert [alert["displayName"] for alert in top["rule_system_defined_alerts"]] == [
        "Leaked password",
        "Suspicious login",
    ]
    assert document["group_policies"] == {"g1": {"chat_service_status": {"serviceState": "ENABLED"}}}


def test_of_several_policies_for_one_unit_the_one_that_google_lays_on_top_counts() -> None:
    read = readers.read_policies(
        [
            build_policy("gmail.imap_access", {"enableImapAccess": True}, query={"sortOrder": "1"}),
            build_policy("gmail.imap_access", {"enableImapAccess": False}, query={"sortOrder": "2"}),
        ],
        1,
    )
    assert [row["value"] for row in list_rows(read, "setting_records")] == ['{"enableImapAccess": false}']


def test_without_a_list_of_units_the_one_that_sets_most_is_the_top() -> None:
    rows = [
        SettingRecord(unit="u1", group="", name="a", value='{"x": 1}'),
        SettingRecord(unit="u2", group="", name="a", value='{"x": 2}'),
        SettingRecord(unit="u1", group="", name="b", value='{"y": 1}'),
    ]
    assert build_google_document(rows, directory_units=[])["tenant_info"] == {"topLevelOU": "u1"}


DOCUMENT: dict[str, Any] = {
    "tenant_info": {"topLevelOU": "Maple", "domain": "Maple.example"},
    "policies": {"Maple": {"gmail_imap_access": {"enableImapAccess": False}}, "Staff": {}},
    "organizational_units": {
        "organizationUnits": [{"name": "Staff", "orgUnitPath": "/Staff", "description": "secret"}]
    },
    "domains": ["maple.example"],
    "super_admins": [{"primaryEmail": "director@maple.example", "orgUnitPath": "", "phones": ["555-0100"]}],
    "gmail_logs": {
        "items": [
            {
                "id": {"time": "2026-01-05T08:00:00Z"},
                "actor": {"email": "technician@maple.example"},
                "ipAddress": "192.0.2.7",
                "events": [
                    {
                        "name": "X",
                        "parameters": [
                            {"name": "SETTING_NAME", "value": "warn"},
                            {"name": "NEW_VALUE", "value": "on"},
                            {"name": "USER_EMAIL", "value": "student@maple.example"},
                        ],
                    }
                ],
            }
        ]
    },
    "users": [{"primaryEmail": "student@maple.example"}],
}


def test_of_the_document_only_what_a_policy_asks_is_kept() -> None:
    read = readers.read_settings([DOCUMENT], 1)
    for personal in ("student@", "technician@", "192.0.2.7", "555-0100", "secret"):
        assert not contains_text(read, personal), personal
    document = build_google_document(build_settings(read), directory_units=UNITS)
    assert {row["tenant"] for row in list_rows(read, "setting_records")} == {"maple.example"}
    assert document["policies"] == {"Maple": {"gmail_imap_access": {"enableImapAccess": False}}}
    assert document["domains"] == ["maple.example"]
    assert document["super_admins"] == [{"orgUnitPath": "", "primaryEmail": "director@maple.example"}]
    assert document["gmail_logs"]["items"][0]["events"][0]["parameters"][1] == {"name": "NEW_VALUE", "value": "on"}


def test_a_list_that_a_call_could_not_read_is_no_empty_list() -> None:
    failed = {"unsuccessful_calls": ["reports/v1/activities/list", "directory/v1/users/list", "something/else"]}
    read = readers.read_settings([{**DOCUMENT, **failed, "super_admins": []}], 1)
    assert (
        read.incomplete == "lacks what these calls could not read: directory/v1/users/list, reports/v1/activities/list"
    )
    assert {row["name"] for row in list_rows(read, "setting_records")} == {
        "gmail_imap_access", "domains", "tenant_info", "organizational_units",
    }  # fmt: skip


def test_a_document_without_settings_is_refused() -> None:
    with pytest.raises(FileRefused, match="policies"):
        readers.read_settings([{"policies": [], "tenant_info": {}}], 1)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("google.policies", json.dumps({"policies": [build_policy("gmail.imap_access", {"enableImapAccess": True})]})),
        ("google.settings", json.dumps(DOCUMENT)),
    ],
)
def test_both_forms_are_recognized(tmp_path: Path, kind: str, text: str) -> None:
    file = tmp_path / "export.json"
    file.write_text(text, encoding="utf-8")
    detection = detect_packages([file], connectors=load_connectors())
    assert detection.problems == ()
    assert [part.kind.id for package in detection.packages for part in package.files] == [kind]
