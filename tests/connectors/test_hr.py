"""Staff lists under the headings of several systems."""

from __future__ import annotations

from datetime import date

import pytest

from homeroom.connectors.hr import readers
from homeroom.ingest.contract.connector import CsvKind
from homeroom.ingest.detection.file_kinds import KindMatch, NoMatch, map_spellings, match_kind
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import build_frame, contains_text, list_rejects, list_rows, parse_csv


def test_a_staff_list_without_what_must_not_be_kept() -> None:
    read = readers.read_staff(
        parse_csv("""
        Employee ID,Last Name,First Name,E-mail,Position Title,Work Location,Employee Status,Hire Date,Termination Date,SSN,Date of Birth,Annual Salary,Home Address
        E1,Okoro,Ada,AOkoro@maple.example,Math Teacher,Lincoln,Active,8/1/2019,12/31/9999,123-45-6789,1980-01-02,61000,1 Elm
        ,Nobody,No,,,,,,,,,,
        987-65-4321,Lind,Per,,Custodian,Lincoln,Active,soon,,,,,
        """)
    )
    assert list_rows(read, "person_records") == [
        {
            "key": "E1",
            "status": "active",
            "given_name": "Ada",
            "family_name": "Okoro",
            "email": "aokoro@maple.example",
            "identifier": "E1",
            "org_name": "Lincoln",
            "title": "Math Teacher",
            "start_date": date(2019, 8, 1),
            "employment": "active",
        }
    ]
    assert list_rows(read, "role_records") == [
        {
            "person_key": "E1",
            "role": "teacher",
            "org_key": "Lincoln",
            "org_name": "Lincoln",
            "begin_date": date(2019, 8, 1),
            "status": "active",
            "job": "Math Teacher",
        }
    ]
    assert read.dropped == {"SSN": 1, "Date of Birth": 1, "Annual Salary": 1, "Home Address": 1, "Employee ID": 1}
    assert list_rejects(read) == [(3, "Employee ID", True), (4, "Hire Date", False), (4, "Employee ID", True)]
    for secret in ("123-45-6789", "987-65-4321", "1980-01-02", "61000", "1 Elm"):
        assert not contains_text(read, secret)


@pytest.mark.parametrize(
    "written",
    [
        {"Staff ID": "7", "FirstName": "Ada", "LastName": "Okoro", "Title": "Teacher", "School": "Lincoln"},
        {"a_employee_number": "7", "a_name_last": "Okoro", "a_name_first": "Ada", "Job Class Desc": "Teacher",
         "Location Description": "Lincoln"},
        {"Emp #": "7", "Employee Name": "Okoro, Ada", "Position": "Teacher", "Building": "Lincoln"},
        {"EMPLID": "7", "Name": "Ada Okoro", "Job Title": "Teacher", "Site": "Lincoln"},
        {"EmployeeNumber": "7", "LegalLastName": "Okoro", "LegalFirstName": "Ada", "PositionTitle": "Teacher",
         "LocationDesc": "Lincoln"},
        {"Emp Num": "7", "Emp Last Name": "Okoro", "Emp First Name": "Ada", "Job Desc": "Teacher", "Bldg": "Lincoln"},
    ],
)  # fmt: skip
def test_each_systems_headings_read_alike(written: dict[str, str]) -> None:
    (person,) = list_rows(readers.read_staff(build_frame([written])), "person_records")
    assert person == {
        "key": "7",
        "status": "active",
        "given_name": "Ada",
        "family_name": "Okoro",
        "identifier": "7",
        "org_name": "Lincoln",
        "title": "Teacher",
    }


def test_a_substitute_has_not_left_when_one_of_two_assignments_ended() -> None:
    read = readers.read_staff(
        parse_csv("""
        Employee ID,Last Name,First Name,Job Title,Location,Status,Start Date,End Date
        E1,Okoro,Ada,Bus Driver,Garage,Terminated,2015-08-01,2020-06-01
        E1,Okoro,Ada,Substitute Teacher,Lincoln,Active,2021-08-01,
        """)
    )
    (person,) = list_rows(read, "person_records")
    assert (person["title"], person["status"], person.get("end_date")) == ("Substitute Teacher", "active", None)
    assert [(row["role"], row["job"], row.get("end_date")) for row in list_rows(read, "role_records")] == [
        ("staff", "Bus Driver", date(2020, 6, 1)),
        ("teacher", "Substitute Teacher", None),
    ]


@pytest.mark.parametrize(
    ("status", "start", "end", "expected"),
    [
        ("Terminated", "2019-08-01", "", ("tobedeleted", None)),
        ("Resigned", "2019-08-01", "2099-06-30", ("active", date(2099, 6, 30))),
        ("Leave of Absence", "2019-08-01", "", ("active", None)),
        ("Active", "2024-08-01", "2020-06-30", ("active", None)),
        ("Terminated", "2024-08-01", "2024-07-30", ("active", date(2024, 7, 30))),
    ],
)
def test_an_end_date_decides_before_the_word(
    status: str, start: str, end: str, expected: tuple[str, date | None]
) -> None:
    row = {"Employee ID": "1", "Last Name": "X", "Status": status, "Hire Date": start, "Term Date": end}
    (person,) = list_rows(readers.read_staff(build_frame([row])), "person_records")
    assert (person["status"], person.get("end_date")) == expected


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Assistant Principal", "administrator"),
        ("Administrative Assistant to the Superintendent", "staff"),
        ("Network Administrator", "staff"),
        ("Teacher Aide", "staff"),
        ("Instructional Coach", "staff"),
        ("School Board Member", "other"),
        ("Contractor - Speech", "other"),
        ("Volunteer", "other"),
        ("Custodian", "staff"),
        ("4th Grade Teacher", "teacher"),
    ],
)
def test_titles_tell_the_role(title: str, role: str) -> None:
    read = readers.read_staff(build_frame([{"Employee ID": "1", "Last Name": "X", "Job Title": title}]))
    assert list_rows(read, "role_records")[0]["role"] == role


def _match_headings(*headings: str) -> KindMatch[CsvKind] | NoMatch:
    return match_kind(headings, kind_class=CsvKind, connectors=load_connectors())


def test_one_heading_of_a_name_and_one_of_a_number_are_enough() -> None:
    (kind,) = next(connector.kinds for connector in load_connectors() if connector.name == "hr")
    assert isinstance(kind, CsvKind)
    for name in kind.first_of:
        for number in kind.any_of:
            match = _match_headings(name.upper(), number, "Notes")
            assert isinstance(match, KindMatch), (name, number)
            assert match.kind is kind, (name, number)
            assert isinstance(_match_headings(number, "Notes"), NoMatch), number
            assert isinstance(_match_headings(name, number, "Serial"), NoMatch), (name, number)


def test_a_second_heading_of_a_name_does_not_outweigh_another_kind() -> None:
    assert isinstance(_match_headings("Last Name", "Name", "Surname", "Employee ID"), KindMatch)
    asset_list = ["Asset Tag", "Item Name", "Serial Number", "Model Name", "Category", "Status"]
    match = _match_headings(*asset_list, "Name", "Last Name", "Full Name", "Staff ID")
    assert not isinstance(match, KindMatch) or match.kind.id != "hr.staff"


def test_a_staff_list_that_lacks_the_name_is_told_the_usual_heading() -> None:
    match = _match_headings("Employee ID", "Employee Number", "Notes")
    assert isinstance(match, NoMatch)
    assert match.fits == "Staff list, which also needs Last Name"


def test_only_the_best_heading_of_a_name_gets_the_usual_spelling() -> None:
    kind = CsvKind(id="a", title="A", stream="a.a", reader="r", first_of=("Last Name", "Surname"), any_of=("ID",))
    assert map_spellings(kind, names=("SURNAME", "id")) == {"SURNAME": "Surname", "id": "ID"}
    assert map_spellings(kind, names=("SURNAME", "last name", "ID")) == {"last name": "Last Name"}
