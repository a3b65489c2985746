"""Classify the words of a calendar event: the table by which a school calendar is read, in English and Spanish."""

from __future__ import annotations

import re

FIRST, LAST, SCHOOL, EARLY = "first", "last", "school", "early"
BREAK, STAFF, CLOSED, NOTHING = "break", "staff", "closed", "nothing"
_SOME = (
    r"(pre-?k\b|pre-?school|kindergarten|tk\b|grades? |elementary|middle|high "
    r"school|(9|1[0-2])th|seniors?\b|juniors?\b)"
)
_OF_SCHOOL = (
    r"(student )?day (of|for) (the )?(20\d\d ?[-–/] ?(20)?\d\d )?(all "
    r")?(school|class(es)?|instruction|students)(?! break)"
)
_NO_OTHER = r"(?<!summer )(?<!summer school )(?<!pre )(?<!pre-)(?<!night )(?<!saturday )\b"
"""Guard before the words for a school that begins or ends: not the summer school, nor the preschool."""
_OF_PEOPLE = r"day\W+((of|for)\W+)?(all\W+)?((staff|teachers?|faculty|employees)\W+(and\W+)?)?students?\b"
"""The rest of `Last Day Staff & Students` and `First Day for Students`; not of staff alone."""

WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # The meaning, and the words for it. The first match wins, so that "Early release, staff meeting" is school.
    # A day without some of the students is a day with the others.
    (NOTHING, (rf"no (school|class(es)?)( for|:| [-–(])? ?(the )?{_SOME}", rf"^{_SOME}[^,;]*\bno "
                                                                           rf"(school|class(es)?)\b")),
    (
        CLOSED,
        (
            r"no (school|class(es)?|students?)\b",
            r"(schools?|district|offices?) (are |is )?closed",
            r"non[- ](student|instructional|attendance) day",
            r"(student|pupil)s?[- ]free day",
            r"(students?|school) not in session",
            r"(student|school) holiday",
            r"(no (hay|habr[aá])|sin) (clases|escuela)",
            r"(escuelas?|distrito) cerrad[ao]s?",
        ),
    ),
    (
        FIRST,
        (
            rf"(first|1st) {_OF_SCHOOL}(?! after)",
            rf"(first|1st) {_OF_PEOPLE}(?! after)",
            r"(first|1st) student day|students?'? (first|1st) day",
            rf"{_NO_OTHER}(school|classes|school year) (begins?|starts?|opens?)(?! (at|late|early))",
            r"primer d[ií]a de (clases|escuela)",
            r"(inicio|comienzo) de (clases|curso)",
        ),
    ),
    (
        LAST,
        (
            rf"(last|final) {_OF_SCHOOL}(?! before)",
            rf"(last|final) {_OF_PEOPLE}(?! before)",
            r"(last|final) student day|students?'? (last|final) day",
            rf"{_NO_OTHER}(school|classes|school year) ends?(?! (at|late|early))",
            r"[uú]ltimo d[ií]a de (clases|escuela)",
            r"fin de (clases|curso)",
        ),
    ),
    (
        EARLY,
        (
            r"early (release|dismissal|out|closure)",
            r"(minimum|half|shortened) day",
            r"salida temprana",
            r"(medio|media) d[ií]a",
        ),
    ),
    (
        SCHOOL,
        (
            r"resumes?\b",
            r"(students|school) returns?\b",
            r"back to school",
            r"se reanudan",
            r"regreso a clases",
            r"(late|delayed) (start|opening|arrival)|hour delay",
            r"\b(before|after) .*(break|recess|vacation|holidays?)\b",
        ),
    ),
    (
        NOTHING,
        (
            r"\b(concert|musical|shop|bazaar|market|part(y|ies)|luncheon|potluck|tournament|camp)\b",
            r"\b(registration|sign-?ups?|deadline|packet|homework)\b",
        ),
    ),
    (STAFF, (
        r"professional (development|learning|day)",
        r"\bpd day",
        r"(teacher|staff) (work ?day|development|service|planning|institute|training|in-?service|day)",
        r"\bwork ?day",
        r"in-?service",
        r"desarrollo profesional",
        r"d[ií]a de (planificaci[oó]n|maestros)",
    )),
    (BREAK, (r"\bbreak\b", r"\brecess\b", r"\bvacations?\b", r"vacaciones", r"receso")),
    (
        CLOSED,
        (
            r"\bholidays?\b",
            r"\b(labor|memorial|independence|thanksgiving|christmas|new year'?s) day\b",
            r"martin luther king|\bmlk\b|juneteenth",
            r"d[ií]a (feriado|festivo)|feriado",
        ),
    ),
)  # fmt: skip
_COMPILED = tuple((meaning, re.compile("|".join(words), re.IGNORECASE)) for meaning, words in WORDS)
_TIME = re.compile(r"\b(\d{1,2})(?::(\d{2}))? ?([ap])\.?\s?m\b", re.IGNORECASE)
_SCHOOL_NAME = re.compile(
    r"\b(elementary|middle|high|junior|intermediate|primary|academy|escuela|kindergarten)\b", re.IGNORECASE
)
_DISTRICT_NAME = re.compile(r"\b(district|unified|isd|usd|schools|distrito|county)\b", re.IGNORECASE)
_CALENDAR = re.compile(r"\b(calendar|calendario|events?)\b|\b20\d\d\s*[-/\u2013]\s*(20)?\d\d\b", re.IGNORECASE)


def classify_event(summary: str) -> str | None:
    """Classify an event's days by its words; None if they are not about school."""
    words = summary.replace("\u2019", "'")
    return next((meaning for meaning, pattern in _COMPILED if pattern.search(words)), None)


def find_dismissal(text: str) -> str | None:
    """Find the time of day, HH:MM, of an early release; None if the text has none or several."""
    times = {
        (int(hour) % 12 + 12 * (am_pm.lower() == "p"), int(minute or 0)) for hour, minute, am_pm in _TIME.findall(text)
    }
    if len(times) != 1:
        return None
    ((hour, minute),) = times
    return f"{hour:02}:{minute:02}" if minute < 60 and 10 <= hour < 18 else None


def find_school(name: str) -> str:
    """Find the school that a calendar's own name names; empty text for a calendar of the district."""
    if not _SCHOOL_NAME.search(name) or _DISTRICT_NAME.search(name):
        return ""
    return " ".join(_CALENDAR.sub(" ", name).split()).strip(" -\u2013:")
