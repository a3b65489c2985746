"""A small bundle that breaks no rule, in both versions, as rows that a test may spoil before they are written."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

from homeroom.ingest.oneroster.members import VERSIONS

PUPILS = tuple(f"p{number}" for number in range(1, 7))


@dataclass
class Written:
    """Files of a bundle: the header and the rows of each, and lines that replace the written text."""

    version: str
    files: dict[str, list[list[str]]]
    manifest: list[list[str]]
    raw: dict[str, bytes] = field(default_factory=dict)

    def rows(self, member: str) -> list[list[str]]:
        """The rows of a member below its header."""
        return self.files[member][1:]

    def place(self, member: str, column: str) -> int:
        """The number of a column."""
        return self.files[member][0].index(column)

    def put(self, member: str, row: int, column: str, value: str) -> tuple[str, int, str]:
        """Set one value, and say where it stands: file, line and field."""
        self.files[member][row + 1][self.place(member, column)] = value
        return f"{member}.csv", row + 2, column

    def text(self, member: str) -> str:
        """A file as it is written."""
        told = io.StringIO(newline="")
        csv.writer(told, lineterminator="\r\n").writerows(self.manifest if member == "manifest" else self.files[member])
        return told.getvalue()

    def write(self, folder: Path) -> Path:
        """All files into a folder, which is made."""
        folder.mkdir(parents=True)
        for member in ("manifest", *self.files):
            (folder / f"{member}.csv").write_bytes(self.text(member).encode())
        for name, data in self.raw.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
        return folder


def _people(version: str) -> dict[str, list[dict[str, str]]]:
    users, roles = [], []
    named = [("t1", "teacher"), ("t2", "teacher"), ("g1", "guardian"), *((pupil, "student") for pupil in PUPILS)]
    for number, (key, role) in enumerate(named):
        pupil = role == "student"
        common = {
            "sourcedId": key, "enabledUser": "true", "username": f"user.{key}", "userIds": f"{{SIS:{key}}},{{HR:9{key}}}",
            "givenName": "Marisol", "familyName": "Vega", "identifier": f"77{number}", "email": f"{key}@maple.example",
            "grades": f"{number:02}" if pupil else "", "agentSourcedIds": "g1" if pupil else "",
        }  # fmt: skip
        if version == "1.1":
            users.append({**common, "orgSourcedIds": "s1,s2" if key == "t1" else "s1", "role": role})
        else:
            users.append({**common, "primaryOrgSourcedId": "s1", "preferredGivenName": "Mari"})
            profile = {"userProfileSourcedId": "up1"} if key == "t1" else {}
            roles.append({"userSourcedId": key, "roleType": "primary", "role": role, "orgSourcedId": "s1", **profile})
    roles.append({"userSourcedId": "t1", "roleType": "secondary", "role": "ext:coach", "orgSourcedId": "s1"})
    roles.append(
        {
            "userSourcedId": "t1",
            "roleType": "primary",
            "role": "teacher",
            "orgSourcedId": "s2",
            "beginDate": "2026-08-15",
        }
    )
    profiles = [
        {"sourcedId": "up1", "userSourcedId": "t1", "profileType": "lms", "vendorId": "v", "credentialType": "name", "username": "x"},
        {"sourcedId": "up2", "userSourcedId": "t2", "profileType": "lms", "vendorId": "v", "credentialType": "name", "username": "y"},
    ]  # fmt: skip
    numbered = [{"sourcedId": f"r{number}", **role} for number, role in enumerate(roles)]
    return {"users": users} if version == "1.1" else {"users": users, "roles": numbered, "userProfiles": profiles}


def valid(version: str) -> Written:
    """A bundle of that version with a year, terms, two schools, classes, people, enrolments and resources."""
    enrolled = [
        {"userSourcedId": "t1", "classSourcedId": "c1", "role": "teacher", "primary": "true"},
        {"userSourcedId": "t2", "classSourcedId": "c1", "role": "teacher", "primary": "false"},
        {"userSourcedId": "t2", "classSourcedId": "c2", "role": "teacher", "primary": "true"},
        *({"userSourcedId": pupil, "classSourcedId": "c1", "role": "student", "primary": ""} for pupil in PUPILS),
        *(
            {"userSourcedId": pupil, "classSourcedId": "c2", "role": "student", "primary": "false"}
            for pupil in PUPILS[:3]
        ),
    ]
    line = (
        {"academicSessionSourcedId": "q1", "schoolSourcedId": "s1"}
        if version == "1.2"
        else {"gradingPeriodSourcedId": "q1"}
    )
    data: dict[str, list[dict[str, str]]] = {
        "orgs": [
            {"sourcedId": "d1", "name": "Maple Valley", "type": "district"},
            {"sourcedId": "s1", "name": "Maple, Upper", "type": "school", "identifier": "00123", "parentSourcedId": "d1"},
            {"sourcedId": "s2", "name": "Maple \"Lower\"", "type": "school", "parentSourcedId": "d1"},
            {"sourcedId": "x1", "name": "Technology", "type": "department", "parentSourcedId": "s1"},
        ],
        "academicSessions": [
            {"sourcedId": "y1", "title": "2026-27", "type": "schoolYear", "startDate": "2026-08-15", "endDate": "2027-06-05", "schoolYear": "2027"},
            {"sourcedId": "q1", "title": "Fall", "type": "gradingPeriod", "startDate": "2026-08-15", "endDate": "2026-12-18", "parentSourcedId": "y1", "schoolYear": "2027"},
        ],
        "courses": [
            {"sourcedId": "k1", "schoolYearSourcedId": "y1", "title": "Algebra", "courseCode": "ALG", "grades": "08,09", "orgSourcedId": "s1"},
            {"sourcedId": "k2", "title": "Homeroom", "orgSourcedId": "d1", "subjects": "Arts, Crafts"},
        ],
        "classes": [
            {"sourcedId": "c1", "title": "Algebra 1", "grades": "08", "courseSourcedId": "k1", "classType": "scheduled", "schoolSourcedId": "s1", "termSourcedIds": "q1,y1", "periods": "1,2"},
            {"sourcedId": "c2", "title": "Homeroom 2", "courseSourcedId": "k2", "classType": "homeroom", "schoolSourcedId": "s1", "termSourcedIds": "y1"},
            {"sourcedId": "c3", "title": "Homeroom 3", "courseSourcedId": "k2", "classType": "homeroom", "schoolSourcedId": "s2", "termSourcedIds": "q1"},
        ],
        **_people(version),
        "enrollments": [
            {"sourcedId": f"e{number}", "schoolSourcedId": "s1", "beginDate": "2026-08-15", "endDate": "2026-12-18", **row}
            for number, row in enumerate(enrolled)
        ],
        "resources": [{"sourcedId": "b1", "vendorResourceId": "r-1", "roles": "student,teacher", "importance": "primary"}],
        "classResources": [{"sourcedId": "cb1", "classSourcedId": "c1", "resourceSourcedId": "b1"}],
        "categories": [{"sourcedId": "h1", "title": "Homework"}],
        "lineItems": [{"sourcedId": "l1", "title": "Quiz", "assignDate": "2026-09-01", "dueDate": "2026-09-02", "classSourcedId": "c1", "categorySourcedId": "h1", "resultValueMin": "0", "resultValueMax": "10.5", **line}],
        "results": [{"sourcedId": "v1", "lineItemSourcedId": "l1", "studentSourcedId": "p1", "scoreStatus": "fully graded", "score": "9.5", "scoreDate": "2026-09-03"}],
    }  # fmt: skip
    members = VERSIONS[version]
    files = {
        member.name: [[column.name for column in member.columns]]
        + [[row.get(column.name, "") for column in member.columns] for row in data[member.name]]
        for member in members
        if member.name in data
    }
    manifest = [["propertyName", "value"], ["manifest.version", "1.0"], ["oneroster.version", version]]
    manifest += [[f"file.{member.name}", "bulk" if member.name in files else "absent"] for member in members]
    return Written(version=version, files=files, manifest=[*manifest, ["source.systemName", "Invented"]])
