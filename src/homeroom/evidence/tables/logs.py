"""Derived evidence of logs: for each kind that detection rules are about, whether it comes."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, B, D, I, L, T, Table, build_columns

MADE_BY = "detect"

LOGS = Table(
    name="logs",
    meaning="A kind of log that detection rules are about: whether it came lately, and what it would open.",
    derived=True,
    engine=MADE_BY,
    key=("id",),
    resource_kind="log",
    label="title",
    columns=build_columns(
        PUBLIC,
        ("id", I, "The kind of log, the same number in every district."),
        ("kind", T, "The kind by its id in log-kinds.yaml."),
        ("title", T, "What the log has."),
        ("product", T, "google, microsoft or windows."),
        (
            "here",
            B,
            "True where anything of the product was loaded, or domain controllers are known; null where nothing was.",
        ),
        (
            "read",
            B,
            "Whether it, or a log that says the same, came in the last seven days. Of canaries whether one is planted; "
            "null where an account of their list is in no directory.",
        ),
        ("stopped", B, "Whether it came on most days before, and not in the last seven days."),
        ("ready", B, "Whether the logs come that have to come before it."),
        ("last_day", D, "Day of its newest event; null where none is stored."),
        ("rules", I, "How many detection rules see nothing without it and would see with it."),
        ("minutes", I, "Minutes of work to have it, with the logs that have to come before it."),
        ("first", L, "The logs that have to come before it and do not come."),
        ("servers_silent", I, "How many domain controllers sent none of it in seven days; null where none is known."),
        ("silent_servers", L, "Those domain controllers; null where none is known."),
    ),
)
