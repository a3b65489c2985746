"""Graph's apps, grants, scores and logs, and the logs that Entra's diagnostic settings write."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.connectors.microsoft import readers
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import build_frame, contains_text, list_rejects, list_rows

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[3] / "shared"))
EVENTS = SHARED / "data" / "logs-cloud" / "panther_events_give.jsonl"

APP: dict[str, Any] = {
    "id": "caf6",
    "displayName": "7-Zip 23.01 (x64)",
    "version": "23.01",
    "publisher": "Igor Pavlov",
    "platform": "windows",
    "deviceCount": "2",
    "managedDevices": [{"id": "a1", "deviceName": "LT-1"}, {"id": "a2"}, {"deviceName": "no id"}],
}


def test_an_app_is_a_row_on_each_device_that_has_it() -> None:
    read = readers.read_apps(
        [APP, {**APP, "managedDevices": [{"id": "a1"}]}, {"version": "1", "managedDevices": []}], 1
    )
    assert list_rows(read, "software_records") == [
        {
            "device_key": key,
            "name": "7-Zip 23.01 (x64)",
            "version": "23.01",
            "kind": "programs",
            "vendor": "Igor Pavlov",
        }
        for key in ("a1", "a2")
    ]
    assert list_rejects(read) == [(3, "displayName", True)]


def test_a_user_whose_password_never_expires() -> None:
    user = {
        "id": "b1",
        "userPrincipalName": "ada@maple.example",
        "accountEnabled": "true",
        "lastPasswordChangeDateTime": "2020-01-02T03:04:05Z",
        "passwordPolicies": "DisablePasswordExpiration, DisableStrongPassword",
    }
    assert list_rows(readers.read_users(build_frame([user])), "account_records") == [
        {
            "key": "b1",
            "email": "ada@maple.example",
            "directory_id": "b1",
            "suspended": False,
            "password_set_at": datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
            "password_never_expires": True,
        }
    ]


def test_grants_of_one_app_to_one_account_are_one_row_with_all_their_scopes() -> None:
    app = {
        "id": "sp1",
        "displayName": "Quiz Maker",
        "verifiedPublisher": {"displayName": "Quiz Inc", "verifiedPublisherId": "9"},
    }
    read = readers.read_grants(
        [
            {
                "clientId": "sp1",
                "consentType": "Principal",
                "principalId": "u1",
                "resourceId": "g",
                "scope": " User.Read",
                "app": app,
            },
            {
                "clientId": "sp1",
                "consentType": "Principal",
                "principalId": "u1",
                "resourceId": "s",
                "scope": "Files.Read openid",
            },
            {
                "clientId": "sp2",
                "consentType": "AllPrincipals",
                "principalId": None,
                "resourceId": "g",
                "scope": "Mail.Read",
            },
            {"clientId": "sp3", "consentType": "Principal", "principalId": None, "scope": "x"},
        ],
        1,
    )
    assert list_rows(read, "app_grants") == [
        {
            "account_key": "u1",
            "app_key": "sp1",
            "app_name": "Quiz Maker",
            "publisher": "Quiz Inc",
            "verified": True,
            "kind": "delegated",
            "scopes": ["Files.Read", "User.Read", "openid"],
        },
        {"account_key": "", "app_key": "sp2", "kind": "delegated", "scopes": ["Mail.Read"]},
    ]
    assert list_rejects(read) == [(4, "principalId and clientId", True)]


def test_only_an_app_with_roles_of_its_own_acts_by_itself() -> None:
    roles = [
        {"appRoleId": "810c84a8-4a9e-49e6-bf7d-12d183f40d01", "resourceDisplayName": "Microsoft Graph",
         "createdDateTime": "2025-01-01T00:00:00Z"},
        {"appRoleId": "00000000-1111-2222-3333-444444444444", "resourceDisplayName": "SharePoint",
         "createdDateTime": "2025-02-01T00:00:00Z"},
    ]  # fmt: skip
    read = readers.read_principals(
        [
            {
                "id": "sp1",
                "appId": "x",
                "displayName": "Backup",
                "publisherName": "Copies Ltd",
                "appRoleAssignments": roles,
            },
            {"id": "sp2", "appId": "y", "displayName": "Reader", "appRoleAssignments": []},
        ],
        1,
    )
    assert list_rows(read, "app_grants") == [
        {
            "account_key": "",
            "app_key": "sp1",
            "app_name": "Backup",
            "publisher": "Copies Ltd",
            "verified": False,
            "kind": "application",
            "scopes": ["Mail.Read", "SharePoint/00000000-1111-2222-3333-444444444444"],
            "granted_at": datetime(2025, 2, 1, tzinfo=UTC),
        }
    ]


def test_the_newest_score_of_a_tenant_counts_action_by_action() -> None:
    def build_score(day: str, *shares: str) -> dict[str, Any]:
        controls = [
            {"controlName": f"C{number}", "controlCategory": "Identity", "scoreInPercentage": share,
             "description": "Turn on <b>MFA</b> &amp; more", "implementationStatus": "You have 3 of 4 users."}
            for number, share in enumerate(shares)
        ]  # fmt: skip
        return {
            "azureTenantId": "t1",
            "createdDateTime": day,
            "currentScore": "10",
            "controlScores": [*controls, {"score": "1"}],
        }

    read = readers.read_scores(
        [build_score("2026-11-22T00:00:00Z", "100"), build_score("2026-11-23T00:00:00Z", "0", "75.5", "100", "?")], 1
    )
    assert [(row["policy"], row.get("result")) for row in list_rows(read, "verdict_records")] == [
        ("C0", "Fail"),
        ("C1", "Partial"),
        ("C2", "Pass"),
        ("C3", None),
    ]
    assert list_rows(read, "verdict_records")[0] == {
        "suite": "securescore",
        "tenant": "t1",
        "product": "Identity",
        "policy": "C0",
        "org_unit": "",
        "requirement": "Turn on MFA & more",
        "result": "Fail",
        "details": "You have 3 of 4 users.",
        "judged_at": datetime(2026, 11, 23, tzinfo=UTC),
    }
    assert list_rejects(read) == [(2, "controlScores.controlName", True)]


SIGN_IN: dict[str, Any] = {
    "id": "5527",
    "createdDateTime": "2026-11-20T14:00:00Z",
    "userDisplayName": "Ada Okoro",
    "userPrincipalName": "Ada@maple.example",
    "userId": "u1",
    "appDisplayName": "Office 365",
    "ipAddress": "203.0.113.5",
    "clientAppUsed": "IMAP4",
    "conditionalAccessStatus": "notApplied",
    "isInteractive": True,
    "resourceDisplayName": "Exchange Online",
    "status": {"errorCode": "50126", "failureReason": "Invalid username or password"},
    "deviceDetail": {"deviceId": "d1", "operatingSystem": "Windows 10"},
    "location": {"city": "Springfield", "countryOrRegion": "US", "geoCoordinates": {"latitude": "42.7"}},
}
AUDIT: dict[str, Any] = {
    "id": "Directory_1",
    "category": "RoleManagement",
    "activityDateTime": "2026-11-20T14:00:00Z",
    "activityDisplayName": "Add member to role",
    "loggedByService": "Core Directory",
    "operationType": "Assign",
    "result": "success",
    "initiatedBy": {
        "user": {"id": "u1", "userPrincipalName": "Ada@maple.example", "ipAddress": "203.0.113.5"},
        "app": None,
    },
    "targetResources": [
        {
            "id": "u2",
            "userPrincipalName": "per@maple.example",
            "type": "User",
            "modifiedProperties": [{"displayName": "Role.DisplayName", "newValue": '"Global Administrator"'}],
        },
    ],
}


def test_a_failed_sign_in_keeps_what_a_detection_asks_for_and_not_where_somebody_sat() -> None:
    interrupted = {**SIGN_IN, "id": "5528", "status": {"errorCode": "50074"}}
    good = {**SIGN_IN, "id": "5529", "status": {"errorCode": "0"}}
    read = readers.read_logs([SIGN_IN, interrupted, good, {**SIGN_IN, "id": None}], 1)
    failed = list_rows(read, "audit_events")[0]
    details = json.loads(failed.pop("details"))
    assert failed == {
        "key": "5527",
        "at": datetime(2026, 11, 20, 14, tzinfo=UTC),
        "log": "login",
        "event": "sign-in",
        "outcome": "failure",
        "actor_key": "u1",
        "actor_email": "ada@maple.example",
        "address": "203.0.113.5",
        "country": "US",
        "app": "Office 365",
        "device_key": "d1",
        "target": "Exchange Online",
    }
    assert (details["clientAppUsed"], details["status"]["errorCode"]) == ("IMAP4", "50126")
    assert not contains_text(read, "Springfield")
    assert not contains_text(read, "42.7")
    assert [row.get("outcome") for row in list_rows(read, "audit_events")] == ["failure", None, "success", "failure"]
    assert list_rows(read, "audit_events")[3]["key"].startswith("no-id/")


def test_a_change_in_the_directory_names_who_did_what_to_whom() -> None:
    event = list_rows(readers.read_logs([AUDIT], 1), "audit_events")[0]
    details = json.loads(event.pop("details"))
    assert event == {
        "key": "Directory_1",
        "at": datetime(2026, 11, 20, 14, tzinfo=UTC),
        "log": "directory",
        "event": "Add member to role",
        "outcome": "success",
        "actor_key": "u1",
        "actor_email": "ada@maple.example",
        "address": "203.0.113.5",
        "app": "Core Directory",
        "target": "per@maple.example",
        "event_type": "Assign",
    }
    assert details["targetResources"][0]["modifiedProperties"][0]["newValue"] == '"Global Administrator"'


def test_exported_records_go_to_the_reader_of_their_category() -> None:
    sign_in_record = {
        "time": "2026-11-20T14:00:00Z",
        "category": "NonInteractiveUserSignInLogs",
        "operationName": "Sign-in activity",
        "correlationId": "c1",
        "resultType": "0",
        "properties": {k: v for k, v in SIGN_IN.items() if k != "id"},
    }
    audit_record = {"category": "AuditLogs", "operationName": "Add member to role", "properties": AUDIT}
    read = readers.read_logs(
        [audit_record, sign_in_record, {"category": "AuditLogs", "operationName": "x", "properties": {}}], 7
    )
    keys = [(row["log"], row["key"]) for row in list_rows(read, "audit_events")]
    assert keys[:2] == [("directory", "Directory_1"), ("login", "c1/2026-11-20T14:00:00Z/Sign-in activity")]
    assert keys[2][1].startswith("no-id/")
    assert read.tables["audit_events"]["_line"].to_list() == [7, 8, 9]


PAGES: dict[str, Any] = {
    "microsoft.activity": {
        "id": "b1",
        "userPrincipalName": "a@b.example",
        "signInActivity": {"lastSignInDateTime": "2026-11-20T14:00:00Z"},
    },
    "microsoft.users.json": {
        "id": "b1",
        "userPrincipalName": "a@b.example",
        "accountEnabled": True,
        "passwordPolicies": None,
    },
    "microsoft.apps": APP,
    "microsoft.grants": {
        "clientId": "s",
        "consentType": "Principal",
        "id": "x",
        "principalId": "u",
        "resourceId": "r",
        "scope": "a",
    },
    "microsoft.principals": {"id": "s", "appId": "a", "displayName": "Backup", "servicePrincipalType": "Application"},
    "microsoft.signins": SIGN_IN,
    "microsoft.audits": AUDIT,
    "microsoft.scores": {"id": "t_1", "azureTenantId": "t1", "currentScore": 10, "maxScore": 20, "controlScores": []},
}


def test_every_page_is_known_by_what_stands_in_it(tmp_path: Path) -> None:
    wrapped = {
        kind: {"@odata.context": "https://graph.example/v1.0/$metadata#x", "value": [page]}
        for kind, page in PAGES.items()
    }
    logged = {"records": [{"category": "AuditLogs", "operationName": "x", "correlationId": "c", "properties": AUDIT}]}
    for kind, page in {**wrapped, "microsoft.logs": logged}.items():
        (tmp_path / kind).mkdir()
        (tmp_path / kind / kind).write_text(json.dumps(page), encoding="utf-8")
    detection = detect_packages([tmp_path], connectors=load_connectors())
    assert detection.problems == ()
    detected = {Path(file.name).name: file.kind.id for package in detection.packages for file in package.files}
    assert detected == {**{kind: kind for kind in wrapped}, "microsoft.logs": "microsoft.audits"}


@pytest.mark.skipif(not EVENTS.exists(), reason="the shared data folder is not beside this clone")
def test_real_records_of_entras_logs_are_read() -> None:
    records = [json.loads(line) for line in EVENTS.read_text(encoding="utf-8").splitlines()]
    events = [
        record["event"]
        for record in records
        if record["log_types"] == ["Azure.Audit"] and "properties" in record["event"]
    ]
    read = readers.read_logs(events, 1)
    audit_events = list_rows(read, "audit_events")
    assert len(audit_events) > 25
    assert list_rejects(read) == []
    assert {row["log"] for row in audit_events} == {"login", "directory"}
    assert all(row.get("at") for row in audit_events)
    assert {row.get("outcome") for row in audit_events} >= {"success", "failure"}
