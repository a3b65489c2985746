"""The sample district's data at Google: rows in the formats of the published schemas, the same each time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.services.world import BEGINNING

type Rows = dict[str, dict[str, Any]]


def build_google_tenant() -> tuple[dict[str, Rows], dict[str, list[dict[str, Any]]]]:
    """Return the rows by list and id, and the members of each group by its address."""
    users = {str(number): build_user(number) for number in range(1001, 1045)}
    rows = {
        "users": users,
        "chromeos": {f"d{number:04d}": build_chromebook(number) for number in range(70)},
        "mobiles": {f"m{number:04d}": build_mobile(number) for number in range(14)},
        "units": {f"id:{number}": build_unit(number) for number in range(5)},
        "groups": {f"g{number}": build_group(number) for number in range(6)},
        "activities": {str(number): build_activity(number, at=_compute_log_time(number)) for number in range(60)},
        "alerts": {str(number): build_alert(number, at=_compute_log_time(number)) for number in range(3)},
        "courses": {str(number): build_course(number) for number in range(5)},
        "policies": {str(number): build_policy(number) for number in range(5)},
        "extensions": {str(number): build_extension(number) for number in range(8)},
    }
    members = {
        f"group{number}@maple.example": [build_member(1001 + offset) for offset in range(number * 8)]
        for number in range(6)
    }
    return rows, members


def build_user(number: int) -> dict[str, Any]:
    return {
        "kind": "admin#directory#user",
        "id": str(number),
        "primaryEmail": f"person{number}@maple.example",
        "name": {
            "givenName": f"Given{number}",
            "familyName": f"Family{number}",
            "fullName": f"Given{number} Family{number}",
        },
        "isAdmin": number % 40 == 0,
        "isDelegatedAdmin": number % 20 == 0,
        "isEnrolledIn2Sv": number % 2 == 0,
        "isEnforcedIn2Sv": number % 4 == 0,
        "lastLoginTime": "1970-01-01T00:00:00.000Z" if number % 9 == 0 else "2026-11-18T13:00:00.000Z",
        "creationTime": "2022-08-01T12:00:00.000Z",
        "suspended": number % 11 == 0,
        "archived": False,
        "orgUnitPath": f"/Unit {number % 5}",
        "aliases": [f"p{number}@maple.example"],
        "externalIds": [{"value": f"E{number}", "type": "organization"}],
        "organizations": [{"title": "Teacher", "primary": True, "department": "Science"}],
        "recoveryPhone": "+15550100",
    }


def build_chromebook(number: int) -> dict[str, Any]:
    return {
        "kind": "admin#directory#chromeosdevice",
        "deviceId": f"d{number:04d}",
        "serialNumber": f"5CD{number:05d}",
        "status": "ACTIVE",
        "lastSync": "2026-11-19T14:03:11.120Z",
        "annotatedAssetId": f"A-{number:04d}",
        "annotatedLocation": f"Cart {number // 30}, slot {number % 30}",
        "model": "HP Chromebook 11 G8 EE",
        "osVersion": "142.0.7444.60",
        "bootMode": "Verified",
        "orgUnitPath": f"/Unit {number % 5}",
        "lastEnrollmentTime": "2023-08-01T15:00:00.000Z",
        "autoUpdateThrough": "2029-06-01",
        "autoUpdateExpiration": "1875139200000",
        "macAddress": f"b469210{number:05x}",
        "recentUsers": [{"type": "USER_TYPE_MANAGED", "email": f"person{1001 + number % 40}@maple.example"}],
        "activeTimeRanges": [{"activeTime": 600_000, "date": "2026-11-18"}],
        "systemRamTotal": "4026531840",
    }


def build_mobile(number: int) -> dict[str, Any]:
    return {
        "kind": "admin#directory#mobiledevice",
        "resourceId": f"m{number:04d}",
        "deviceId": f"3f{number}",
        "serialNumber": f"R58{number:04d}",
        "name": [f"Given{1001 + number}"],
        "email": [f"person{1001 + number}@maple.example"],
        "model": "Galaxy Tab A8",
        "brand": "samsung",
        "os": "Android 14",
        "type": "ANDROID",
        "status": "APPROVED",
        "privilege": "DEVICE_OWNER" if number % 2 else "PROFILE",
        "lastSync": "2026-11-19T10:00:00.000Z",
        "applications": [
            {"packageName": "org.example.reader", "displayName": "Reader", "versionName": "4.1", "versionCode": 41}
        ],
    }


def build_unit(number: int) -> dict[str, Any]:
    return {
        "kind": "admin#directory#orgUnit",
        "orgUnitId": f"id:{number}",
        "orgUnitPath": f"/Unit {number}",
        "name": f"Unit {number}",
        "parentOrgUnitPath": "/",
        "parentOrgUnitId": "id:root",
    }


def build_group(number: int) -> dict[str, Any]:
    return {
        "kind": "admin#directory#group",
        "id": f"g{number}",
        "email": f"group{number}@maple.example",
        "name": f"Group {number}",
        "directMembersCount": str(number * 8),
        "adminCreated": number % 2 == 0,
    }


def build_member(number: int) -> dict[str, Any]:
    return {
        "kind": "admin#directory#member",
        "id": str(number),
        "email": f"person{number}@maple.example",
        "role": "OWNER" if number == 1001 else "MEMBER",
        "type": "USER",
        "status": "ACTIVE",
    }


def build_tokens(owner: str) -> list[dict[str, Any]]:
    """Return an app's token for every third account, and nothing for the others."""
    if int(owner) % 3:
        return []
    scopes = ["https://www.googleapis.com/auth/drive.readonly", "openid"]
    app = {"clientId": "7.apps.example", "displayText": "Quiz Maker", "anonymous": False, "nativeApp": False}
    return [{"kind": "admin#directory#token", "userKey": owner, "scopes": scopes, **app}]


def build_alert(number: int, *, at: datetime) -> dict[str, Any]:
    time = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "customerId": "01",
        "alertId": f"alert-{number}",
        "createTime": time,
        "startTime": time,
        "updateTime": time,
        "type": "Suspicious login",
        "source": "Google identity",
        "data": {"email": f"person{1001 + number % 40}@maple.example", "loginDetails": {"ipAddress": "203.0.113.7"}},
        "metadata": {"severity": "HIGH", "status": "NOT_STARTED"},
    }


def build_activity(number: int, *, at: datetime, application: str = "") -> dict[str, Any]:
    logs = {"login": "login_success", "admin": "CREATE_USER", "drive": "view", "token": "authorize"}
    log = application or list(logs)[number % 4]
    return {
        "kind": "admin#reports#activity",
        "id": {
            "time": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "uniqueQualifier": str(-1000 - number),
            "applicationName": log,
            "customerId": "C01",
        },
        "actor": {"email": f"person{1001 + number % 40}@maple.example", "profileId": str(1001 + number % 40)},
        "ipAddress": "203.0.113.7",
        "events": [
            {"type": log, "name": logs[log], "parameters": [{"name": "is_suspicious", "boolValue": number % 7 == 0}]}
        ],
    }


def build_course(number: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "name": f"Biology {number}",
        "section": "Period 2",
        "courseState": "ACTIVE",
        "ownerId": "1001",
        "enrollmentCode": "yhwbc4",
    }


def build_course_members(course: str, role: str) -> list[dict[str, Any]]:
    """Return one teacher or forty students of a course; the last course has no students yet."""
    people = range(1) if role == "teachers" else range(0 if course == "4" else 40)
    return [
        {"courseId": course, "userId": str(1001 + number), "profile": {"id": str(1001 + number)}} for number in people
    ]


def build_policy(number: int) -> dict[str, Any]:
    return {
        "name": f"policies/p{number}",
        "customer": "customers/C01",
        "policyQuery": {"orgUnit": f"orgUnits/{number}", "sortOrder": 1},
        "setting": {"type": f"settings/gmail.setting_{number}", "value": {"enabled": number % 2 == 0}},
        "type": "ADMIN",
    }


def build_extension(number: int) -> dict[str, Any]:
    """Build an app or extension; the last is an Android app, which ChromeOS counts by people alone."""
    is_android = number == 7
    return {
        "appId": "com.maple.app" if is_android else "abcdefghijklmnopabcdefghijklmno" + "abcdefgh"[number],
        "displayName": f"Extension {number}",
        "description": "What its maker writes of it",
        "appType": "ANDROID_APP" if is_android else "EXTENSION",
        "appInstallType": "ADMIN" if number % 2 else "NORMAL",
        "appSource": "PLAY_STORE" if is_android else "CHROME_WEBSTORE",
        "osUserCount": str(number * 10),
        "disabled": number == 3,
        "permissions": ["tabs", "storage"],
        **({} if is_android else {"browserDeviceCount": str(number), "homepageUri": "https://maple.example/"}),
    }


def _compute_log_time(number: int) -> datetime:
    """Return a time within the week before the trials begin, and before any console's clock that is wrong by a day."""
    return BEGINNING - timedelta(days=2, hours=number % 40, minutes=number)
