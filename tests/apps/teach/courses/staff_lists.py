"""A staff list of invented people, loaded and resolved."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.models import District
from homeroom.apps.teach.courses.staff import list_staff
from homeroom.domain.teach.courses.assigning import StaffMember

HEADINGS = "Employee ID,Last Name,First Name,E-mail,Position Title,Work Location,Employee Status,Hire Date"
STAFF = (
    "E1,Vance,Rowan,rvance@maple.example,Math Teacher,Cedar Middle,Active,8/1/2019",
    "E2,Okoro,Ada,aokoro@maple.example,Bus Driver,Oak Elementary,Active,11/16/2026",
    "E3,Lindqvist,Avery,alindqvist@maple.example,School Secretary,Oak Elementary,Active,8/1/2020",
)


def load_staff(district: District, folder: Path, *, today: date, at: datetime, lines: tuple[str, ...] = STAFF) -> None:
    """Load a staff list from HR, and resolve."""
    path = folder / "staff.csv"
    path.write_text("\n".join((HEADINGS, *lines)) + "\n")
    store = get_evidence_store(district=district)
    report = load_files([path], district=district, store=store, at=at)
    assert report.loaded, report
    resolve(district=district, store=store, today=today, at=at)


def get_member(district: District, family_name: str) -> StaffMember:
    """Return the member of staff with a family name."""
    return next(person for person in list_staff(district=district) if person.name.endswith(family_name))
