"""Ed-Fi elements into canonical rows.

Source of the elements: Ed-Fi Data Standard 5.2, bulk XML interchanges, and its sample files (Grand Bend ISD). What stands
apart in other files is not joined here: a pupil's school is in the enrolment interchange, under the same unique id. Birth
dates, sex, race, wages, addresses, telephones and bus rides are counted and left at the door.
"""

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
    school_of,
    section_of,
    without,
    word,
)
from homeroom.connectors.edfi.people import enrollment as enrollment
from homeroom.connectors.edfi.people import staff as staff
from homeroom.connectors.edfi.people import students as students
from homeroom.ingest.connector import Reading
from homeroom.ingest.records import Records

Elements = Sequence[etree._Element]
_ORG_IDS: Mapping[str, tuple[str, str]] = {
    "StateEducationAgency": ("StateEducationAgencyId", "state"),
    "EducationServiceCenter": ("EducationServiceCenterId", "local"),
    "LocalEducationAgency": ("LocalEducationAgencyId", "district"),
    "School": ("SchoolId", "school"),
    "OrganizationDepartment": ("OrganizationDepartmentId", "department"),
    "CommunityOrganization": ("CommunityOrganizationId", "community organization"),
    "CommunityProvider": ("CommunityProviderId", "community provider"),
    "PostSecondaryInstitution": ("PostSecondaryInstitutionId", "post-secondary institution"),
    "EducationOrganizationNetwork": ("EducationOrganizationNetworkId", "network"),
}
"""The element that holds each kind of organisation's id, and its kind."""
_ABOVE = (
    "LocalEducationAgencyReference", "EducationServiceCenterReference", "StateEducationAgencyReference",
    "CommunityOrganizationReference", "ParentEducationOrganizationReference",
)  # fmt: skip
_EDORG = "EducationOrganizationReference/EducationOrganizationIdentity/EducationOrganizationId"
_TERMS: tuple[tuple[str, str], ...] = (("semester", r"(?i)semester"), ("schoolYear", r"(?i)year"))


def organizations(elements: Elements, _root: Mapping[str, str]) -> Reading:
    """Organisations into `orgs` and courses into `courses`. A parent is found where it stands before, or names itself."""
    records = Records()
    known = {element.get("id", ""): _org_key(element) for element in elements if element.get("id")}
    for element in elements:
        if name_of(element) == "Course":
            _course(element, records)
            continue
        key = _org_key(element)
        if key is None:
            without(element, _ORG_IDS[name_of(element)][0], records)
            continue
        records.put(
            "orgs",
            line=element.sourceline or 0,
            key=key,
            name=at(element, "NameOfInstitution"),
            kind=_ORG_IDS[name_of(element)][1],
            identifier=at(element, "EducationOrganizationIdentificationCode/IdentificationCode"),
            parent_key=_parent(element, known),
            status="active",
        )
    return records.reading("orgs", "courses")


def calendar(elements: Elements, _root: Mapping[str, str]) -> Reading:
    """Sessions and grading periods into `academic_sessions`; days of calendars are not kept."""
    records = Records()
    for element in elements:
        period = name_of(element) == "GradingPeriod"
        title = at(element, "GradingPeriodName" if period else "SessionName") or word(element, "GradingPeriod")
        key = joined(school_of(element), at(element, "SchoolYear"), title)
        if key is None:
            without(element, "SchoolId, SchoolYear or name", records)
            continue
        term = word(element, "Term") or ""
        kind = next((kind for kind, pattern in _TERMS if re.search(pattern, term)), "term")
        records.put(
            "academic_sessions",
            line=element.sourceline or 0,
            key=key,
            title=title,
            kind="gradingPeriod" if period else kind,
            begin_date=day(element, "BeginDate", records=records),
            end_date=day(element, "EndDate", records=records),
            school_year=(at(element, "SchoolYear") or "")[-4:],
            org_key=school_of(element),
            status="active",
        )
    return records.reading("academic_sessions")


def schedule(elements: Elements, _root: Mapping[str, str]) -> Reading:
    """Course offerings into `courses`, one a school and local code, and sections into `classes`."""
    records = Records()
    for element in elements:
        if name_of(element) == "Section":
            _section(element, records)
            continue
        school, code = school_of(element), at(element, "LocalCourseCode")
        key = joined(school, code)
        if key is None:
            without(element, "LocalCourseCode or SchoolId", records)
            continue
        official = at(element, "CourseReference/CourseIdentity/CourseCode") or code
        records.put(
            "courses", line=element.sourceline or 0, key=key, title=at(element, "LocalCourseTitle"), code=official,
            org_key=school, status="active",
        )  # fmt: skip
    return records.reading("courses", "classes")


def _org_key(element: etree._Element) -> str | None:
    return at(element, _ORG_IDS[name_of(element)][0]) if name_of(element) in _ORG_IDS else None


def _parent(element: etree._Element, known: Mapping[str, str | None]) -> str | None:
    for name in _ABOVE:
        above = element.find(name)
        if above is not None:
            ids = [part.text for part in above.iter() if isinstance(part.tag, str) and part.tag.endswith("Id")]
            return known.get(above.get("ref", "")) or (ids[0] if ids else None)
    return None


def _course(element: etree._Element, records: Records) -> None:
    org, code = at(element, _EDORG), at(element, "CourseCode")
    key = joined(org, code)
    if key is None:
        without(element, "CourseCode or EducationOrganizationId", records)
        return
    subject = word(element, "AcademicSubject")
    records.put(
        "courses", line=element.sourceline or 0, key=key, title=at(element, "CourseTitle"), code=code, org_key=org,
        subjects=[subject] if subject else [], status="active",
    )  # fmt: skip


def _section(element: etree._Element, records: Records) -> None:
    key = section_of(element)
    if key is None:
        without(element, "SectionIdentifier or its offering", records)
        return
    school, code, session = offering_of(element)
    periods = [part.text for part in element.findall("ClassPeriodReference/ClassPeriodIdentity/ClassPeriodName")]
    records.put(
        "classes",
        line=element.sourceline or 0,
        key=key,
        title=at(element, "SectionName") or code,
        kind="scheduled",
        course_key=joined(school, code),
        org_key=school,
        status="active",
        code=at(element, "SectionIdentifier"),
        term_keys=[session] if session else [],
        periods=[period for period in periods if period],
    )
