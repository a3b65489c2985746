"""Phishing drills: the events that tools have of them, what each person did, and the counts that remain."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import INDIVIDUAL, PUBLIC, B, D, I, L, S, T, Table, build_columns

DRILL_EVENTS = Table(
    name="drill_events",
    meaning="One event of a phishing drill as a tool has it: a mail sent, delivered, opened, clicked, posted or "
    "reported. What was typed into a form is dropped as it is read, and counted.",
    derived=False,
    key=("key", "at"),
    events=True,
    retention_days=90,
    expires_with="drill",
    columns=build_columns(
        INDIVIDUAL,
        ("key", T, "The tool and its own id of the event, such as gophish/42/x7Kq2/clicked/1; no other tool has it."),
        ("drill", T, "The tool's id of the drill, which is one sending of one lure.", PUBLIC),
        ("drill_name", T, "Name of the drill, as the tool shows it.", PUBLIC),
        ("lure", T, "Name of the lure: the template of its mail; null where the tool does not say.", PUBLIC),
        ("event", T, "sent, delivered, bounced, opened, clicked, posted, reported or replied.", PUBLIC),
        ("email", T, "Address that the mail was sent to, in lower case."),
        ("at", S, "When it happened."),
        ("ip", T, "Network address it came from, without a port."),
        ("agent", T, "The program that asked, as it names itself (user agent)."),
        ("link", T, "main or hidden, where the log says which link was asked for.", PUBLIC),
        ("method", T, "Method of the request, such as GET or HEAD, where the log says.", PUBLIC),
        ("script", B, "Whether the page's script ran; null where the log does not say.", PUBLIC),
        ("first_only", B, "The tool has the first time of this event alone.", PUBLIC),
        ("sent_on", D, "Day on which the drill began, where the tool says.", PUBLIC),
    ),
)

DRILL_RESULTS = Table(
    name="drill_results",
    meaning="What a person did in a drill, by its judged events. Stored for two years after the drill's end.",
    derived=True,
    key=("key",),
    columns=build_columns(
        INDIVIDUAL,
        ("key", T, "The drill's key and the person, or a number where the mail's address is of nobody here."),
        ("person", I, "The person, from the identity ledger; null where the address is of nobody here."),
        ("drill", T, "Key of the drill in drills.", PUBLIC),
        ("drill_name", T, "Name of the drill.", PUBLIC),
        ("lure", T, "Name of the lure; null where the tool does not say.", PUBLIC),
        ("sent_on", D, "Day on which the drill began.", PUBLIC),
        ("delivered", B, "No mail to the person bounced."),
        ("missed", B, "An own click or post; null where it cannot be known. Opens never count."),
        ("delivered_at", S, "When the mail was delivered, else sent; the first of several."),
        ("reported_at", S, "When the person first reported it; null where never."),
        ("rules", L, "The rules that took events of this person away, or left them open."),
        ("connector", T, "Connector name of the tool.", PUBLIC),
        ("ended_on", D, "Day on which the drill ended.", PUBLIC),
        ("clicked", B, "Any click or post by the log, whoever made it."),
    ),
)

DRILLS = Table(
    name="drills",
    meaning="One drill with its counts of people, which are stored for good.",
    derived=True,
    key=("key",),
    label="name",
    engine="awareness",
    columns=build_columns(
        PUBLIC,
        ("key", T, "The drill: 16 hex digits of its source and the tool's id."),
        ("drill", T, "The tool's id of the drill."),
        ("name", T, "Name of the drill."),
        ("lure", T, "Name of the lure; null where the tool does not say."),
        ("connector", T, "Connector name of the tool."),
        ("sent_on", D, "Day on which the drill began."),
        ("people", I, "People who were written to."),
        ("delivered", I, "People whose mail did not bounce."),
        ("raw", I, "Of those delivered, people with any click or post by the log."),
        ("own", I, "Of those delivered, people with an own click or post."),
        ("cannot_tell", I, "Of those delivered, people of whom it cannot be known."),
        ("reported", I, "Of those delivered, people who reported it."),
        ("first_minutes", I, "Minutes from a person's delivery to the fastest report, rounded."),
        ("median_minutes", I, "Minutes from delivery to report in the middle of all reports, rounded."),
        ("removed_events", I, "Opens, clicks and posts of machines and other people."),
        ("removed_by_rule", L, "Removed events of each rule, as rule=count."),
        ("instance", T, "Source instance of the tool."),
        ("ended_on", D, "Day of its last event, at most 30 days after its last mail."),
    ),
)
