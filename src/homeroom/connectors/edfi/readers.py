"""Ed-Fi elements into canonical rows.

Source of the elements: Ed-Fi Data Standard 5.2, bulk XML interchanges, and its sample files (Grand Bend ISD). Data that
other files hold is not joined here: a student's school is in the enrollment interchange, under the same unique id.
Birth dates, sex, race, wages, addresses, telephones and bus rides are counted and dropped on ingest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from homeroom.connectors.edfi.elements import (
    build_section_key,
    get_descriptor_value,
    get_local_name,
    get_offering,
    get_school_id,
    get_text,
    join_key,
    parse_day,
    reject_without_id,
)
from homeroom.connectors.edfi.people import read_enrollment as read_enrollment
from homeroom.connectors.edfi.people import read_staff as read_staff
from homeroom.connectors.edfi.people import read_students as read_students
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import RecordBuilder

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
"""The element that holds each kind of organization's id, and its kind."""
_ABOVE = (
    "LocalEducationAgencyReference", "EducationServiceCenterReference", "StateEducationAgencyReference",
    "CommunityOrganizationReference", "ParentEducationOrganizationReference",
)  # fmt: skip
_EDORG = "EducationOrganizationReference/EducationOrganizationIdentity/EducationOrganizationId"
_TERMS: tuple[tuple[str, str], ...] = (("semester", r"(?i)semester"), ("schoolYear", r"(?i)year"))


def read_organizations(elements: Elements, _root: Mapping[str, str]) -> Reading:
    """Read organizations into `orgs` and courses into `courses`.

    A parent is found where the file has it earlier, or where the reference names it.
    """
    records = RecordBuilder()
    keys_by_id = {element.get("id", ""): _get_org_key(element) for element in elements if element.get("id")}
    for element in elements:
        if get_local_name(element) == "Course":
            _add_course(element, records)
            continue
        key = _get_org_key(element)
        if key is None:
            reject_without_id(element, _ORG_IDS[get_local_name(element)][0], records)
            continue
        records.put(
            "orgs",
            line=element.sourceline or 0,
            key=key,
            name=get_text(element, "NameOfInstitution"),
            kind=_ORG_IDS[get_local_name(element)][1],
            identifier=get_text(element, "EducationOrganizationIdentificationCode/IdentificationCode"),
            parent_key=_find_parent(element, keys_by_id),
            status="active",
        )
    return records.build_reading("orgs", "courses")


def read_calendar(elements: Elements, _root: Mapping[str, str]) -> Reading:
    """Read sessions and grading periods into `academic_sessions`; calendar days are not stored."""
    records = RecordBuilder()
    for element in elements:
        is_grading_period = get_local_name(element) == "GradingPeriod"
        title = get_text(element, "GradingPeriodName" if is_grading_period else "SessionName") or get_descriptor_value(
            element, "GradingPeriod"
        )
        key = join_key(get_school_id(element), get_text(element, "SchoolYear"), title)
        if key is None:
            reject_without_id(element, "SchoolId, SchoolYear or name", records)
            continue
        term = get_descriptor_value(element, "Term") or ""
        kind = next((kind for kind, pattern in _TERMS if re.search(pattern, term)), "term")
        records.put(
            "academic_sessions",
            line=element.sourceline or 0,
            key=key,
            title=title,
            kind="gradingPeriod" if is_grading_period else kind,
            begin_date=parse_day(element, "BeginDate", records=records),
            end_date=parse_day(element, "EndDate", records=records),
            school_year=(get_text(element, "SchoolYear") or "")[-4:],
            org_key=get_school_id(element),
            status="active",
        )
    return records.build_reading("academic_sessions")


def read_schedule(elements: Elements, _root: Mapping[str, str]) -> Reading:
    """Read course offerings into `courses`, one per school and local code, and sections into `classes`."""
    records = RecordBuilder()
    for element in elements:
        if get_local_name(element) == "Section":
            _add_section(element, records)
            continue
        school, code = get_school_id(element), get_text(element, "LocalCourseCode")
        key = join_key(school, code)
        if key is None:
            reject_without_id(element, "LocalCourseCode or SchoolId", records)
            continue
        course_code = get_text(element, "CourseReference/CourseIdentity/CourseCode") or code
        records.put(
            "courses",
            line=element.sourceline or 0,
            key=key,
            title=get_text(element, "LocalCourseTitle"),
            code=course_code,
            org_key=school,
            status="active",
        )
    return records.build_reading("courses", "classes")


def _get_org_key(element: etree._Element) -> str | None:
    return get_text(element, _ORG_IDS[get_local_name(element)][0]) if get_local_name(element) in _ORG_IDS else None


def _find_parent(element: etree._Element, keys_by_id: Mapping[str, str | None]) -> str | None:
    for name in _ABOVE:
        reference = element.find(name)
        if reference is not None:
            ids = [part.text for part in reference.iter() if isinstance(part.tag, str) and part.tag.endswith("Id")]
            return keys_by_id.get(reference.get("ref", "")) or (ids[0] if ids else None)
    return None


def _add_course(element: etree._Element, records: RecordBuilder) -> None:
    org, code = get_text(element, _EDORG), get_text(element, "CourseCode")
    key = join_key(org, code)
    if key is None:
        reject_without_id(element, "CourseCode or EducationOrganizationId", records)
        return
    subject = get_descriptor_value(element, "AcademicSubject")
    records.put(
        "courses",
        line=element.sourceline or 0,
        key=key,
        title=get_text(element, "CourseTitle"),
        code=code,
        org_key=org,
        subjects=[subject] if subject else [],
        status="active",
    )


def _add_section(element: etree._Element, records: RecordBuilder) -> None:
    key = build_section_key(element)
    if key is None:
        reject_without_id(element, "SectionIdentifier or its offering", records)
        return
    school, code, session = get_offering(element)
    periods = [part.text for part in element.findall("ClassPeriodReference/ClassPeriodIdentity/ClassPeriodName")]
    records.put(
        "classes",
        line=element.sourceline or 0,
        key=key,
        title=get_text(element, "SectionName") or code,
        kind="scheduled",
        course_key=join_key(school, code),
        org_key=school,
        status="active",
        code=get_text(element, "SectionIdentifier"),
        term_keys=[session] if session else [],
        periods=[period for period in periods if period],
        location=get_text(element, "LocationReference/LocationIdentity/ClassroomIdentificationCode"),
    )
