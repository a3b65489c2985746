"""Lines to the internet, as the district's own list has them."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, D, I, T, Table, build_columns

LINE_RECORDS = Table(
    name="line_records",
    meaning="A line of a school to the internet or to the district's own network.",
    derived=False,
    key=("key",),
    columns=build_columns(
        PUBLIC,
        ("key", T, "The list's own id: circuit number, else school and provider."),
        ("school_name", T, "The school."),
        ("provider", T, "Who provides the line."),
        ("megabits", I, "Megabits per second of the line; null where not said."),
        ("starts_on", D, "First day."),
        ("ends_on", D, "Last day; null where open."),
        ("note", T, "What somebody wrote about it."),
    ),
)
