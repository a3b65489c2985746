"""The staff list as the personnel office exports it from a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from homeroom.sample.people import Employee
from homeroom.sample.writers import CsvFile

_HEADER: Final = (
    "Employee ID,Last Name,First Name,Email,Job Title,Department,Location,Status,Employment Type,Hire Date,"
    "Termination Date"
)


def staff_file(folder: Path, *, marked: bool) -> CsvFile:
    """The file of the staff list; `marked` where the spreadsheet put a byte order mark first."""
    return CsvFile(folder / "staff.csv", _HEADER, marked=marked)


def staff_row(person: Employee) -> list[object]:
    """One employee."""
    return [
        person.number,
        person.hr_family or person.family,
        person.given,
        person.hr_email,
        person.title,
        person.department,
        person.place,
        person.status,
        person.employment,
        f"{person.hired:%m/%d/%Y}",
        f"{person.ended:%m/%d/%Y}" if person.ended else "",
    ]
