"""What the demo shows in the Privacy area: an old transfer drive, shared files, opt-outs and disclosures.

The students are those of a district that `generate_sample` wrote with a OneRoster 1.2 bundle; all values are invented.
"""

from __future__ import annotations

import csv
import random
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

SEED: Final = 17
_ANYONE, _DOMAIN, _PEOPLE = "anyone", "domain", "user"
_SHARED_FILES: Final = (
    ("IEP meeting notes, fall", "application/vnd.google-apps.document", _ANYONE, "reader"),
    ("Bus route 4: names and home addresses", "application/vnd.google-apps.spreadsheet", _ANYONE, "writer"),
    ("Menu for October", "application/pdf", _ANYONE, "reader"),
    ("Band concert program", "application/vnd.google-apps.document", _ANYONE, "reader"),
    ("Health plans of grade 3", "application/vnd.google-apps.folder", _DOMAIN, "reader"),
    ("Staff handbook", "application/pdf", _PEOPLE, "reader"),
)


@dataclass(frozen=True, kw_only=True)
class SampleStudent:
    """A student of the roster; `number` is the number that the district gave, `email` may be empty."""

    number: str
    first_name: str
    last_name: str
    email: str
    birth_date: str

    def list_names(self) -> tuple[str, str, str]:
        """Return the number and the names."""
        return self.number, self.first_name, self.last_name


@dataclass(frozen=True, kw_only=True)
class DemoPrivacyFiles:
    """The files: a drive to scan, a list of shared files to load, rosters that products got, and two logs as CSV."""

    drive: Path
    shared_files: Path
    roster: Path
    opt_outs: Path
    disclosures: Path
    students: tuple[SampleStudent, ...]


def write_demo_privacy(folder: Path, *, sample: Path, today: date) -> DemoPrivacyFiles:
    """Write the files into a new folder. `sample` is the folder of a generated sample."""
    dice = random.Random(SEED)  # noqa: S311  (invented values, no secret)
    students = _read_students(sample / "oneroster")
    chosen = tuple(dice.sample(students, 60))
    folder.mkdir(parents=True, exist_ok=True)
    files = DemoPrivacyFiles(
        drive=folder / "old transfer drive",
        shared_files=folder / "filelist.csv",
        roster=sample / "oneroster",
        opt_outs=folder / "opt-outs.csv",
        disclosures=folder / "disclosures.csv",
        students=chosen,
    )
    _write_drive(files.drive, chosen, dice)
    _write_shared_files(files.shared_files, _list_staff(sample), today)
    kinds = ("directory", "directory", "media", "all")
    _write_csv(
        files.opt_outs,
        ("student", "kind", "since"),
        [(student.number, kinds[row % 4], today - timedelta(days=40 + row)) for row, student in enumerate(chosen[:12])],
    )
    _write_csv(
        files.disclosures,
        ("student", "disclosed_on", "recipient", "purpose", "basis", "what"),
        _list_disclosures(chosen[20:26], today),
    )
    return files


def _read_students(roster: Path) -> list[SampleStudent]:
    births = {row["sourcedId"]: row["birthDate"] for row in _read_csv(roster / "demographics.csv")}
    ids = {row["userSourcedId"] for row in _read_csv(roster / "roles.csv") if row["role"] == "student"}
    rows = [row for row in _read_csv(roster / "users.csv") if row["sourcedId"] in ids and row["status"] == "active"]
    numbers = [row["identifier"] for row in rows]
    return [
        SampleStudent(
            number=row["identifier"],
            first_name=row["givenName"],
            last_name=row["familyName"],
            email=row["email"],
            birth_date=births.get(row["sourcedId"], ""),
        )
        for row in rows
        if row["identifier"] and row["email"] and numbers.count(row["identifier"]) == 1
    ]


def _list_staff(sample: Path) -> list[str]:
    rows = _read_csv(sample / "hr" / "staff.csv")
    return [row["Email"] for row in rows if row["Status"] == "Active" and row["Email"]]


def _write_drive(drive: Path, students: Sequence[SampleStudent], dice: random.Random) -> None:
    """Write folders as they are on a drive that three offices shared for ten years."""
    for name in ("Front office", "Special services", "Business", "IT", "Archive"):
        (drive / name).mkdir(parents=True)
    _write_csv(
        drive / "Front office" / "Summer school list.csv",
        ("Student Number", "First Name", "Last Name", "Birth Date"),
        [
            (student.number, student.first_name, student.last_name, student.birth_date or "2012-05-14")
            for student in students[:32]
        ],
    )
    _write_csv(
        drive / "Business" / "Payroll deductions.csv",
        ("Employee", "SSN", "Deduction"),
        [(f"Employee {row + 1}", _draw_ssn(dice), f"{dice.randrange(20, 90)}.00") for row in range(14)],
    )
    _write_csv(
        drive / "Business" / "Invoices.csv",
        ("Invoice No.", "Vendor", "Amount"),
        [(f"{dice.randrange(100_000_000, 999_999_999)}", "Paper and Toner", "48.20") for _ in range(20)],
    )
    child = students[33]
    (drive / "Special services" / "Meeting notes.txt").write_text(
        f"IEP meeting of {child.first_name} {child.last_name}, student number {child.number}.\n"
        "The team reviewed the goals of the IEP and the speech therapy minutes.\n",
        encoding="utf-8",
    )
    (drive / "IT" / "Logins.txt").write_text(
        "Copier in the lounge\nuser: admin\npassword: Maple!Leaf-4417\n", encoding="utf-8"
    )
    (drive / "IT" / "Read me.txt").write_text("Nothing here is needed any more.\n", encoding="utf-8")
    with zipfile.ZipFile(drive / "Archive" / "Enrollment backup.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        lines = ["Student Number,First Name,Last Name,Social Security Number"]
        lines += [
            f"{student.number},{student.first_name},{student.last_name},{_draw_ssn(dice)}"
            for student in students[34:50]
        ]
        archive.writestr(zipfile.ZipInfo("enrollment.csv", (2019, 8, 2, 9, 0, 0)), "\n".join(lines) + "\n")
    (drive / "Archive" / "Yearbook.pdf").write_bytes(b"%PDF-1.4\n1 0 obj << /Type /Catalog")


def _draw_ssn(dice: random.Random) -> str:
    return f"{dice.randrange(101, 666)}-{dice.randrange(10, 99)}-{dice.randrange(1001, 9999)}"


def _write_shared_files(path: Path, staff: Sequence[str], today: date) -> None:
    _write_csv(
        path,
        ("Owner", "id", "name", "mimeType", "modifiedTime", "permissions.0.type", "permissions.0.role"),
        [
            (
                staff[3 + row],
                f"drive{row:04}",
                title,
                kind,
                f"{today - timedelta(days=30 * row)}T15:00:00Z",
                access,
                role,
            )
            for row, (title, kind, access, role) in enumerate(_SHARED_FILES)
        ],
    )


def _list_disclosures(students: Sequence[SampleStudent], today: date) -> list[tuple[object, ...]]:
    reasons = (
        ("Next Door Schools", "The student enrolls there", "other-school", "transcript; attendance"),
        ("County Juvenile Court", "Order of the court", "court", "attendance; discipline"),
        ("State Scholarship Office", "Application of the family", "financial-aid", "grades"),
    )
    return [
        (student.number, today - timedelta(days=5 + 9 * row), *reasons[row % len(reasons)])
        for row, student in enumerate(students)
    ]


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
