"""Parts of Ed-Fi elements: values at paths, descriptor values, and the keys that identities make."""

from __future__ import annotations

import re
from datetime import date

from lxml import etree

from homeroom.ingest.rows.field_table import SSN
from homeroom.ingest.rows.record_builder import RecordBuilder, clean_text

_SCHOOL = "SchoolReference/SchoolIdentity/SchoolId"
_OFFERING = "CourseOfferingReference/CourseOfferingIdentity"
_SESSION = "SessionReference/SessionIdentity"


def get_local_name(element: etree._Element) -> str:
    """Return the element's local name."""
    return str(element.tag).rpartition("}")[2]


def get_text(element: etree._Element, path: str) -> str | None:
    """Return the text at a path, without surrounding spaces; None if there is none."""
    return clean_text(element.findtext(path))


def get_descriptor_value(element: etree._Element, path: str) -> str | None:
    """Return a descriptor's value: the text after the # of `uri://ed-fi.org/TermDescriptor#Fall Semester`."""
    descriptor = get_text(element, path)
    return clean_text(descriptor.rpartition("#")[2]) if descriptor else None


def parse_day(element: etree._Element, path: str, *, records: RecordBuilder) -> date | None:
    """Parse the day at a path; reject text that is not a date, but not its row."""
    raw_day = get_text(element, path)
    if raw_day is None:
        return None
    try:
        return date.fromisoformat(raw_day[:10])
    except ValueError:
        reason = "not a date; 2026-05-01 fits"
        line = element.sourceline or 0
        records.reject(line=line, field=path.rpartition("/")[2], value=raw_day, reason=reason, row_lost=False)
        return None


def join_key(*parts: str | None) -> str | None:
    """Join several parts to one key; None if one of them is missing."""
    return ":".join(part for part in parts if part) if all(parts) else None


def get_school_id(element: etree._Element) -> str | None:
    """Return the id of the school that an element names."""
    return get_text(element, _SCHOOL)


def get_person_id(element: etree._Element, kind: str) -> str | None:
    """Return the unique id of the Staff or Student that an association names.

    None where it looks like a Social Security number.
    """
    person_id = get_text(element, f"{kind}Reference/{kind}Identity/{kind}UniqueId")
    return None if person_id and re.match(SSN, person_id) else person_id


def build_session_key(element: etree._Element) -> str | None:
    """Build the key of the session that a section's or offering's identity names: school, year and name."""
    session = element.find(_SESSION)
    return (
        join_key(get_school_id(session), get_text(session, "SchoolYear"), get_text(session, "SessionName"))
        if session is not None
        else None
    )


def build_section_key(identity: etree._Element) -> str | None:
    """Build the key of a section, from the section itself or its identity: all parts of its natural key."""
    offering = identity.find(_OFFERING)
    if offering is None:
        return None
    return join_key(
        build_session_key(offering), get_text(offering, "LocalCourseCode"), get_text(identity, "SectionIdentifier")
    )


def get_offering(section: etree._Element) -> tuple[str | None, str | None, str | None]:
    """Return the school, local course code and session of a section's offering."""
    offering = section.find(_OFFERING)
    if offering is None:
        return None, None, None
    return get_school_id(offering), get_text(offering, "LocalCourseCode"), build_session_key(offering)


def reject_without_id(element: etree._Element, field: str, records: RecordBuilder) -> None:
    """Reject an element that has no id; `field` is the one that it lacks."""
    reason = "no id of its own, so it cannot be told from others"
    records.reject(line=element.sourceline or 0, field=field, value=None, reason=reason, row_lost=True)
