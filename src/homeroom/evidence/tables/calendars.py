"""School days and bells."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, D, T, Table, build_columns

CALENDAR_DAYS = Table(
    name="calendar_days",
    meaning="One day of the school calendar. Days that are not listed are not school days.",
    derived=False,
    key=("date", "org_key"),
    columns=build_columns(
        PUBLIC,
        ("date", D, "The day."),
        ("org_key", T, "The school, by name or id; empty for the whole district."),
        ("kind", T, "school, break, summer, staff or closed. Only school is a school day."),
        ("title", T, "What the day is called."),
        ("first_bell", T, "When the first class begins, as HH:MM in the district's zone; null where not known."),
        ("last_bell", T, "When the last class ends, likewise."),
    ),
)

BELL_WEEKS = Table(
    name="bell_weeks",
    meaning="One weekday of a school's usual week. It says when bells ring where there is school, never that there is.",
    derived=False,
    key=("org_key", "weekday"),
    columns=build_columns(
        PUBLIC,
        ("org_key", T, "The school, by name or id."),
        ("weekday", T, "mon, tue, wed, thu, fri, sat or sun."),
        ("kind", T, "school, break, summer, staff or closed, as of a day of the calendar."),
        ("first_bell", T, "When the first class begins, as HH:MM in the district's zone; null where not known."),
        ("last_bell", T, "When the last class ends, likewise."),
        ("title", T, "What that type of day is called."),
    ),
)
