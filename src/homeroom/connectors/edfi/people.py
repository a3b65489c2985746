"""Ed-Fi's people: staff with their assignments, students with their schools, and the sections of both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lxml import etree

from homeroom.connectors.edfi.elements import (
    build_section_key,
    get_descriptor_value,
    get_local_name,
    get_offering,
    get_person_id,
    get_school_id,
    get_text,
    join_key,
    parse_day,
    reject_without_id,
)
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import SSN
from homeroom.ingest.rows.record_builder import RecordBuilder

Elements = Sequence[etree._Element]
_EDORG = "EducationOrganizationReference/EducationOrganizationIdentity/EducationOrganizationId"
_ROLES: tuple[tuple[str, str], ...] = (
    ("teacher", r"(?i)^(teacher|art therapist|substitute teacher|instructional coordinator)"),
    (
        "administrator",
        r"(?i)principal|superintendent|\badministrat(or|ive)\b(?!.*support)|^(lea|school) (leader|administrator)",
    ),
    ("staff", r"(?i)support|aide|counselor|librar|nurse|staff|specialist|coordinator|other"),
)
"""The first pattern that matches a StaffClassification wins; any other is staff, as the interchange is of staff."""
_POSITIONS = {"teacher of record": ("teacher", True), "assistant teacher": ("teacher", False)}
_ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
)
_GRADES = {
    **{f"{ordinal} grade": f"{number:02}" for number, ordinal in enumerate(_ORDINALS, start=1)},
    **{"kindergarten": "KG", "preschool/prekindergarten": "PK", "prekindergarten": "PK", "preschool": "PR"},
    **{"transitional kindergarten": "TK", "infant/toddler": "IT", "early education": "PR", "grade 13": "13"},
    **{"postsecondary": "PS", "ungraded": "UG"},
}
"""Words of the grade level descriptor, in lower case, as codes of the Common Education Data Standards."""
_PRIVATE = {
    "Student": (
        "BirthData/BirthDate",
        "BirthData/BirthSex",
        "BirthData/BirthCity",
        "Citizenship/CitizenshipStatus",
        "Citizenship/Visa",
    ),
    "Staff": ("BirthDate", "Sex", "Race", "HispanicLatinoEthnicity", "Address", "Telephone", "AncestryEthnicOrigin"),
    "StaffEducationOrganizationEmploymentAssociation": ("AnnualWage", "HourlyWage"),
    "StudentTransportation": ("StudentBusDetails", "SpecialAccomodationRequirements"),
}
"""Paths that are counted and dropped on ingest, by element."""


def read_staff(elements: Elements, _root: Mapping[str, str]) -> Reading:
    """Read staff into `person_records`, assignments into `role_records`, sections they teach into `enrollments`.

    Employment is not read: the assignment has where somebody works, as what, from when and until when.
    """
    records = RecordBuilder()
    for element in elements:
        kind = get_local_name(element)
        _count_private_values(element, records)
        if kind == "Staff":
            _add_person(element, kind, records)
        elif kind == "StaffEducationOrganizationAssignmentAssociation":
            _add_assignment(element, records)
        elif kind == "StaffSectionAssociation":
            position = (get_descriptor_value(element, "ClassroomPosition") or "").lower()
            role, primary = _POSITIONS.get(position, ("teacher", None))
            _add_enrollment(element, "Staff", role=role, primary=primary, records=records)
    return records.build_reading("person_records", "role_records", "enrollments")


def read_students(elements: Elements, _root: Mapping[str, str]) -> Reading:
    """Read students into `person_records`, each with the role of a student at no school yet."""
    records = RecordBuilder()
    for element in elements:
        _count_private_values(element, records)
        key = _add_person(element, "Student", records)
        if key:
            records.put(
                "role_records",
                line=element.sourceline or 0,
                person_key=key,
                role="student",
                status="active",
                job="Student",
            )
    return records.build_reading("person_records", "role_records")


def read_enrollment(elements: Elements, _root: Mapping[str, str]) -> Reading:
    """Read school associations into `role_records` and section associations into `enrollments`.

    Bus rides are not stored. A file with bus rides covers only those who ride, so that nobody counts as gone because
    the file lacks them.
    """
    records, has_bus_rides = RecordBuilder(), False
    for element in elements:
        kind = get_local_name(element)
        _count_private_values(element, records)
        if kind == "StudentTransportation":
            has_bus_rides = True
        elif kind == "StudentSectionAssociation":
            _add_enrollment(element, "Student", role="student", primary=None, records=records)
        else:
            _add_school_role(element, records)
    read = records.build_reading("role_records", "enrollments")
    incomplete_reason = "holds who rides a bus, not everybody who is enrolled" if has_bus_rides else ""
    return replace(read, incomplete=incomplete_reason)


def _add_person(element: etree._Element, kind: str, records: RecordBuilder) -> str | None:
    key = get_text(element, f"{kind}UniqueId")
    if key is None or re.match(SSN, key):
        reject_without_id(element, f"{kind}UniqueId", records)
        return None
    codes = [
        (get_descriptor_value(code, f"{kind}IdentificationSystem") or "", get_text(code, "IdentificationCode") or "")
        for code in element.findall(f"{kind}IdentificationCode")
    ]
    secret = [
        id_code for id_code in codes if id_code[0].upper() in ("SSN", "SOCIAL SECURITY") or re.match(SSN, id_code[1])
    ]
    records.count_dropped("IdentificationCode", count=len(secret))
    records.put(
        "person_records",
        line=element.sourceline or 0,
        key=key,
        status="active",
        given_name=get_text(element, "Name/FirstName"),
        middle_name=get_text(element, "Name/MiddleName"),
        family_name=get_text(element, "Name/LastSurname"),
        preferred_name=get_text(element, "Name/PreferredFirstName"),
        username=(get_text(element, "LoginId") or "").lower() or None,
        email=_find_email(element),
        identifier=key,
        other_ids=[f"{system}:{number}" for system, number in codes if number and (system, number) not in secret],
    )
    return key


def _find_email(element: etree._Element) -> str | None:
    """Return the address at work or school; home addresses are never read."""
    for mail in element.findall("ElectronicMail"):
        if "home" not in (get_descriptor_value(mail, "ElectronicMailType") or "").lower():
            address = (get_text(mail, "ElectronicMailAddress") or "").lower()
            return address if re.fullmatch(r"[^@\s]+@[^@\s]+", address) else None
    return None


def _add_assignment(element: etree._Element, records: RecordBuilder) -> None:
    key = get_person_id(element, "Staff")
    if key is None:
        reject_without_id(element, "StaffUniqueId", records)
        return
    classification = get_descriptor_value(element, "StaffClassification") or ""
    role = next((role for role, pattern in _ROLES if re.search(pattern, classification)), "staff")
    records.put(
        "role_records",
        line=element.sourceline or 0,
        person_key=key,
        role=role,
        org_key=get_text(element, _EDORG),
        begin_date=parse_day(element, "BeginDate", records=records),
        end_date=parse_day(element, "EndDate", records=records),
        status="active",
        job=get_text(element, "PositionTitle") or classification or None,
    )


def _add_school_role(element: etree._Element, records: RecordBuilder) -> None:
    key = get_person_id(element, "Student")
    if key is None:
        reject_without_id(element, "StudentUniqueId", records)
        return
    primary = get_text(element, "PrimarySchool")
    records.put(
        "role_records",
        line=element.sourceline or 0,
        person_key=key,
        role="student",
        org_key=get_school_id(element),
        primary={"true": True, "1": True, "false": False, "0": False}.get(primary or ""),
        begin_date=parse_day(element, "EntryDate", records=records),
        end_date=parse_day(element, "ExitWithdrawDate", records=records),
        status="active",
        job="Student",
        grade=_GRADES.get((get_descriptor_value(element, "EntryGradeLevel") or "").lower()),
    )


def _add_enrollment(
    element: etree._Element, kind: str, *, role: str, primary: bool | None, records: RecordBuilder
) -> None:
    person, identity = get_person_id(element, kind), element.find("SectionReference/SectionIdentity")
    section = build_section_key(identity) if identity is not None else None
    key = join_key(person, section)
    if key is None or identity is None:
        reject_without_id(element, f"{kind}UniqueId or its section", records)
        return
    begin_date = parse_day(element, "BeginDate", records=records)
    records.put(
        "enrollments",
        line=element.sourceline or 0,
        key=f"{key}:{begin_date}" if begin_date else key,
        person_key=person,
        class_key=section,
        org_key=get_offering(identity)[0],
        role=role,
        begin_date=begin_date,
        end_date=parse_day(element, "EndDate", records=records),
        status="active",
        primary=primary,
    )


def _count_private_values(element: etree._Element, records: RecordBuilder) -> None:
    for path in _PRIVATE.get(get_local_name(element), ()):
        records.count_dropped(path.rpartition("/")[2], count=len(element.findall(path)))
