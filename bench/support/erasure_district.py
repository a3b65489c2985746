"""Invent a small district with a student, Bela Vexworth, who is nearly everywhere, and write its exports of three days.

Around the student are those who must stay as they are: a sibling at the same address with the same parent and the
same contact address, somebody with the same name, an address and a number that are parts of
the student's. On the third day the student is gone from every list. `fill_district` loads the days into a data
folder with the program itself. It shares no code and no constant with what erases.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.support.program import require_exit_code, run_homeroom

STUDENT, SIBLING, NAMESAKE, NAMED_ALIKE = "b3la-0001", "b3la-0002", "b3la-0003", "b3la-0004"
NUMBER, EMAIL, ACCOUNT = "7700431", "bela.vexworth@students.maple.example", "110000000000000431"
FORMER_EMAIL = "bela.oldname@students.maple.example"
UNIQUE_VALUES = (STUDENT, NUMBER, EMAIL, ACCOUNT, FORMER_EMAIL, "bela.oldname", "Bela Oldname-Vexworth")
"""Values that only the student has: none of them may be anywhere after an erasure."""
SHARED_NAME = "Ilka Twinham"
"""The name of two students."""
DAYS = ("2026-11-18", "2026-11-19", "2026-11-20")
_STAMP = "2026-11-01T08:00:00.000Z"


@dataclass(frozen=True)
class Pupil:
    """One student as the exports give them."""

    key: str
    given: str
    family: str
    number: str
    email: str
    account: str


PUPILS = (
    Pupil(STUDENT, "Bela", "Oldname-Vexworth", NUMBER, EMAIL, ACCOUNT),
    Pupil(SIBLING, "Mira", "Oldname-Vexworth", "7700432", "mira.vexworth@students.maple.example", "110000000000000432"),
    Pupil(NAMESAKE, "Ilka", "Twinham", "7700433", "ilka.twinham@students.maple.example", "110000000000000433"),
    Pupil("b3la-0005", "Ilka", "Twinham", "7700434", "ilka.twinham2@students.maple.example", "110000000000000434"),
    Pupil(NAMED_ALIKE, "Ela", "Cobbler", "700431", "ela.vexworth@students.maple.example", "110000000000004310"),
)


def write_days(folder: Path, *, others: int = 40) -> list[Path]:
    """Write the exports of three days and return their folders; `others` are students besides those with a story."""
    pupils = (*PUPILS, *(_build_other(number) for number in range(others)))
    remaining = tuple(pupil for pupil in pupils if pupil.key != STUDENT)
    former = tuple(
        Pupil(STUDENT, "Bela", "Oldname-Vexworth", NUMBER, FORMER_EMAIL, ACCOUNT) if pupil.key == STUDENT else pupil
        for pupil in pupils
    )
    return [
        _write_day(folder / day, shown, day=day, has_log=number == 1)
        for number, (day, shown) in enumerate(zip(DAYS, (former, pupils, remaining), strict=True))
    ]


def fill_district(data: Path, exports: Path, *, others: int = 40) -> Path:
    """Load, resolve and assess the three days in a data folder, and judge the log; return the folder."""
    for folder, day in zip(write_days(exports, others=others), DAYS, strict=True):
        arguments = ("assess", str(folder), "--today", day, "--approve", "--json")
        require_exit_code(run_homeroom(*arguments, data=data), codes=(0, 1))
    require_exit_code(run_homeroom("detect", "--json", data=data), codes=(0, 1))
    return data


def _build_other(number: int) -> Pupil:
    first, last = f"Given{number % 17}", f"Family{number}"
    email = f"{first}.{last}@students.maple.example".lower()
    return Pupil(f"other-{number:05}", first, last, f"88{number:05}", email, f"12{number:016}")


def _write_day(folder: Path, pupils: Sequence[Pupil], *, day: str, has_log: bool) -> Path:
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "oneroster").mkdir(parents=True)
    _write_bundle(folder / "oneroster", pupils)
    _write(folder / "google-users.csv", [_build_account(pupil) for pupil in pupils])
    _write(folder / "assets.csv", [_build_asset(pupil) for pupil in pupils])
    _write(folder / "chromebooks.csv", [_build_chromebook(pupil) for pupil in pupils])
    if has_log:
        lines = [json.dumps(_build_activity(number, pupil, day)) for number, pupil in enumerate(pupils[:4])]
        (folder / "activities.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _write_bundle(folder: Path, pupils: Sequence[Pupil]) -> None:
    present = ("orgs", "academicSessions", "courses", "classes", "enrollments", "roles", "users")
    manifest = {"manifest.version": "1.0", "oneroster.version": "1.2"}
    manifest |= {f"file.{name}": "bulk" for name in present} | {"source.systemName": "Invented SIS"}
    _write(folder / "manifest.csv", [{"propertyName": name, "value": value} for name, value in manifest.items()])
    stamp = {"status": "active", "dateLastModified": _STAMP}
    _write(
        folder / "orgs.csv", [_build_org(stamp, "org-1", "district", ""), _build_org(stamp, "org-2", "school", "org-1")]
    )
    session = {"sourcedId": "year-1", **stamp, "title": "School year", "type": "schoolYear", "startDate": "2026-08-15"}
    _write(folder / "academicSessions.csv", [{**session, "endDate": "2027-06-05", "schoolYear": "2027"}])
    course = {"sourcedId": "course-1", **stamp, "title": "Reading", "courseCode": "R1", "orgSourcedId": "org-2"}
    _write(folder / "courses.csv", [course])
    lesson = {"sourcedId": "class-1", **stamp, "title": "Reading 1", "courseSourcedId": "course-1"}
    lesson |= {"classCode": "R1A", "classType": "scheduled", "schoolSourcedId": "org-2", "termSourcedIds": "year-1"}
    _write(folder / "classes.csv", [lesson])
    users = [_build_user(stamp, pupil) for pupil in pupils]
    double = [row for row in users if row["sourcedId"] == STUDENT]
    repeated = [{**row, "givenName": "Belatrix"} for row in double]
    parent = _build_user(stamp, Pupil("parent-1", "Odo", "Vexworth", "", "home.vexworth@mail.example", ""))
    _write(folder / "users.csv", [*users, *repeated, {**parent, "agentSourcedIds": ""}])
    _write(folder / "roles.csv", [_build_role(stamp, pupil.key, "student") for pupil in pupils])
    _write(folder / "enrollments.csv", [_build_enrollment(stamp, pupil) for pupil in pupils])


def _build_org(stamp: Mapping[str, str], key: str, kind: str, parent: str) -> dict[str, str]:
    return {
        "sourcedId": key,
        **stamp,
        "name": f"Maple {kind}",
        "type": kind,
        "identifier": key,
        "parentSourcedId": parent,
    }


def _build_user(stamp: Mapping[str, str], pupil: Pupil) -> dict[str, str]:
    return {
        "sourcedId": pupil.key,
        **stamp,
        "enabledUser": "true",
        "username": pupil.email.partition("@")[0],
        "userIds": f"{{SIS:{pupil.key}}}",
        "givenName": pupil.given,
        "familyName": pupil.family,
        "middleName": "",
        "identifier": pupil.number,
        "email": pupil.email,
        "sms": "",
        "phone": "",
        "agentSourcedIds": "parent-1" if pupil.key in (STUDENT, SIBLING) else "",
        "grades": "06",
        "password": "",
        "primaryOrgSourcedId": "org-2",
    }


def _build_role(stamp: Mapping[str, str], key: str, role: str) -> dict[str, str]:
    keys = {"sourcedId": f"{key}-role", **stamp, "userSourcedId": key}
    return keys | {
        "roleType": "primary",
        "role": role,
        "beginDate": "2026-08-15",
        "endDate": "",
        "orgSourcedId": "org-2",
    }


def _build_enrollment(stamp: Mapping[str, str], pupil: Pupil) -> dict[str, str]:
    keys = {"sourcedId": f"{pupil.key}-e", **stamp, "classSourcedId": "class-1", "schoolSourcedId": "org-2"}
    return keys | {"userSourcedId": pupil.key, "role": "student", "beginDate": "2026-08-15", "endDate": "2027-06-05"}


def _build_account(pupil: Pupil) -> dict[str, str]:
    names = {"name.givenName": pupil.given, "name.familyName": pupil.family}
    flags = dict.fromkeys(("suspended", "archived", "isAdmin", "isDelegatedAdmin", "isEnrolledIn2Sv"), "False")
    times = {"lastLoginTime": "2026-11-10T15:00:00.000Z", "creationTime": "2025-08-01T15:00:00.000Z"}
    ids = {"externalIds.0.type": "organization", "externalIds.0.value": pupil.number}
    return {
        "primaryEmail": pupil.email,
        "id": pupil.account,
        **names,
        "orgUnitPath": "/Students",
        **flags,
        **times,
        **ids,
    }


def _count_up(pupil: Pupil) -> str:
    """Return a number that has nothing of the student's ids."""
    return f"{ord(pupil.key[0]):03}{int(pupil.key[-4:]):04}"


def _build_asset(pupil: Pupil) -> dict[str, str]:
    holder = {"Checked Out To": f"{pupil.given} {pupil.family}", "Email": pupil.email, "Employee No.": pupil.number}
    if pupil.key in (NAMESAKE, "b3la-0005"):
        holder = {**holder, "Email": "", "Employee No.": ""}
    asset = {
        "Asset Tag": f"T{_count_up(pupil)}",
        "Asset Name": "",
        "Serial": f"SER{_count_up(pupil)}",
        "Model": "Chromebook 3110",
    }
    rest = {"Category": "Chromebook", "Manufacturer": "Dell", "Status": "Deployed", "Location": "Maple school"}
    return {**asset, "Model No.": "", **rest, **holder}


def _build_chromebook(pupil: Pupil) -> dict[str, str]:
    return {
        "deviceId": f"dev-{_count_up(pupil)}",
        "annotatedAssetId": f"T{_count_up(pupil)}",
        "annotatedLocation": f"Desk of {pupil.given} {pupil.family}" if pupil.key == STUDENT else "Room 1",
        "annotatedUser": pupil.email,
        "autoUpdateExpiration": "2030-06-01",
        "bootMode": "Verified",
        "lastSync": "2026-11-10T15:00:00.000Z",
        "macAddress": f"a4fc77{int(pupil.key[-4:]):06x}",
        "model": "Dell Chromebook 3110",
        "notes": "",
        "orgUnitPath": "/Devices",
        "osVersion": "131.0",
        "recentUsers.0.email": pupil.email,
        "recentUsers.0.type": "USER_TYPE_MANAGED",
        "serialNumber": f"SER{_count_up(pupil)}",
        "status": "ACTIVE",
    }


def _build_activity(number: int, pupil: Pupil, day: str) -> dict[str, object]:
    forward = {"name": "email_forwarding_destination_address", "value": "eve@evil.example"}
    event = {"type": "email_forwarding_change", "name": "email_forwarding_out_of_domain", "parameters": [forward]}
    return {
        "kind": "admin#reports#activity",
        "id": {
            "time": f"{day}T15:00:{number:02}Z",
            "uniqueQualifier": str(number),
            "applicationName": "user_accounts",
            "customerId": "C1",
        },
        "actor": {"email": pupil.email, "profileId": pupil.account},
        "ipAddress": "203.0.113.5",
        "events": [event],
    }
