"""KnowBe4's recipients of phishing tests into drill events, and its training enrollments into training records.

Source: developer.knowbe4.com, Reporting API: recipients of a phishing security test (recipient_id, pst_id, user,
template, scheduled_at, delivered_at …), and enrollments (enrollment_id, content_type, module_name, user, status …). A
recipient has the first time of each kind of event alone, and one address and browser for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.drills.drill_events import DrillFile, parse_text
from homeroom.ingest.drills.drill_history import parse_first_day
from homeroom.ingest.drills.drill_readings import DrillNames, build_drill_reading
from homeroom.ingest.drills.knowbe4 import TIMES, read_recipient_rows
from homeroom.ingest.rows.field_table import (
    DATE,
    EMAIL,
    TEXT,
    Field,
    RawRows,
    build_rejects,
    concat_rejects,
    read_fields,
)

TEST = "test"
"""What the sync puts beside a recipient: the test that it is of."""
ENROLLMENTS = (
    Field(to="email", headings=("user.email",), form=EMAIL),
    Field(to="number", headings=("user.employee_number",)),
    Field(to="course", headings=("module_name",), form=TEXT),
    Field(to="_type", headings=("content_type",), form=TEXT),
    Field(to="assigned_on", headings=("enrollment_date",), form=DATE),
    Field(to="done_on", headings=("completion_date",), form=DATE),
    Field(to="status_word", headings=("status",), form=TEXT),
)


def read_recipients(recipients: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read recipients into `drill_events`; tests that a sync lists among them have no event.

    A recipient whose mail waits to be sent has none yet. The lure is the template that this recipient got: a test can
    have several.
    """
    file = DrillFile(file="")
    rows = [
        (row, recipient)
        for row, recipient in enumerate(recipients, start=first)
        if "recipient_id" in recipient and not _is_waiting(recipient)
    ]
    read_recipient_rows(rows, file)
    recipients_by_row = dict(rows)

    def describe(row: int, drill: str) -> DrillNames:
        recipient = recipients_by_row[row]
        test = recipient.get(TEST)
        test = test if isinstance(test, Mapping) else {}
        return DrillNames(
            drill=drill,
            name=parse_text(test.get("name")),
            lure=_get_template_name(recipient) or parse_text(test.get("template")),
            sent_on=parse_first_day(test.get("started_at")),
        )

    def build_key(row: int, event: str) -> str:
        recipient = recipients_by_row[row]
        return f"{recipient['pst_id']}/{recipient['recipient_id']}/{event}"

    return build_drill_reading(file, describe=describe, build_key=build_key)


def read_enrollments(frame: pl.DataFrame) -> Reading:
    """Read enrollments into `training_records`. KnowBe4 has no day by which one is due, only that it is past due."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=ENROLLMENTS)
    is_policy = pl.col("_type").str.contains("(?i)policy").fill_null(value=False)
    rows = read.with_columns(pl.when(is_policy).then(pl.lit("policy")).otherwise(pl.lit("training")).alias("kind"))
    is_known = pl.col("email").is_not_null() & pl.col("course").is_not_null()
    unknown = rows.filter(~is_known)
    rejects = build_rejects(unknown, field="user.email", reason="no address or no course", row_lost=True)
    return Reading(
        tables={"training_records": _prefer_completed(rows.filter(is_known).drop("_type"))},
        rejects=concat_rejects([value_rejects, rejects]),
        usage=raw.usage,
    )


def _prefer_completed(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each person, course and day: who was enrolled twice that day and completed one is done."""
    ordered = rows.sort("done_on", nulls_last=True, maintain_order=True)
    return ordered.unique(["email", "course", "assigned_on"], keep="first", maintain_order=True).sort("_line")


def _is_waiting(recipient: Mapping[str, Any]) -> bool:
    """Return whether a mail is scheduled and nothing else happened yet."""
    return bool(recipient.get("scheduled_at")) and not any(recipient.get(name) for name in TIMES)


def _get_template_name(recipient: Mapping[str, Any]) -> str | None:
    template = recipient.get("template")
    return parse_text(template.get("name")) if isinstance(template, Mapping) else None
