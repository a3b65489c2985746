from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.domain.protect.detections.events import LogSource
from tests.unit.ingest.events.log_folder import format_lines, read_text

ACTIVITY = {
    "kind": "admin#reports#activity",
    "id": {
        "time": "2026-03-02T08:15:00.123Z",
        "uniqueQualifier": "-42",
        "applicationName": "admin",
        "customerId": "C0",
    },
    "actor": {"email": "ops@maple.example", "profileId": "1"},
    "ipAddress": "192.0.2.7",
    "events": [
        {
            "type": "APPLICATION_SETTINGS",
            "name": "CHANGE_APPLICATION_SETTING",
            "parameters": [
                {"name": "SETTING_NAME", "value": "ContextAwareAccess"},
                {"name": "NEW_VALUE", "boolValue": False},
                {"name": "GROUPS", "multiValue": ["a", "b"]},
                {"name": "INFO", "messageValue": {"parameter": [{"name": "CODE", "intValue": "7"}]}},
            ],
        },
        {"type": "DELEGATED_ADMIN_SETTINGS", "name": "ASSIGN_ROLE"},
    ],
}
SIGN_IN = {
    "id": "s1",
    "createdDateTime": "2026-03-02T08:15:00Z",
    "userDisplayName": "Front Desk",
    "userPrincipalName": "front-desk@maple.example",
    "appDisplayName": "Office",
    "ipAddress": "192.0.2.7",
    "clientAppUsed": "Browser",
    "conditionalAccessStatus": "notApplied",
    "status": {"errorCode": 50126, "failureReason": "Invalid username or password."},
    "deviceDetail": {"displayName": "lab-12", "trustType": "", "isCompliant": False},
}
AUDIT = {
    "id": "Directory_1",
    "category": "RoleManagement",
    "activityDisplayName": "Add member to role",
    "activityDateTime": "2026-03-02T08:15:00Z",
    "loggedByService": "Core Directory",
    "result": "success",
    "operationType": "Assign",
    "initiatedBy": {"user": {"userPrincipalName": "ops@maple.example"}},
    "targetResources": [
        {
            "type": "User",
            "userPrincipalName": "front-desk@maple.example",
            "modifiedProperties": [{"displayName": "Role.DisplayName", "oldValue": None, "newValue": '"Reader"'}],
        }
    ],
    "additionalDetails": [{"key": "User-Agent", "value": "test"}],
}
OFFICE = {
    "CreationTime": "2026-03-02T08:15:00",
    "Id": "o1",
    "Operation": "New-InboxRule",
    "RecordType": 1,
    "ResultStatus": "True",
    "UserId": "front-desk@maple.example",
    "UserKey": "k",
    "Workload": "Exchange",
    "Parameters": [{"Name": "ForwardTo", "Value": "else@where.example"}],
}
TIME = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
ADMIN = LogSource(product="google_workspace", service="admin")
SIGN_INS = LogSource(product="azure", service="signinlogs")
AUDITS = LogSource(product="azure", service="auditlogs")
OFFICE_AUDIT = LogSource(product="m365", service="audit")


def test_each_event_of_an_activity_is_an_event(tmp_path: Path) -> None:
    events, rejects = read_text(tmp_path, format_lines(ACTIVITY))
    assert rejects == []
    assert [(event.record, event.fields["eventName"], event.source) for event in events] == [
        (1, "CHANGE_APPLICATION_SETTING", ADMIN),
        (1, "ASSIGN_ROLE", ADMIN),
    ]
    first, second = events
    assert first.time == TIME.replace(microsecond=123000)
    assert (first.user, first.fields["ipAddress"]) == ("ops@maple.example", "192.0.2.7")
    assert {
        name: first.fields[name] for name in ("eventService", "setting_name", "new_value", "id.uniqueQualifier")
    } == {
        "eventService": "admin.googleapis.com",
        "setting_name": "ContextAwareAccess",
        "new_value": False,
        "id.uniqueQualifier": "-42",
    }
    assert first.fields["parameters.GROUPS"] == ["a", "b"]
    assert first.fields["parameters.INFO.CODE"] == "7"
    assert first.raw == {**ACTIVITY, "events": ACTIVITY["events"][:1]}  # type: ignore[index]
    assert "setting_name" not in second.fields
    assert second.raw["events"] == ACTIVITY["events"][1:]  # type: ignore[index]


@pytest.mark.parametrize("indent", [None, 2])
def test_the_items_of_pages_are_numbered_through(indent: int | None, tmp_path: Path) -> None:
    pages = [{"kind": "admin#reports#activities", "etag": "e", "items": [ACTIVITY, ACTIVITY], "nextPageToken": "n"}] * 2
    text = "\n".join(json.dumps(page, indent=indent) for page in pages)
    events, rejects = read_text(tmp_path, text, name="admin.json")
    assert rejects == []
    assert [event.record for event in events] == [1, 1, 2, 2, 3, 3, 4, 4]


ONE_EVENT = {
    "one event a line": {
        **{name: value for name, value in ACTIVITY.items() if name != "events"},
        "name": "ASSIGN_ROLE",
        "type": "DELEGATED_ADMIN_SETTINGS",
        "parameters": {"ROLE_NAME": "_SEED_ADMIN_ROLE"},
    },
    "dotted": {
        "id.applicationName": "admin",
        "id.time": "2026-03-02T08:15:00.123Z",
        "actor.email": "ops@maple.example",
        "ipAddress": "192.0.2.7",
        "name": "ASSIGN_ROLE",
        "parameters.ROLE_NAME": "_SEED_ADMIN_ROLE",
    },
    "BigQuery": {
        "time_usec": 1772439300123000,
        "record_type": "admin",
        "event_name": "ASSIGN_ROLE",
        "event_type": "DELEGATED_ADMIN_SETTINGS",
        "email": "ops@maple.example",
        "ip_address": "192.0.2.7",
        "admin": {"role_name": "_SEED_ADMIN_ROLE"},
    },
    "Cloud Logging": {
        "timestamp": "2026-03-02T08:15:00.123Z",
        "protoPayload": {
            "serviceName": "admin.googleapis.com",
            "authenticationInfo": {"principalEmail": "ops@maple.example"},
            "requestMetadata": {"callerIp": "192.0.2.7"},
            "metadata": {
                "event": [
                    {
                        "eventName": "ASSIGN_ROLE",
                        "eventType": "DELEGATED_ADMIN_SETTINGS",
                        "parameter": [{"name": "ROLE_NAME", "value": "_SEED_ADMIN_ROLE"}],
                    }
                ]
            },
        },
    },
}


@pytest.mark.parametrize("record", ONE_EVENT.values(), ids=ONE_EVENT.keys())
def test_each_form_of_one_google_event_has_the_same_fields(record: dict[str, Any], tmp_path: Path) -> None:
    (event,), rejects = read_text(tmp_path, format_lines(record))
    assert rejects == []
    assert (event.source, event.user, event.time) == (ADMIN, "ops@maple.example", TIME.replace(microsecond=123000))
    assert event.fields["eventName"] == event.fields["protoPayload.metadata.event.eventName"] == "ASSIGN_ROLE"
    assert event.fields["eventService"] == event.fields["protoPayload.serviceName"] == "admin.googleapis.com"
    assert event.fields["role_name"] == "_SEED_ADMIN_ROLE"
    assert event.fields["ipAddress"] == "192.0.2.7"
    assert event.raw == record


def test_an_activity_without_events_is_rejected(tmp_path: Path) -> None:
    events, rejects = read_text(tmp_path, format_lines({**ACTIVITY, "events": []}))
    assert (events, [reject.reason for reject in rejects]) == ([], ["an activity without events"])


def _wrap_as_diagnostic(record: dict[str, Any], category: str, operation: str) -> dict[str, Any]:
    return {
        "time": "2026-03-02T08:15:00Z",
        "resourceId": "/tenants/t/providers/Microsoft.aadiam",
        "operationName": operation,
        "category": category,
        "properties": record,
    }


SIGN_IN_FORMS = {
    "lines": format_lines(SIGN_IN),
    "a page": json.dumps({"@odata.context": "x#auditLogs/signIns", "value": [SIGN_IN]}, indent=1),
    "a list": json.dumps([SIGN_IN]),
    "a diagnostic record": format_lines(_wrap_as_diagnostic(SIGN_IN, "SignInLogs", "Sign-in activity")),
    "diagnostic records": json.dumps({"records": [_wrap_as_diagnostic(SIGN_IN, "SignInLogs", "Sign-in activity")]}),
}


@pytest.mark.parametrize("text", SIGN_IN_FORMS.values(), ids=SIGN_IN_FORMS.keys())
def test_each_form_of_a_sign_in_has_the_fields_that_rules_name(text: str, tmp_path: Path) -> None:
    (event,), rejects = read_text(tmp_path, text, name="signins.json")
    assert rejects == []
    assert (event.source, event.time, event.user) == (SIGN_INS, TIME, "front-desk@maple.example")
    assert (event.host, event.record) == ("lab-12", 1)
    assert {name: event.fields[name] for name in ("ResultType", "ResultDescription", "Username", "ClientApp")} == {
        "ResultType": "50126",
        "ResultDescription": "Invalid username or password.",
        "Username": "front-desk@maple.example",
        "ClientApp": "Browser",
    }
    assert event.fields["status.errorCode"] == 50126
    assert event.fields["conditionalAccessStatus"] == event.fields["ConditionalAccessStatus"] == "notApplied"
    assert event.fields["DeviceDetail.isCompliant"] is False


AUDIT_FORMS = {
    "lines": format_lines(AUDIT),
    "a page": json.dumps({"value": [AUDIT]}),
    "a diagnostic record": format_lines(_wrap_as_diagnostic(AUDIT, "AuditLogs", "Add member to role")),
    "Log Analytics": format_lines(
        {
            "TimeGenerated": "2026-03-02T08:15:00Z",
            "OperationName": "Add member to role",
            "Category": "RoleManagement",
            "LoggedByService": "Core Directory",
            "Result": "success",
            "InitiatedBy": json.dumps(AUDIT["initiatedBy"]),
            "TargetResources": json.dumps(AUDIT["targetResources"]),
            "AdditionalDetails": json.dumps(AUDIT["additionalDetails"]),
        }
    ),
}


@pytest.mark.parametrize("text", AUDIT_FORMS.values(), ids=AUDIT_FORMS.keys())
def test_each_form_of_an_audit_has_the_fields_that_rules_name(text: str, tmp_path: Path) -> None:
    (event,), rejects = read_text(tmp_path, text, name="audits.json")
    assert rejects == []
    assert (event.source, event.time, event.user) == (AUDITS, TIME, "ops@maple.example")
    for name in ("properties.message", "OperationName", "operationName", "ActivityDisplayName", "ActivityType"):
        assert event.fields[name] == "Add member to role", name
    assert event.fields["LoggedByService"] == "Core Directory"
    assert event.fields["Status"] == "success"
    assert event.fields["Role.DisplayName"] == "Reader"
    assert event.fields["TargetResources.ModifiedProperties.NewValue"] == ['"Reader"']
    assert "front-desk@maple.example" in event.fields["TargetResources"]
    assert event.fields["additionalDetails.User-Agent"] == "test"


def test_an_activity_of_azure_has_the_fields_that_rules_name(tmp_path: Path) -> None:
    record = {
        "time": "2026-03-02T08:15:00Z",
        "resourceId": "/subscriptions/s",
        "operationName": "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE",
        "category": "Administrative",
        "resultType": "Success",
    }
    (event,), rejects = read_text(tmp_path, format_lines(record))
    assert rejects == []
    assert event.source == LogSource(product="azure", service="activitylogs")
    assert event.fields["OperationNameValue"] == record["operationName"]
    assert event.fields["ResourceProviderValue"] == "MICROSOFT.AUTHORIZATION"
    assert (event.fields["CategoryValue"], event.fields["ResourceId"]) == ("Administrative", "/subscriptions/s")


def _format_portal(*rows: str) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["RecordId", "CreationDate", "RecordType", "Operation", "UserId", "AuditData"])
    for row in rows:
        writer.writerow(["r", "2026-03-02T08:15:00.0000000Z", "1", "New-InboxRule", "front-desk@maple.example", row])
    return buffer.getvalue()


OFFICE_FORMS = {
    "lines": format_lines(OFFICE),
    "a list": json.dumps([OFFICE]),
    "a pretty list": json.dumps([OFFICE], indent=2),
    "the portal's CSV": _format_portal(json.dumps(OFFICE)),
    "rows of PowerShell": json.dumps([{"RecordType": "ExchangeAdmin", "AuditData": json.dumps(OFFICE)}]),
}


@pytest.mark.parametrize("text", OFFICE_FORMS.values(), ids=OFFICE_FORMS.keys())
def test_each_form_of_the_unified_log_has_the_fields_that_rules_name(text: str, tmp_path: Path) -> None:
    (event,), rejects = read_text(tmp_path, text, name="audit.csv")
    assert rejects == []
    assert (event.source, event.time, event.user) == (OFFICE_AUDIT, TIME, "front-desk@maple.example")
    assert (event.fields["Operation"], event.fields["Workload"]) == ("New-InboxRule", "Exchange")
    assert (event.fields["eventName"], event.fields["eventSource"]) == ("New-InboxRule", "Exchange")
    assert (event.fields["status"], event.fields["ForwardTo"]) == ("success", "else@where.example")


def test_a_damaged_row_of_the_portal_costs_only_itself(tmp_path: Path) -> None:
    text = _format_portal(json.dumps(OFFICE), json.dumps(OFFICE)[:50], json.dumps(OFFICE)) + "r,2026\r\n"
    events, rejects = read_text(tmp_path, "\ufeff" + text, name="audit.csv")
    assert [event.record for event in events] == [1, 3]
    assert [reject.record for reject in rejects] == [2, 4]
    assert rejects[0].reason.startswith("the AuditData is no JSON")
    assert rejects[1].reason == "has 2 values for 6 columns"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T08:15:00.1234567Z", TIME.replace(microsecond=123456)),
        ("2026-03-02 08:15:00.123000000", TIME.replace(microsecond=123000)),
        ("2026-03-02 08:15:00 +0000", TIME),
        ("2026-03-02T03:15:00-05:00", TIME),
        ("3/2/2026 8:15:00 AM", TIME),
        ("/Date(1772439300000)/", TIME),
        ("1772439300", TIME),
        ("soon", None),
    ],
)
def test_times_are_read_as_exports_write_them(text: str, expected: datetime | None, tmp_path: Path) -> None:
    (event,), rejects = read_text(tmp_path, format_lines({**OFFICE, "CreationTime": text}))
    assert (event.time, rejects) == (expected, [])
