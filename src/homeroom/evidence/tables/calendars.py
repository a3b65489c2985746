"""School days, bells and their periods, and the days of tests."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, B, D, I, T, Table, build_columns

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
        ("type", T, "The school's own name of that type of day, as in bell_periods, such as early-release or sbac."),
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
        ("type", T, "The school's own name of that type of day, as in bell_periods."),
    ),
)

BELL_PERIODS = Table(
    name="bell_periods",
    meaning="One stretch of a type of day at a school, from one line of its bells to the next: a class, or no class.",
    derived=False,
    key=("org_key", "type", "starts"),
    columns=build_columns(
        PUBLIC,
        ("org_key", T, "The school, by name or id, as in calendar_days and bell_weeks; empty for the whole district."),
        ("type", T, "The school's own name of the type of day."),
        ("starts", T, "When it begins, as HH:MM in the district's zone."),
        ("ends", T, "When it ends, likewise: when the next one begins."),
        ("name", T, "Its name, such as Period 1 or Lunch; null where it has none."),
        ("is_class", B, "Whether it is class by its name: not lunch, passing, a break, or a stretch without a name."),
    ),
)

CALENDAR_EVENTS = Table(
    name="calendar_events",
    meaning="Days on which a school's devices and systems are to be left alone, by the words of a calendar's event.",
    derived=False,
    key=("org_key", "first", "last", "kind", "title"),
    columns=build_columns(
        PUBLIC,
        ("org_key", T, "The school, by name or id; empty for the whole district."),
        ("first", D, "The first day."),
        ("last", D, "The last day."),
        ("title", T, "What the event is called."),
        ("kind", T, "testing: a test, or final exams; freeze: no changes of systems."),
        ("line", I, "The line of the calendar's file that the event begins on."),
    ),
)
