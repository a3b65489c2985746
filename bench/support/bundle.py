"""Write a full OneRoster 1.1 bundle that breaks no rule.

`python -m bench.support.bundle FOLDER USERS ENROLLMENTS [CHANGED]`. With CHANGED, a share of one in that many, it is
the same bundle on another day: of that share of the users the family name is another one, and of that share of the
enrollments the end date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

SCHOOLS = 120
_CHUNK = 20_000
_TEACHERS = 20  # one user in so many teaches
_ABSENT = ("categories", "classResources", "courseResources", "demographics", "lineItems", "resources", "results")
_BULK = ("academicSessions", "classes", "courses", "enrollments", "orgs", "users")
HEADS = {
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,"
    "subjectCodes",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
    "users": "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
    "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate",
}


def _build_user_row(number: int, *, changed: int = 0) -> str:
    school, teaches = number % SCHOOLS, number // SCHOOLS % _TEACHERS == 0
    role, login = ("teacher", f"t{number:07}") if teaches else ("student", f"s{number:07}")
    grade = "" if teaches else f"{1 + number % 12:02}"
    wed = "Wed" if changed and number % changed == 0 else ""
    return (
        f"u-{number:07},,,true,org-{school:04},{role},{login},{{SIS:{number:08}}},Given{number % 977},"
        f"Family{number % 1999}{wed},,{number:08},{login}@district.example,,,,{grade},\n"
    )


def _build_enrollment_row(number: int, *, users: int, classes: int, changed: int = 0) -> str:
    # Two enrollments of one person are `users` apart, and are in different classes of one school.
    person = number % users
    school = person % SCHOOLS
    teaches = person // SCHOOLS % _TEACHERS == 0
    section = school + SCHOOLS * ((person // SCHOOLS + 7 * (number // users)) % (classes // SCHOOLS))
    role = "teacher" if teaches else "student"
    end = "2027-01-15" if changed and number % changed == 0 else "2027-06-05"
    return f"e-{number:08},,,c-{section:06},org-{school:04},u-{person:07},{role},,2026-08-15,{end}\n"


def _chunk_lines(head: str, rows: Iterator[str]) -> Iterator[bytes]:
    lines = [head + "\n"]
    for row in rows:
        lines.append(row)
        if len(lines) >= _CHUNK:
            yield "".join(lines).encode()
            lines = []
    yield "".join(lines).encode()


def _build_files(users: int, enrollments: int, changed: int) -> dict[str, Iterator[str]]:
    classes = max(20 * SCHOOLS, users // 25 // SCHOOLS * SCHOOLS)
    sessions = ["year,,,2026-27,schoolYear,2026-08-15,2027-06-05,,2027\n"]
    schools = (f"org-{n:04},,,School {n},school,{n:05},org-d\n" for n in range(SCHOOLS))
    return {
        "orgs": iter(["org-d,,,Maple Valley,district,,\n", *schools]),
        "academicSessions": iter(sessions),
        "courses": (f"k-{n:04},,,year,Course {n},C{n},,org-{n:04},,\n" for n in range(SCHOOLS)),
        "classes": (
            f"c-{n:06},,,Class {n},,k-{n % SCHOOLS:04},C{n},scheduled,,org-{n % SCHOOLS:04},year,,,1\n"
            for n in range(classes)
        ),
        "users": (_build_user_row(n, changed=changed) for n in range(users)),
        "enrollments": (
            _build_enrollment_row(n, users=users, classes=classes, changed=changed) for n in range(enrollments)
        ),
    }


def write_bundle(folder: Path, *, users: int, enrollments: int, changed: int = 0) -> None:
    """Write the bundle's files into a new folder."""
    folder.mkdir(parents=True)
    manifest_lines = ["manifest.version,1.0", "oneroster.version,1.1"]
    manifest_lines += [f"file.{name},bulk" for name in _BULK] + [f"file.{name},absent" for name in _ABSENT]
    (folder / "manifest.csv").write_text("\n".join(["propertyName,value", *manifest_lines]) + "\n", encoding="utf-8")
    for name, rows in _build_files(users, enrollments, changed).items():
        with (folder / f"{name}.csv").open("wb") as file:
            for piece in _chunk_lines(HEADS[name], rows):
                file.write(piece)


if __name__ == "__main__":
    sizes = [int(size) for size in (*sys.argv[2:], "0")]
    write_bundle(Path(sys.argv[1]), users=sizes[0], enrollments=sizes[1], changed=sizes[2])
