"""Ed-Fi's people: staff with their assignments, pupils with their schools, and the sections that both are in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from homeroom.connectors.edfi.elements import (
    at,
    day,
    joined,
    name_of,
    offering_of,
    person_of,
    school_of,
    section_of,
    without,
    word,
)
from homeroom.ingest.connector import Reading
from homeroom.ingest.records import Records
from homeroom.ingest.rows import SSN

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
"""The first that fits a StaffClassification wins; any other is staff, since the interchange is of staff."""
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
    "Student": ("BirthData/BirthDate", "BirthData/BirthSex", "BirthData/BirthCity", "Citizenship/CitizenshipStatus", "Citizenship/Visa"),
    "Staff": ("BirthDate", "Sex", "Race", "HispanicLatinoEthnicity", "Address", "Telephone", "AncestryEthnicOrigin"),
    "StaffEducationOrganizationEmploymentAssociation": ("AnnualWage", "HourlyWage"),
    "StudentTransportation": ("StudentBusDetails", "SpecialAccomodationRequirements"),
}  # fmt: skip
"""What is counted and left at the door, by element."""


def staff(elements: Elements, _root: Mapping[str, str]) -> Reading:
    """Staff into `person_records`, assignments into `role_records`, sections that they teach into `enrollments`.

    Employment is not read: the assignment says where somebody works, as what, from when and until when.
    """
    records = Records()
    for element in elements:
        kind = name_of(element)
        _leave(element, records)
        if kind == "Staff":
            _person(element, kind, records)
        elif kind == "StaffEducationOrganizationAssignmentAssociation":
            _assignment(element, records)
        elif kind == "StaffSectionAssociation":
            position = (word(element, "ClassroomPosition") or "").lower()
            role, primary = _POSITIONS.get(position, ("teacher", None))
            _enrolled(element, "Staff", role=role, primary=primary, records=records)
    return records.reading("person_records", "role_records", "enrollments")


def students(elements: Elements, _root: Mapping[str, str]) -> Reading:
    """Students into `person_records`, each with the role of a student at no school yet."""
    records = Records()
    for element in elements:
        _leave(element, records)
        key = _person(element, "Student", records)
        if key:
            records.put(
                "role_records",
                line=element.sourceline or 0,
                person_key=key,
                role="student",
                status="active",
                job="Student",
            )
    return records.reading("person_records", "role_records")


def enrollment(elements: Elements, _root: Mapping[str, str]) -> Reading:
    """School associations into `role_records` and section associations into `enrollments`. Of bus rides nothing is kept.

    A file with bus rides speaks of those who ride: nobody is gone because it lacks them.
    """
    records, rides = Records(), False
    for element in elements:
        kind = name_of(element)
        _leave(element, records)
        if kind == "StudentTransportation":
            rides = True
        elif kind == "StudentSectionAssociation":
            _enrolled(element, "Student", role="student", primary=None, records=records)
        else:
            _at_school(element, records)
    read = records.reading("role_records", "enrollments")
    told = "holds who rides a bus, not everybody who is enrolled" if rides else ""
    return Reading(tables=read.tables, rejects=read.rejects, dropped=read.dropped, incomplete=told)


def _person(element: etree._Element, kind: str, records: Records) -> str | None:
    key = at(element, f"{kind}UniqueId")
    if key is None or re.match(SSN, key):
        without(element, f"{kind}UniqueId", records)
        return None
    codes = [
        (word(code, f"{kind}IdentificationSystem") or "", at(code, "IdentificationCode") or "")
        for code in element.findall(f"{kind}IdentificationCode")
    ]
    secret = [one for one in codes if one[0].upper() in ("SSN", "SOCIAL SECURITY") or re.match(SSN, one[1])]
    records.left("IdentificationCode", count=len(secret))
    records.put(
        "person_records",
        line=element.sourceline or 0,
        key=key,
        status="active",
        given_name=at(element, "Name/FirstName"),
        middle_name=at(element, "Name/MiddleName"),
        family_name=at(element, "Name/LastSurname"),
        preferred_name=at(element, "Name/PreferredFirstName"),
        username=(at(element, "LoginId") or "").lower() or None,
        email=_address(element),
        identifier=key,
        other_ids=[f"{system}:{number}" for system, number in codes if number and (system, number) not in secret],
    )
    return key


def _address(element: etree._Element) -> str | None:
    """The address at work or school; of a home address nothing is kept."""
    for mail in element.findall("ElectronicMail"):
        if "home" not in (word(mail, "ElectronicMailType") or "").lower():
            found = (at(mail, "ElectronicMailAddress") or "").lower()
            return found if re.fullmatch(r"[^@\s]+@[^@\s]+", found) else None
    return None


def _assignment(element: etree._Element, records: Records) -> None:
    key = person_of(element, "Staff")
    if key is None:
        without(element, "StaffUniqueId", records)
        return
    classified = word(element, "StaffClassification") or ""
    role = next((role for role, pattern in _ROLES if re.search(pattern, classified)), "staff")
    records.put(
        "role_records",
        line=element.sourceline or 0,
        person_key=key,
        role=role,
        org_key=at(element, _EDORG),
        begin_date=day(element, "BeginDate", records=records),
        end_date=day(element, "EndDate", records=records),
        status="active",
        job=at(element, "PositionTitle") or classified or None,
    )


def _at_school(element: etree._Element, records: Records) -> None:
    key = person_of(element, "Student")
    if key is None:
        without(element, "StudentUniqueId", records)
        return
    primary = at(element, "PrimarySchool")
    records.put(
        "role_records",
        line=element.sourceline or 0,
        person_key=key,
        role="student",
        org_key=school_of(element),
        primary={"true": True, "1": True, "false": False, "0": False}.get(primary or ""),
        begin_date=day(element, "EntryDate", records=records),
        end_date=day(element, "ExitWithdrawDate", records=records),
        status="active",
        job="Student",
        grade=_GRADES.get((word(element, "EntryGradeLevel") or "").lower()),
    )


def _enrolled(element: etree._Element, kind: str, *, role: str, primary: bool | None, records: Records) -> None:
    person, identity = person_of(element, kind), element.find("SectionReference/SectionIdentity")
    section = section_of(identity) if identity is not None else None
    key = joined(person, section)
    if key is None or identity is None:
        without(element, f"{kind}UniqueId or its section", records)
        return
    begins = day(element, "BeginDate", records=records)
    records.put(
        "enrollments",
        line=element.sourceline or 0,
        key=f"{key}:{begins}" if begins else key,
        person_key=person,
        class_key=section,
        org_key=offering_of(identity)[0],
        role=role,
        begin_date=begins,
        end_date=day(element, "EndDate", records=records),
        status="active",
        primary=primary,
    )


def _leave(element: etree._Element, records: Records) -> None:
    for path in _PRIVATE.get(name_of(element), ()):
        records.left(path.rpartition("/")[2], count=len(element.findall(path)))
