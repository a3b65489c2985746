"""Events of logs: entries of consoles' own logs, and events of Windows computers. Both are stored by day."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, STUDENT, I, S, T, Table, build_columns

AUDIT_EVENTS = Table(
    name="audit_events",
    meaning="One entry of a console's own log: a sign-in, a change by an administrator, a file shared, a token "
    "granted.",
    derived=False,
    key=("key",),
    events=True,
    retention_days=400,
    columns=build_columns(
        STUDENT,
        ("key", T, "The source's own id of the entry.", PUBLIC),
        ("at", S, "When it happened.", PUBLIC),
        ("log", T, "login, admin, drive, token, directory or the source's own word.", PUBLIC),
        ("event", T, "What happened, in the source's own word.", PUBLIC),
        ("outcome", T, "success, failure or null.", PUBLIC),
        ("actor_key", T, "Who did it, by the source's id."),
        ("actor_email", T, "Its address, in lower case."),
        ("address", T, "Network address it came from."),
        ("country", T, "Country, ISO 3166 alpha-2, where the source says.", PUBLIC),
        ("app", T, "The app used, by name.", PUBLIC),
        ("device_key", T, "The device, by the source's id.", PUBLIC),
        ("target", T, "Whom or what it was done to."),
        ("details", T, "The entry as the source wrote it, as JSON, without secrets."),
        ("asn", I, "Number of the network (autonomous system) that it came from.", PUBLIC),
        ("user_agent", T, "The program that asked, as it names itself.", PUBLIC),
        ("session", T, "The session or request that the entry belongs to, by the source's id.", PUBLIC),
        ("event_type", T, "The kind of event, in the source's own word.", PUBLIC),
    ),
)

HOST_EVENTS = Table(
    name="host_events",
    meaning="One event of a Windows computer's log.",
    derived=False,
    key=("key", "at"),
    events=True,
    retention_days=90,
    columns=build_columns(
        STUDENT,
        (
            "key",
            T,
            "Computer, channel and number of the record; the number begins again where a log was cleared.",
            PUBLIC,
        ),
        ("at", S, "When it happened.", PUBLIC),
        ("computer", T, "The computer, as the event names it.", PUBLIC),
        ("channel", T, "The log that it was written to.", PUBLIC),
        ("event_id", I, "Number of the kind of event.", PUBLIC),
        ("provider", T, "Who wrote it.", PUBLIC),
        ("level", I, "How serious its writer calls it, from 1 (critical) to 5.", PUBLIC),
        ("user", T, "The account that it is about, or that acted."),
        ("address", T, "Network address that it names."),
        ("details", T, "All of its values by name, as JSON, without secrets."),
    ),
)
