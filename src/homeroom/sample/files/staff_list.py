"""The staff list as the personnel office exports it from a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from homeroom.sample.files.writers import CsvFile
from homeroom.sample.plan.staff import Employee

_HEADER: Final = (
    "Employee ID,Last Name,First Name,Email,Job Title,Department,Location,Status,Employment Type,Hire Date,"
    "Termination Date"
)


def open_staff_list(folder: Path, *, marked: bool) -> CsvFile:
    """Open the file of the staff list; `marked` if the spreadsheet put a byte order mark first."""
    return CsvFile(folder / "staff.csv", _HEADER, marked=marked)


def build_staff_row(person: Employee) -> list[object]:
    """Build the row of one employee."""
    return [
        person.number,
        person.hr_family or person.last_name,
        person.first_name,
        person.hr_email,
        person.title,
        person.department,
        person.location,
        person.status,
        person.employment,
        f"{person.hired:%m/%d/%Y}",
        f"{person.ended:%m/%d/%Y}" if person.ended else "",
    ]
