"""Google's phones, units, groups, apps, audit log and courses, as the APIs return and GAM prints them."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.connectors.google import readers
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import build_frame, contains_text, list_rejects, list_rows, parse_csv
from tests.connectors.recordings import read_recording, select_columns

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[3] / "shared"))
EVENTS = SHARED / "data" / "logs-cloud" / "panther_events_give.jsonl"

PHONE: dict[str, Any] = {
    "resourceId": "m1",
    "deviceId": "3f1",
    "serialNumber": "R58N",
    "name": ["Ada Okoro"],
    "email": ["Ada@maple.example"],
    "model": "Galaxy Tab A8",
    "brand": "samsung",
    "os": "Android 13",
    "type": "ANDROID",
    "status": "APPROVED",
    "privilege": "DEVICE_OWNER",
    "firstSync": "2024-08-01T12:00:00.000Z",
    "lastSync": "2026-11-20T14:00:00.000Z",
    "encryptionStatus": "ENCRYPTED",
    "devicePasswordStatus": "On",
    "deviceCompromisedStatus": "No compromise detected",
    "imei": "350000000000001",
    "wifiMacAddress": "b46921aabbcc",
    "applications": [
        {"packageName": "org.example.reader", "displayName": "Reader", "versionName": "4.1", "versionCode": "41"},
        {"packageName": "org.example.plain", "versionCode": "7"},
        {"versionName": "no name"},
    ],
}
IPHONE: dict[str, Any] = {
    "resourceId": "m2",
    "os": "iOS 17.6.1",
    "status": "pending",
    "model": "iPhone 13",
    "type": "IOS_SYNC",
}


def test_a_tablet_that_google_manages_and_a_phone_that_only_reads_mail() -> None:
    read = readers.read_mobile_objects([PHONE, IPHONE, {"model": "no id"}], 1)
    tablet, phone = list_rows(read, "device_records")
    assert tablet == {
        "key": "m1",
        "serial": "R58N",
        "hardware_ids": ["imei:350000000000001"],
        "macs": ["b46921aabbcc"],
        "kind": "tablet",
        "platform": "android",
        "manufacturer": "samsung",
        "model": "Galaxy Tab A8",
        "os_version": "13",
        "managed": True,
        "status": "active",
        "status_word": "APPROVED",
        "holder_email": "ada@maple.example",
        "holder_name": "Ada Okoro",
        "enrolled_at": datetime(2024, 8, 1, 12, tzinfo=UTC),
        "last_seen": datetime(2026, 11, 20, 14, tzinfo=UTC),
        "encrypted": True,
        "passcode": True,
        "compliant": "no compromise detected",
        "jailbroken": False,
        "reports_software": True,
    }
    assert phone == {
        "key": "m2",
        "kind": "phone",
        "platform": "ios",
        "model": "iPhone 13",
        "os_version": "17.6.1",
        "status_word": "pending",
    }
    assert [(row["name"], row["version"], row["identifier"]) for row in list_rows(read, "software_records")] == [
        ("Reader", "4.1", "org.example.reader"),
        ("org.example.plain", "7", "org.example.plain"),
    ]
    assert list_rejects(read) == [(3, "resourceId", True)]


def test_gams_phones_read_like_the_apis() -> None:
    printed = build_frame(
        [{**{name: str(PHONE[name]) for name in ("resourceId", "model", "os", "status")}, "email.0": "A@b.example"}]
    )
    assert list_rows(readers.read_mobiles(printed), "device_records") == [
        {
            "key": "m1",
            "kind": "tablet",
            "platform": "android",
            "model": "Galaxy Tab A8",
            "os_version": "13",
            "status": "active",
            "status_word": "APPROVED",
            "holder_email": "a@b.example",
        }
    ]


def test_a_unit_knows_the_one_above_it_even_where_the_export_does_not_say() -> None:
    read = readers.read_units(
        parse_csv("""
        orgUnitPath,orgUnitId,name,description
        /Students/Lincoln,id:2,Lincoln,Grades 6 to 8
        /Students,id:1,Students,
        """)
    )
    assert [(row["key"], row["path"], row["parent_path"]) for row in list_rows(read, "org_units")] == [
        ("id:2", "/Students/Lincoln", "/Students"),
        ("id:1", "/Students", "/"),
    ]


def test_groups_and_their_members_meet_by_address() -> None:
    read = readers.read_groups(
        build_frame(
            [
                {
                    "id": "g1",
                    "email": "Staff@maple.example",
                    "name": "Staff",
                    "directMembersCount": "3",
                    "adminCreated": "true",
                    "allowExternalMembers": "false",
                    "whoCanJoin": "INVITED_CAN_JOIN",
                },
                {"email": "clubs@maple.example", "directMembersCount": "many"},
            ]
        )
    )
    assert list_rows(read, "groups")[0] == {
        "key": "staff@maple.example",
        "email": "staff@maple.example",
        "name": "Staff",
        "kind": "mail",
        "members": 3,
        "made_by_admin": True,
        "external_members": False,
        "who_can_join": "INVITED_CAN_JOIN",
    }
    assert list_rejects(read) == [(3, "directMembersCount", False)]
    read = readers.read_members(
        parse_csv("""
        group,type,role,id,status,email
        Staff@maple.example,USER,OWNER,1001,ACTIVE,Ada@maple.example
        staff@maple.example,CUSTOMER,MEMBER,C03az,,
        staff@maple.example,USER,MEMBER,1001,ACTIVE,ada@maple.example
        staff@maple.example,USER,MEMBER,,ACTIVE,
        """)
    )
    memberships = [
        (row["group_key"], row["member_key"], row.get("email"), row["kind"]) for row in list_rows(read, "group_members")
    ]
    assert memberships == [
        ("staff@maple.example", "1001", "ada@maple.example", "user"),
        ("staff@maple.example", "C03az", None, "customer"),
    ]
    assert list_rejects(read) == [(4, "group and id", True), (5, "group and id", True)]


def test_an_app_that_google_never_registered_is_not_verified_and_of_others_nothing_is_known() -> None:
    read = readers.read_tokens(
        build_frame(
            [
                {
                    "user": "Ada@maple.example",
                    "userKey": "1001",
                    "clientId": "7.apps.example",
                    "displayText": "Quiz Maker",
                    "anonymous": "False",
                    "scopes": "https://www.googleapis.com/auth/drive openid",
                    "accessToken": "ya29.x",
                },
                {"userKey": "1002", "clientId": "anonymous", "anonymous": "true"},
                {"userKey": "1002"},
            ]
        )
    )
    assert list_rows(read, "app_grants") == [
        {
            "account_key": "1001",
            "email": "ada@maple.example",
            "app_key": "7.apps.example",
            "app_name": "Quiz Maker",
            "kind": "delegated",
            "scopes": ["https://www.googleapis.com/auth/drive", "openid"],
        },
        {"account_key": "1002", "app_key": "anonymous", "verified": False, "kind": "delegated"},
    ]
    assert list_rejects(read) == [(4, "userKey and clientId", True)]
    assert read.dropped == {"accessToken": 1}
    assert not contains_text(read, "ya29")


LOGIN: dict[str, Any] = {
    "id": {
        "time": "2026-11-20T14:00:00.123Z",
        "uniqueQualifier": "-88",
        "applicationName": "login",
        "customerId": "C1",
    },
    "actor": {"email": "Ada@maple.example", "profileId": "1001", "callerType": "USER"},
    "ipAddress": "203.0.113.5",
    "networkInfo": {"regionCode": "US"},
    "events": [
        {"type": "login", "name": "login_failure", "parameters": [{"name": "login_type", "value": "google_password"}]},
        {
            "type": "login",
            "name": "suspicious_login",
            "parameters": [
                {"name": "affected_email_address", "value": "ada@maple.example"},
                {"name": "is_suspicious", "boolValue": True},
                {"name": "login_challenge_method", "multiValue": ["password", "none"]},
            ],
            "sensitiveParameters": [{"name": "message", "value": "Dear Ada"}],
        },
    ],
}


def test_each_event_of_an_activity_is_a_row_and_sensitive_parameters_stay_outside() -> None:
    read = readers.read_activities(
        [LOGIN, {"id": {"applicationName": "admin"}, "events": [{"name": "CREATE_USER"}]}, {"id": {}}], 1
    )
    failed, suspicious, without_id = list_rows(read, "audit_events")
    failed_details, details = (json.loads(row.pop("details")) for row in (failed, suspicious))
    assert failed == {
        "key": "2026-11-20T14:00:00.123Z/login/-88/0",
        "at": datetime(2026, 11, 20, 14, 0, 0, 123000, tzinfo=UTC),
        "log": "login",
        "event": "login_failure",
        "outcome": "failure",
        "actor_key": "1001",
        "actor_email": "ada@maple.example",
        "address": "203.0.113.5",
        "country": "US",
        "event_type": "login",
    }
    assert failed_details == {**LOGIN, "events": LOGIN["events"][:1]}
    assert (suspicious["key"][-2:], suspicious["target"]) == ("/1", "ada@maple.example")
    assert [parameter["name"] for parameter in details["events"][0]["parameters"]][2] == "login_challenge_method"
    assert "outcome" not in suspicious
    assert without_id["key"].startswith("no-id/")
    assert list_rejects(read) == [(3, "record", True)]
    assert read.dropped == {"sensitiveParameters": 1}
    assert not contains_text(read, "Dear")


def test_courses_and_places_in_them() -> None:
    read = readers.read_courses(
        build_frame(
            [
                {
                    "id": "31",
                    "name": "Biology",
                    "section": "Period 2",
                    "room": "B 12",
                    "courseState": "ACTIVE",
                    "enrollmentCode": "yhwbc4",
                },
                {"id": "32", "name": "Old", "courseState": "ARCHIVED"},
                {"id": "33", "name": "Odd", "courseState": "PAUSED"},
            ]
        )
    )
    assert [(row["title"], row.get("status"), row.get("location")) for row in list_rows(read, "classes")] == [
        ("Biology, Period 2", "active", "B 12"),
        ("Old", "tobedeleted", None),
        ("Odd", None, None),
    ]
    assert list_rejects(read) == [(4, "courseState", False)]
    assert read.dropped == {"enrollmentCode": 1}
    places = list_rows(readers.read_students(build_frame([{"courseId": "31", "userId": "9"}])), "enrollments")
    places += list_rows(readers.read_teachers(build_frame([{"courseId": "31", "userId": "9"}])), "enrollments")
    assert [(row["key"], row["role"]) for row in places] == [("31/student/9", "student"), ("31/teacher/9", "teacher")]


PAGES: dict[str, Any] = {
    "google.mobiles.json": {"kind": "admin#directory#mobiledevices", "mobiledevices": [PHONE], "nextPageToken": "t"},
    "google.units.json": {"organizationUnits": [{"orgUnitId": "id:1", "orgUnitPath": "/Students", "name": "Students"}]},
    "google.groups.json": {"groups": [{"id": "g1", "email": "a@maple.example", "directMembersCount": "3"}]},
    "google.members.json": {"members": [{"group": "a@maple.example", "id": "1", "role": "OWNER", "type": "USER"}]},
    "google.tokens.json": {"items": [{"clientId": "7", "userKey": "1", "displayText": "Quiz", "scopes": ["openid"]}]},
    "google.activities": {"kind": "reports#activities", "items": [LOGIN]},
    "google.courses.json": {"courses": [{"id": "31", "name": "Biology", "courseState": "ACTIVE", "ownerId": "4"}]},
    "google.students": {"students": [{"courseId": "31", "userId": "9", "profile": {"id": "9"}}]},
    "google.teachers": {"teachers": [{"courseId": "31", "userId": "9", "profile": {"id": "9"}}]},
}
PRINTED = {
    "google.mobiles.csv": "resourceId,deviceId,serialNumber,model,os,status,type\nm1,3f,R5,Tab,Android "
    "13,APPROVED,ANDROID\n",
    "google.units.csv": "orgUnitPath,orgUnitId,name,parentOrgUnitId\n/A,id:1,A,id:0\n",
    "google.groups.csv": "email,name,directMembersCount,adminCreated\na@maple.example,A,3,True\n",
    "google.members.csv": "group,type,role,id,status,email\na@maple.example,USER,OWNER,1,ACTIVE,b@maple.example\n",
    "google.tokens.csv": "user,clientId,displayText,anonymous,nativeApp,userKey,scopes\na@maple.example,7,Q,False,False,1,openid\n",
    "google.courses.csv": "id,name,courseState,ownerId\n31,Biology,ACTIVE,4\n",
}


def test_every_page_and_every_print_is_known_by_what_stands_in_it(tmp_path: Path) -> None:
    files = {**{kind: json.dumps(page) for kind, page in PAGES.items()}, **PRINTED}
    for kind, text in files.items():
        (tmp_path / kind).mkdir()
        (tmp_path / kind / kind).write_text(text, encoding="utf-8")
    detection = detect_packages([tmp_path], connectors=load_connectors())
    assert detection.problems == ()
    detected = {file.kind.id: Path(file.name).name for package in detection.packages for file in package.files}
    assert detected == {kind: kind for kind in files}


@pytest.mark.skipif(not EVENTS.exists(), reason="the shared data folder is not beside this clone")
def test_real_records_of_the_audit_log_are_read() -> None:
    records = [json.loads(line) for line in EVENTS.read_text(encoding="utf-8").splitlines()]
    events = [record["event"] for record in records if record["log_types"] == ["GSuite.ActivityEvent"]]
    complete = [
        record for record in events if {"time", "uniqueQualifier"} <= record.get("id", {}).keys() and record.get("name")
    ]
    read = readers.read_activities(complete, 1)
    assert len(complete) > 10
    assert (read.tables["audit_events"].height, list_rejects(read)) == (len(complete), [])
    assert {row["log"] for row in list_rows(read, "audit_events")} >= {"admin", "drive"}
    with_actor = [row for row in list_rows(read, "audit_events") if row.get("at") and row.get("actor_email")]
    assert len(with_actor) > 10


def test_groups_of_users_are_memberships_and_no_member_is_gone_because_of_them() -> None:
    kind, read = read_recording("google/usergroups.csv")
    assert kind == "google.members.users.csv"
    assert select_columns(read, "group_members", "group_key", "member_key", "email", "role", "kind") == [
        ("staff@maple.example", "ann.lee@maple.example", "ann.lee@maple.example", "member", "user"),
        ("it@maple.example", "ann.lee@maple.example", "ann.lee@maple.example", "owner", "user"),
        ("staff@maple.example", "tom.berg@maple.example", "tom.berg@maple.example", "member", "user"),
    ]
    assert read.incomplete.startswith("lists the groups of users")
