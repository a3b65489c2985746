"""Write a large OneRoster 1.1 bundle, equal for equal sizes: `python -m bench.support.roster FOLDER USERS`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

SCHOOLS = 120
PARTS = ("manifest.csv", "orgs.csv", "users.csv")
_GIVEN = (
    "Amara",
    "Bao",
    "Camila",
    "Dmitri",
    "Esperanza",
    "Farid",
    "Grace",
    "Hiroshi",
    "Ingrid",
    "José",
    "Keanu",
    "Leila",
)
_FAMILY = (
    "Abara",
    "Brandt",
    "Castillo",
    "Đặng",
    "Eriksen",
    "Flores",
    "Gupta",
    "Haddad",
    "Ito",
    "O'Neil",
    "Kealoha",
    "Lopez-Ruiz",
)
_GRADES = ("KG", *(f"{grade:02}" for grade in range(1, 13)))
_USERS_HEAD = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
    "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password"
)
_CHUNK = 20_000


def _build_user_row(number: int) -> str:
    mixed = number * 2_654_435_761 % 4_294_967_296  # spreads neighbors over schools and names, always alike
    first_name, family_name = _GIVEN[mixed % 12], _FAMILY[mixed // 12 % 12]
    school, adult = mixed // 144 % SCHOOLS, number % 12 == 0
    role = ("teacher" if number % 24 else "aide") if adult else "student"
    user = f"{'t' if adult else 's'}{number:07}"
    grade = "" if adult else _GRADES[mixed // 17_280 % 13]
    return (
        f"u-{mixed:08x}-{number:07},active,2026-08-{1 + number % 28:02}T06:00:00.000Z,true,org-{school:04}"
        f",{role},{user},"
        f'"{{SIS:{number:08}}},{{LDAP:{user}}}",{first_name},{family_name},,{number:08},{user}@district.example,,,,{grade},\n'
    )


def generate_users_csv(count: int) -> Iterator[bytes]:
    """Yield users.csv in pieces of some megabytes, in UTF-8."""
    yield (_USERS_HEAD + "\n").encode()
    for first in range(0, count, _CHUNK):
        yield "".join(map(_build_user_row, range(first, min(first + _CHUNK, count)))).encode()


def build_orgs_csv() -> bytes:
    """Return orgs.csv: the district and its schools."""
    rows = [
        "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
        "org-d,active,2026-08-01T06:00:00.000Z,Maple Valley,district,,",
    ]
    rows += [f"org-{n:04},active,2026-08-01T06:00:00.000Z,School {n},school,{n:05},org-d" for n in range(SCHOOLS)]
    return ("\n".join(rows) + "\n").encode()


def build_manifest_csv() -> bytes:
    """Return manifest.csv of a bulk bundle with orgs and users only."""
    absent = (
        "academicSessions",
        "categories",
        "classes",
        "classResources",
        "courses",
        "courseResources",
        "demographics",
    )
    absent = (*absent, "enrollments", "lineItems", "resources", "results")
    rows = ["propertyName,value", "manifest.version,1.0", "oneroster.version,1.1"]
    rows += [f"file.{name},absent" for name in absent] + ["file.orgs,bulk", "file.users,bulk"]
    return ("\n".join([*rows, "source.systemName,Bench SIS", "source.systemCode,bench"]) + "\n").encode()


def write_roster(folder: Path, count: int) -> None:
    """Write the three files into a new folder."""
    folder.mkdir(parents=True)
    (folder / "manifest.csv").write_bytes(build_manifest_csv())
    (folder / "orgs.csv").write_bytes(build_orgs_csv())
    with (folder / "users.csv").open("wb") as file:
        file.writelines(generate_users_csv(count))


if __name__ == "__main__":
    write_roster(Path(sys.argv[1]), int(sys.argv[2]))
