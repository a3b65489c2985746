"""A small valid bundle in both versions, as rows that a test may corrupt before they are written."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

from homeroom.ingest.oneroster.spec import VERSIONS

STUDENTS = tuple(f"p{number}" for number in range(1, 7))


@dataclass
class BundleDraft:
    """Files of a bundle: the header and rows of each, and raw bytes that replace the written text."""

    version: str
    files: dict[str, list[list[str]]]
    manifest: list[list[str]]
    raw: dict[str, bytes] = field(default_factory=dict)

    def get_rows(self, member: str) -> list[list[str]]:
        """Return the rows of a member below its header."""
        return self.files[member][1:]

    def find_column(self, member: str, column: str) -> int:
        """Return the position of a column."""
        return self.files[member][0].index(column)

    def set_value(self, member: str, row: int, column: str, value: str) -> tuple[str, int, str]:
        """Set one value, and return its file, line and field."""
        self.files[member][row + 1][self.find_column(member, column)] = value
        return f"{member}.csv", row + 2, column

    def format_member(self, member: str) -> str:
        """Return a file's text as it will be written."""
        buffer = io.StringIO(newline="")
        csv.writer(buffer, lineterminator="\r\n").writerows(
            self.manifest if member == "manifest" else self.files[member]
        )
        return buffer.getvalue()

    def write(self, folder: Path) -> Path:
        """Write all files into a new folder."""
        folder.mkdir(parents=True)
        for member in ("manifest", *self.files):
            (folder / f"{member}.csv").write_bytes(self.format_member(member).encode())
        for name, data in self.raw.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
        return folder


def _build_people(version: str) -> dict[str, list[dict[str, str]]]:
    users, roles = [], []
    people = [("t1", "teacher"), ("t2", "teacher"), ("g1", "guardian"), *((student, "student") for student in STUDENTS)]
    for number, (key, role) in enumerate(people):
        student = role == "student"
        common = {
            "sourcedId": key,
            "enabledUser": "true",
            "username": f"user.{key}",
            "userIds": f"{{SIS:{key}}},{{HR:9{key}}}",
            "givenName": "Marisol",
            "familyName": "Vega",
            "identifier": f"77{number}",
            "email": f"{key}@maple.example",
            "grades": f"{number:02}" if student else "",
            "agentSourcedIds": "g1" if student else "",
        }
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
        {
            "sourcedId": "up1",
            "userSourcedId": "t1",
            "profileType": "lms",
            "vendorId": "v",
            "credentialType": "name",
            "username": "x",
        },
        {
            "sourcedId": "up2",
            "userSourcedId": "t2",
            "profileType": "lms",
            "vendorId": "v",
            "credentialType": "name",
            "username": "y",
        },
    ]
    numbered = [{"sourcedId": f"r{number}", **role} for number, role in enumerate(roles)]
    return {"users": users} if version == "1.1" else {"users": users, "roles": numbered, "userProfiles": profiles}


def build_valid_bundle(version: str) -> BundleDraft:
    """Build a bundle of that version with a year, terms, two schools, classes, people, enrollments and resources."""
    enrolled = [
        {"userSourcedId": "t1", "classSourcedId": "c1", "role": "teacher", "primary": "true"},
        {"userSourcedId": "t2", "classSourcedId": "c1", "role": "teacher", "primary": "false"},
        {"userSourcedId": "t2", "classSourcedId": "c2", "role": "teacher", "primary": "true"},
        *({"userSourcedId": student, "classSourcedId": "c1", "role": "student", "primary": ""} for student in STUDENTS),
        *(
            {"userSourcedId": student, "classSourcedId": "c2", "role": "student", "primary": "false"}
            for student in STUDENTS[:3]
        ),
    ]
    line_item_columns = (
        {"academicSessionSourcedId": "q1", "schoolSourcedId": "s1"}
        if version == "1.2"
        else {"gradingPeriodSourcedId": "q1"}
    )
    data: dict[str, list[dict[str, str]]] = {
        "orgs": [
            {"sourcedId": "d1", "name": "Maple Valley", "type": "district"},
            {
                "sourcedId": "s1",
                "name": "Maple, Upper",
                "type": "school",
                "identifier": "00123",
                "parentSourcedId": "d1",
            },
            {"sourcedId": "s2", "name": 'Maple "Lower"', "type": "school", "parentSourcedId": "d1"},
            {"sourcedId": "x1", "name": "Technology", "type": "department", "parentSourcedId": "s1"},
        ],
        "academicSessions": [
            {
                "sourcedId": "y1",
                "title": "2026-27",
                "type": "schoolYear",
                "startDate": "2026-08-15",
                "endDate": "2027-06-05",
                "schoolYear": "2027",
            },
            {
                "sourcedId": "q1",
                "title": "Fall",
                "type": "gradingPeriod",
                "startDate": "2026-08-15",
                "endDate": "2026-12-18",
                "parentSourcedId": "y1",
                "schoolYear": "2027",
            },
        ],
        "courses": [
            {
                "sourcedId": "k1",
                "schoolYearSourcedId": "y1",
                "title": "Algebra",
                "courseCode": "ALG",
                "grades": "08,09",
                "orgSourcedId": "s1",
            },
            {"sourcedId": "k2", "title": "Homeroom", "orgSourcedId": "d1", "subjects": "Arts, Crafts"},
        ],
        "classes": [
            {
                "sourcedId": "c1",
                "title": "Algebra 1",
                "grades": "08",
                "courseSourcedId": "k1",
                "classType": "scheduled",
                "schoolSourcedId": "s1",
                "termSourcedIds": "q1,y1",
                "periods": "1,2",
                "location": "Room 12",
            },
            {
                "sourcedId": "c2",
                "title": "Homeroom 2",
                "courseSourcedId": "k2",
                "classType": "homeroom",
                "schoolSourcedId": "s1",
                "termSourcedIds": "y1",
            },
            {
                "sourcedId": "c3",
                "title": "Homeroom 3",
                "courseSourcedId": "k2",
                "classType": "homeroom",
                "schoolSourcedId": "s2",
                "termSourcedIds": "q1",
            },
        ],
        **_build_people(version),
        "enrollments": [
            {
                "sourcedId": f"e{number}",
                "schoolSourcedId": "s1",
                "beginDate": "2026-08-15",
                "endDate": "2026-12-18",
                **row,
            }
            for number, row in enumerate(enrolled)
        ],
        "resources": [
            {"sourcedId": "b1", "vendorResourceId": "r-1", "roles": "student,teacher", "importance": "primary"}
        ],
        "classResources": [{"sourcedId": "cb1", "classSourcedId": "c1", "resourceSourcedId": "b1"}],
        "categories": [{"sourcedId": "h1", "title": "Homework"}],
        "lineItems": [
            {
                "sourcedId": "l1",
                "title": "Quiz",
                "assignDate": "2026-09-01",
                "dueDate": "2026-09-02",
                "classSourcedId": "c1",
                "categorySourcedId": "h1",
                "resultValueMin": "0",
                "resultValueMax": "10.5",
                **line_item_columns,
            }
        ],
        "results": [
            {
                "sourcedId": "v1",
                "lineItemSourcedId": "l1",
                "studentSourcedId": "p1",
                "scoreStatus": "fully graded",
                "score": "9.5",
                "scoreDate": "2026-09-03",
            }
        ],
    }
    members = VERSIONS[version]
    files = {
        member.name: [[column.name for column in member.columns]]
        + [[row.get(column.name, "") for column in member.columns] for row in data[member.name]]
        for member in members
        if member.name in data
    }
    manifest = [["propertyName", "value"], ["manifest.version", "1.0"], ["oneroster.version", version]]
    manifest += [[f"file.{member.name}", "bulk" if member.name in files else "absent"] for member in members]
    return BundleDraft(version=version, files=files, manifest=[*manifest, ["source.systemName", "Invented"]])
