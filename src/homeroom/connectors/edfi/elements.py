"""The parts of Ed-Fi elements: values at paths, words of descriptors, and the keys that identities make."""

from __future__ import annotations

import re
from datetime import date

from lxml import etree

from homeroom.ingest.records import Records, text
from homeroom.ingest.rows import SSN

_SCHOOL = "SchoolReference/SchoolIdentity/SchoolId"
_OFFERING = "CourseOfferingReference/CourseOfferingIdentity"
_SESSION = "SessionReference/SessionIdentity"


def name_of(element: etree._Element) -> str:
    """The element's local name."""
    return str(element.tag).rpartition("}")[2]


def at(element: etree._Element, path: str) -> str | None:
    """The text at a path, without blanks around it; null where there is none."""
    return text(element.findtext(path))


def word(element: etree._Element, path: str) -> str | None:
    """The word of a descriptor: what stands after the # of `uri://ed-fi.org/TermDescriptor#Fall Semester`."""
    found = at(element, path)
    return text(found.rpartition("#")[2]) if found else None


def day(element: etree._Element, path: str, *, records: Records) -> date | None:
    """The day at a path; a text that is none is rejected, its row kept."""
    found = at(element, path)
    if found is None:
        return None
    try:
        return date.fromisoformat(found[:10])
    except ValueError:
        reason = "not a date; 2026-05-01 fits"
        line = element.sourceline or 0
        records.reject(line=line, field=path.rpartition("/")[2], value=found, reason=reason, row_lost=False)
        return None


def joined(*parts: str | None) -> str | None:
    """One key of several parts; null where one of them is missing."""
    return ":".join(part for part in parts if part) if all(parts) else None


def school_of(element: etree._Element) -> str | None:
    """The school that an element names."""
    return at(element, _SCHOOL)


def person_of(element: etree._Element, kind: str) -> str | None:
    """The unique id of the Staff or Student that an association names; none where it looks like a Social Security number."""
    found = at(element, f"{kind}Reference/{kind}Identity/{kind}UniqueId")
    return None if found and re.match(SSN, found) else found


def session_of(element: etree._Element) -> str | None:
    """The key of the session that a section's or offering's identity names: school, year and name."""
    found = element.find(_SESSION)
    return joined(school_of(found), at(found, "SchoolYear"), at(found, "SessionName")) if found is not None else None


def section_of(identity: etree._Element) -> str | None:
    """The key of a section, from the section itself or from an identity of it: all parts of its natural key."""
    offering = identity.find(_OFFERING)
    if offering is None:
        return None
    return joined(session_of(offering), at(offering, "LocalCourseCode"), at(identity, "SectionIdentifier"))


def offering_of(section: etree._Element) -> tuple[str | None, str | None, str | None]:
    """The school, local course code and session of a section's offering."""
    offering = section.find(_OFFERING)
    if offering is None:
        return None, None, None
    return school_of(offering), at(offering, "LocalCourseCode"), session_of(offering)


def without(element: etree._Element, field: str, records: Records) -> None:
    """Rejects an element that has nothing to be known by; `field` is what it lacks."""
    reason = "no id of its own, so it cannot be told from others"
    records.reject(line=element.sourceline or 0, field=field, value=None, reason=reason, row_lost=True)
