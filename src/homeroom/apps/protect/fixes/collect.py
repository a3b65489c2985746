"""Collect from evidence what a fix needs: the records of a finding's members, and proposed new values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from homeroom.apps.protect.fixes.suggestions import AssetLabels, find_labels, list_asset_tags, propose_units
from homeroom.apps.protect.posture.rows.subject_sql import SUBJECT_IDS_SQL, join_ids
from homeroom.domain.protect.remedies import ConsoleAction

RECENT_DAYS = 7
SUBJECT_TABLES = {"account": "accounts", "device": "devices"}
FLAG_SQL: Mapping[str, Mapping[str, str]] = {
    "account": {
        "administrator": "s.administrator IS TRUE",
        "recent": "CAST(s.last_sign_in AS DATE) >= $today - $recent",
        "shared": "s.kind IN ('shared', 'service')",
        "here": "s.person_here IS TRUE",
        "student": "s.kind = 'student'",
    },
    "device": {
        "recent": "CAST(s.last_seen AS DATE) >= $today - $recent",
        "student": "s.holder_kind = 'student'",
    },
}
"""Flags that a reviewer checks first, as SQL conditions on the subject's row."""
UNTICKED_FLAGS = frozenset({"administrator", "recent"})
"""Flags of rows that start unticked in a careful file."""
LABEL_SQL = {"account": "s.email AS upn, s.name AS display_name", "device": "NULL AS upn, NULL AS display_name"}
NAME_SQL = {"account": "s.name", "device": "s.serial"}


@dataclass(frozen=True, kw_only=True)
class FixOptions:
    """Options of a fix file: `target` is the unit or label, empty for Homeroom's proposal.

    `school` leaves out all other schools; `quiet` leaves out subjects seen within a week; `ordinary` leaves out
    administrators. `careful` has both in the file, unticked: nothing happens to them until somebody ticks them.
    """

    target: str = ""
    school: str = ""
    quiet: bool = False
    ordinary: bool = False
    careful: bool = False


@dataclass(frozen=True, kw_only=True)
class FixEvidence:
    """Evidence for one fix file.

    `members` has a row for each record of the subjects, or for each subject without one, by school and name; `units`
    are proposed.
    """

    members: pa.Table
    labels: AssetLabels
    units: Mapping[int, str] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()


def collect_evidence(
    session: duckdb.DuckDBPyConnection,
    *,
    action: ConsoleAction,
    subjects: Sequence[int],
    options: FixOptions,
    today: date,
) -> FixEvidence:
    """Collect all that `select_changes` needs, so that no database session waits while it selects."""
    parameters: dict[str, Any] = {
        "kind": action.subject,
        "system": action.system,
        "ids": join_ids(subjects),
        "school": options.school,
    }
    parameters |= {"today": today, "recent": RECENT_DAYS} | ({} if action.creates else {"table": action.table})
    sql = _SUBJECTS_SQL if action.creates else _RECORDS_SQL
    query = sql.format(**_build_sql_parts(action))
    proposes = action.asks == "unit" and not options.target
    return FixEvidence(
        members=session.execute(query, parameters).to_arrow_table(),
        labels=find_labels(session, system=action.system),
        units=propose_units(session, action=action, subjects=subjects) if proposes else {},
        tags=list_asset_tags(session, system=action.system) if action.creates else frozenset(),
    )


def _build_sql_parts(action: ConsoleAction) -> dict[str, str]:
    value_columns = {"handle": action.needs, "proves": action.proves, "before": action.before}
    return {
        "given": SUBJECT_IDS_SQL,
        "records": action.table,
        "subjects": SUBJECT_TABLES[action.subject],
        "columns": ", ".join(
            f"CAST(arg_max({column}, seen_at) AS VARCHAR) AS {name}" for name, column in value_columns.items()
        ),
        "flags": ", ".join(
            f"coalesce({condition}, false) AS {name}" for name, condition in FLAG_SQL[action.subject].items()
        ),
        "labels": LABEL_SQL[action.subject],
        "order": f"s.school IS NULL, s.school, lower(coalesce({NAME_SQL[action.subject]}, ''))",
    }


_RECORDS_SQL = """
    WITH listed AS ({given}),
    linked AS (SELECT DISTINCT l.id, k.instance, k.key FROM listed l LEFT JOIN links k ON k.id = l.id
        AND k.subject_kind = $kind AND k.connector = $system AND k.table_name = $table AND k.gone IS NOT TRUE),
    held AS (SELECT instance, key, true AS known, {columns} FROM {records} WHERE connector = $system GROUP BY ALL)
    SELECT x.id, x.instance, x.key, h.known, h.handle, h.proves, h.before, {flags}, {labels}
    FROM linked x LEFT JOIN held h USING (instance, key) LEFT JOIN {subjects} s ON s.id = x.id
    WHERE $school = '' OR s.school = $school
    ORDER BY {order}, x.id, x.instance, x.key
"""
"""Records of the subjects in the action's system; each column has the newest value that a load reported."""
_SUBJECTS_SQL = """
    WITH listed AS ({given})
    SELECT l.id, s.serial, s.asset_tag, s.name, s.model, s.kind, s.manufacturer, {flags},
        EXISTS (SELECT 1 FROM links k WHERE k.id = l.id AND k.subject_kind = $kind AND k.connector = $system
            AND k.gone IS NOT TRUE) AS known
    FROM listed l LEFT JOIN {subjects} s ON s.id = l.id
    WHERE $school = '' OR s.school = $school ORDER BY {order}, l.id
"""
"""The subjects, and whether the system has a record of each."""
