"""Logs of Google, Microsoft and Windows in every form: loaded together, stored once, read back as rules read a file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.sources.commands import load_files, undo
from homeroom.apps.know.sources.load_report import LoadReport
from homeroom.apps.know.sources.queries import find_load, list_active_sources
from homeroom.apps.platform.audit.queries import list_audited_subjects
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.domain.protect.detections.events import LogEvent
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.events.reader import read_events
from homeroom.ingest.events.stored_events import build_log_events

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
EVENTS = Path(__file__).parents[5] / "shared" / "data" / "logs-cloud" / "panther_events_give.jsonl"
PLACES = ("location.city", "location.state", "geocoordinates", "locationdetails")
"""Where somebody was is not stored, so that rules cannot ask for it."""
KINDS = ("GSuite.", "Azure.", "Microsoft365.", "Windows.")


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


def build_activity(number: int, log: str, *events: dict[str, Any], day: int = 20) -> dict[str, Any]:
    return {
        "kind": "admin#reports#activity",
        "id": {
            "time": f"2026-11-{day}T14:00:{number:02}.123Z",
            "uniqueQualifier": str(number),
            "applicationName": log,
            "customerId": "C1",
        },
        "actor": {"email": "Ada@maple.example", "profileId": "1001"},
        "ipAddress": "203.0.113.5",
        "networkInfo": {"regionCode": "US", "ipAsn": [64500]},
        "events": list(events) or [{"type": "login", "name": "login_success", "parameters": []}],
    }


LOGIN = build_activity(1, "login")
ADMIN = build_activity(
    2,
    "admin",
    {"type": "USER_SETTINGS", "name": "GRANT_ADMIN_PRIVILEGE",
     "parameters": [{"name": "USER_EMAIL", "value": "per@maple.example"}]},
    {"type": "USER_SETTINGS", "name": "CHANGE_PASSWORD",
     "parameters": [{"name": "NEW_PASSWORD", "value": "Spring2026!"}, {"name": "USER_EMAIL", "value": "per@maple.example"}]},
)  # fmt: skip
SIGN_IN = {
    "id": "s-1",
    "createdDateTime": "2026-11-20T15:00:00Z",
    "userPrincipalName": "ada@maple.example",
    "userId": "u1",
    "appDisplayName": "Office 365",
    "ipAddress": "203.0.113.5",
    "autonomousSystemNumber": 64500,
    "userAgent": "Mozilla/5.0",
    "isInteractive": True,
    "status": {"errorCode": 50126, "failureReason": "Invalid username or password"},
    "location": {"city": "Springfield", "countryOrRegion": "US"},
}
DIRECTORY = {
    "id": "d-1",
    "activityDateTime": "2026-11-20T15:01:00Z",
    "activityDisplayName": "Add member to role",
    "loggedByService": "Core Directory",
    "result": "success",
    "initiatedBy": {"user": {"userPrincipalName": "ada@maple.example", "ipAddress": "203.0.113.5"}, "app": None},
    "targetResources": [{"id": "u2", "modifiedProperties": [{"displayName": "Role", "newValue": '"Admin"'}]}],
}
UNIFIED = {
    "Id": "m-1",
    "CreationTime": "2026-11-20T15:02:00",
    "Operation": "New-InboxRule",
    "Workload": "Exchange",
    "RecordType": 1,
    "UserId": "ada@maple.example",
    "ClientIP": "203.0.113.5:52001",
    "ResultStatus": "True",
    "Parameters": [{"Name": "Name", "Value": "."}, {"Name": "DeleteMessage", "Value": "True"}],
}
PROCESS = {
    "Event": {
        "System": {
            "Provider": {"#attributes": {"Name": "Microsoft-Windows-Security-Auditing"}},
            "EventID": 4688,
            "Level": 0,
            "TimeCreated": {"#attributes": {"SystemTime": "2026-11-20T16:00:00.5Z"}},
            "EventRecordID": 77,
            "Channel": "Security",
            "Computer": "DC01.maple.example",
        },
        "EventData": {
            "SubjectUserName": "admin1",
            "NewProcessName": "C:\\Windows\\System32\\net.exe",
            "CommandLine": 'net  user backup "Winter 2026!" /add',
        },
    }
}
FLAT = {
    "EventID": 1102,
    "Channel": "Security",
    "Hostname": "DC01.maple.example",
    "EventTime": "2026-11-20 16:05:00",
    "RecordNumber": 78,
}


def write_logs(folder: Path) -> Path:
    """Write one folder with logs of all kinds, several of one vendor, as pages, lists, lines and CSV."""
    folder.mkdir(parents=True)
    page = {"kind": "admin#reports#activities", "items": [LOGIN], "nextPageToken": "t"}
    texts = {
        "login-1.json": json.dumps(page),
        "login-2.json": json.dumps({"kind": "admin#reports#activities", "etag": "x"}),
        "admin.json": json.dumps([ADMIN], indent=1),
        "drive.jsonl": "\n".join(json.dumps(build_activity(n, "drive")) for n in (3, 4)) + "\n{broken\n",
        "signins.json": json.dumps({"value": [SIGN_IN]}),
        "audits.json": json.dumps({"value": [DIRECTORY], "@odata.nextLink": "https://graph.example/next"}),
        "management.json": json.dumps([UNIFIED]),
        "dc01.json": json.dumps(PROCESS) + "\n" + json.dumps(FLAT) + "\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    with (folder / "portal.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["RecordId", "CreationDate", "RecordType", "Operation", "UserId", "AuditData"])
        rows.writerow(["m-2", "2026-11-20T15:03:00", "1", "Set-Mailbox", "x", json.dumps({**UNIFIED, "Id": "m-2"})])
    return folder


def test_a_print_of_gam_is_a_log_like_any_other(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    path = tmp_path / "gam-login.csv"
    path.write_text(
        "name,actor.email,actor.profileId,id.applicationName,id.time,id.uniqueQualifier,ipAddress,type,login_type,doc_id\n"
        "login_failure,Ada@maple.example,1001,login,2026-11-20T14:00:00.123Z,77,203.0.113.5,login,google_password,\n"
        "view,Ada@maple.example,1001,drive,2026-11-20T14:00:01.123Z,78,203.0.113.5,access,,1xabc\n",
        encoding="utf-8",
    )
    report = load_path(path, district, store)
    assert (report.problems, [result.stream for result in report.loaded]) == ((), ["google.activities"])
    stored = list_stored_events(store)
    read = [event for event in read_events([path]) if isinstance(event, LogEvent)]
    assert sorted(map(describe_event, stored)) == sorted(map(describe_event, read))
    assert [event.key for event in stored] == [
        "2026-11-20T14:00:00.123Z/login/77/0",
        "2026-11-20T14:00:01.123Z/drive/78/0",
    ]
    assert stored[0].fields["login_type"] == "google_password"


def test_alerts_of_wazuh_are_alerts_and_the_windows_events_in_them_events(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    system = {"providerName": "Microsoft-Windows-Security-Auditing", "eventID": "4625", "channel": "Security",
              "computer": "LAB-1", "eventRecordID": "5", "systemTime": "2026-11-20T08:00:00.0Z"}  # fmt: skip
    alert = {
        "timestamp": "2026-11-20T08:00:00.000+0000",
        "rule": {"level": 5, "description": "Logon failure", "id": "60122"},
        "agent": {"id": "007", "name": "LAB-1"},
        "manager": {"name": "wazuh"},
        "id": "a1",
    }
    win = {"data": {"win": {"system": system, "eventdata": {"targetUserName": "ada"}}}}
    path = tmp_path / "alerts.json"
    path.write_text(json.dumps({**alert, **win}) + "\n" + json.dumps({**alert, "id": "a2"}) + "\n", encoding="utf-8")
    report = load_path(path, district, store)
    assert {result.stream: (result.outcome, result.rejected) for result in report.loaded} == {
        "wazuh.alerts": ("new", 0),
        "windows.events": ("new", 0),
    }
    (event,) = list_stored_events(store)
    assert (event.key, event.user) == ("LAB-1/Security/5", "ada")


def load_path(path: Path, district: District, store: EvidenceStore) -> LoadReport:
    return load_files([path], district=district, store=store, at=AT, actor="technician")


def list_stored_events(store: EvidenceStore) -> list[LogEvent]:
    return [
        event
        for table in ("audit_events", "host_events")
        for batch in EventStore(store).iter_new_rows(table, after=0)
        for event in build_log_events(table, batch)
    ]


def describe_event(event: LogEvent, *, masked: Iterable[str] = ()) -> str:
    """Return an event as text, without where somebody was, and without secrets."""
    fields = {name: value for name, value in event.fields.items() if not any(place in name.lower() for place in PLACES)}
    text = json.dumps([fields, event.host, event.user, str(event.time), str(event.source)], sort_keys=True, default=str)
    for secret in masked:
        text = text.replace(json.dumps(secret)[1:-1], "[secret]")
    return text


def test_a_folder_with_logs_of_every_kind_is_loaded_and_judged_as_its_files_are(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    folder = write_logs(tmp_path / "logs")
    report = load_path(folder, district, store)
    assert report.problems == ()
    assert {result.stream: (result.outcome, result.rejected) for result in report.loaded} == {
        "google.activities": ("new", 1),
        "microsoft.audits": ("new", 0),
        "microsoft.signins": ("new", 0),
        "microsoft.unified": ("new", 0),
        "windows.events": ("new", 0),
    }
    assert report.loaded[0].rejects[0].reason.startswith("is no JSON")
    stored = list_stored_events(store)
    read = [event for event in read_events([folder]) if isinstance(event, LogEvent)]
    secrets = ("Spring2026!", '"Winter 2026!"')
    assert sorted(map(describe_event, stored)) == sorted(describe_event(event, masked=secrets) for event in read)
    assert {event.key for event in stored} == {
        "2026-11-20T14:00:01.123Z/login/1/0",
        "2026-11-20T14:00:02.123Z/admin/2/0",
        "2026-11-20T14:00:02.123Z/admin/2/1",
        "2026-11-20T14:00:03.123Z/drive/3/0",
        "2026-11-20T14:00:04.123Z/drive/4/0",
        "s-1",
        "d-1",
        "m-1",
        "m-2",
        "DC01.maple.example/Security/77",
        "DC01.maple.example/Security/78",
    }
    assert {event.file for event in stored} == {
        *(f"google/{log}" for log in ("login", "admin", "drive")),
        *(f"microsoft/{log}" for log in ("login", "directory", "unified")),
        "windows/Security",
    }


def test_columns_name_the_network_the_program_and_the_kind(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_path(write_logs(tmp_path / "logs"), district, store)
    rows = [row for batch in EventStore(store).iter_new_rows("audit_events", after=0) for row in batch.to_pylist()]
    by_key = {row["key"]: row for row in rows}
    login, sign_in, rule = by_key["2026-11-20T14:00:01.123Z/login/1/0"], by_key["s-1"], by_key["m-1"]
    assert (login["asn"], login["event_type"], login["outcome"]) == (64500, "login", "success")
    assert (sign_in["asn"], sign_in["user_agent"], sign_in["outcome"]) == (64500, "Mozilla/5.0", "failure")
    assert (rule["address"], rule["event"], rule["actor_email"]) == (
        "203.0.113.5",
        "New-InboxRule",
        "ada@maple.example",
    )
    assert "Springfield" not in str(rows)


def test_secrets_in_records_are_left_out_and_counted(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    report = load_path(write_logs(tmp_path / "logs"), district, store)
    dropped = {result.stream: dict(result.load.dropped) for result in report.loaded if result.load}
    assert (dropped["google.activities"], dropped["windows.events"]) == ({"secrets": 1}, {"secrets": 1})
    (process,) = [event for event in list_stored_events(store) if event.fields.get("EventID") == 4688]
    assert process.fields["CommandLine"] == "net  user backup [secret] /add"
    blobs = b"".join(path.read_bytes() for path in store.blobs.glob("*.parquet"))
    assert b"Spring2026!" not in blobs


def test_loading_the_same_logs_again_is_unchanged_and_a_longer_file_brings_what_is_new(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    folder = write_logs(tmp_path / "logs")
    load_path(folder, district, store)
    again = load_path(folder, district, store)
    assert {result.outcome for result in again.loaded} == {"unchanged"}
    with (folder / "dc01.json").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({**FLAT, "RecordNumber": 79}) + "\n")
    longer = {result.stream: result for result in load_path(folder, district, store).loaded}["windows.events"]
    assert longer.load is not None
    part = longer.load.tables["host_events"]
    assert (longer.outcome, part.rows, part.added, part.rows_before) == ("new", 3, 1, 2)


def test_a_load_of_a_log_is_listed_audited_and_undone(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    report = load_path(write_logs(tmp_path / "logs"), district, store)
    ids = [result.load.id for result in report.loaded if result.load]
    assert list_audited_subjects(district=district, action="load") == set(ids)
    active = list_active_sources(store=store, today=AT.date(), zone=UTC)  # type: ignore[arg-type]
    assert {row.load.id for row in active} == set(ids)
    undone = undo(district=district, store=store, load_id=ids[0], actor="technician", at=AT)
    detail = find_load(store=store, load_id=ids[0])
    assert detail is not None
    assert (detail.state, undone.stream) == ("undone", "google.activities")
    assert {event.file.partition("/")[0] for event in list_stored_events(store)} == {"microsoft", "windows"}
    active = list_active_sources(store=store, today=AT.date(), zone=UTC)  # type: ignore[arg-type]
    assert ids[0] not in {row.load.id for row in active}


@pytest.mark.skipif(not EVENTS.exists(), reason="the shared data folder is not beside this clone")
def test_real_records_are_stored_with_the_fields_that_their_file_gives(
    tmp_path: Path, district: District, store: EvidenceStore, settings: Any
) -> None:
    settings.EVENT_RETENTION = {"audit_events": 9999, "host_events": 9999}
    records = [json.loads(line) for line in EVENTS.read_text(encoding="utf-8").splitlines()]
    chosen = [record for record in records if record["log_types"][0].startswith(KINDS)]
    for log in {record["log_types"][0] for record in chosen}:
        lines = [json.dumps(record["event"]) for record in chosen if record["log_types"][0] == log]
        (tmp_path / f"{log}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = sorted(tmp_path.glob("*.jsonl"))
    report = load_files(files, district=district, store=store, at=AT)
    assert report.problems == ()
    read = [event for event in read_events(files) if isinstance(event, LogEvent)]
    of_a_file = {describe_event(event) for event in read}
    stored = {describe_event(event) for event in list_stored_events(store)}
    assert len(stored) > 150
    assert stored <= of_a_file
    ids = {str(event.fields.get("id", event.fields.get("Id"))) for event in read if describe_event(event) not in stored}
    assert ids <= {event.key for event in list_stored_events(store)}, "only a second record of one id is left out"


def test_a_hostile_record_costs_itself_and_is_named_by_its_line(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    line = json.dumps(LOGIN)
    lines = [
        line,
        line[:60],
        line.replace("2026-11-20T", "1601-01-01T"),
        line.replace("2026-11-20T", "2106-01-01T"),
        line.replace('"kind"', f'"deep": {"[" * 500}{"]" * 500}, "kind"'),
        json.dumps(build_activity(9, "login") | {"ipAddress": "203.0.113.5\u2028x"}, ensure_ascii=False),
        "null",
        line,
    ]
    (tmp_path / "login.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (result,) = load_path(tmp_path / "login.jsonl", district, store).loaded
    assert [(reject.line, reject.row_lost) for reject in result.rejects] == [(n, True) for n in (2, 3, 4, 5, 7)]
    assert len(list_stored_events(store)) == 2
