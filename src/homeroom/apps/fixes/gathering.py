"""What evidence says of the members of a finding that an action needs: their records, and what could be proposed for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from homeroom.apps.fixes.proposing import Labels, labels_of, tags_of, units_of
from homeroom.apps.posture.ordering import GIVEN, listed
from homeroom.domain.remedies import Action

RECENT_DAYS = 7
TABLES_OF = {"account": "accounts", "device": "devices"}
FLAGS: Mapping[str, Mapping[str, str]] = {
    "account": {
        "administrator": "s.administrator IS TRUE",
        "recent": "CAST(s.last_sign_in AS DATE) >= $today - $recent",
        "shared": "s.kind IN ('shared', 'service')",
        "here": "s.person_here IS TRUE",
        "pupil": "s.kind = 'student'",
    },
    "device": {
        "recent": "CAST(s.last_seen AS DATE) >= $today - $recent",
        "pupil": "s.holder_kind = 'student'",
    },
}
"""What a reviewer looks at first, as a condition on the subject's row."""
LABEL = {"account": "s.name", "device": "s.serial"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a person wants in the file: `target` is the unit or label, empty for Homeroom's proposal.

    `school` leaves out all others; `quiet` who was seen within a week; `ordinary` leaves administrators out.
    """

    target: str = ""
    school: str = ""
    quiet: bool = False
    ordinary: bool = False


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """`held` has a row for each record of the subjects, or each subject without one, by school and name; `units` are proposed."""

    held: pa.Table
    labels: Labels
    units: Mapping[int, str] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()


def gather(
    session: duckdb.DuckDBPyConnection, *, action: Action, subjects: Sequence[int], asked: Asked, today: date
) -> Gathered:
    """All that `homeroom.apps.fixes.choosing.choose` needs, so that no session waits while it chooses."""
    given: dict[str, Any] = {
        "kind": action.subject,
        "system": action.system,
        "ids": listed(subjects),
        "school": asked.school,
    }
    given |= {"today": today, "recent": RECENT_DAYS} | ({} if action.creates else {"table": action.table})
    sql = _MISSING if action.creates else _HELD
    text = sql.format(**_parts(action))
    proposes = action.asks == "unit" and not asked.target
    return Gathered(
        held=session.execute(text, given).to_arrow_table(),
        labels=labels_of(session, system=action.system),
        units=units_of(session, action=action, subjects=subjects) if proposes else {},
        tags=tags_of(session, system=action.system) if action.creates else frozenset(),
    )


def _parts(action: Action) -> dict[str, str]:
    told = {"handle": action.needs, "proves": action.proves, "before": action.before}
    return {
        "given": GIVEN,
        "records": action.table,
        "subjects": TABLES_OF[action.subject],
        "columns": ", ".join(f"CAST(arg_max({one}, seen_at) AS VARCHAR) AS {name}" for name, one in told.items()),
        "flags": ", ".join(f"coalesce({said}, false) AS {name}" for name, said in FLAGS[action.subject].items()),
        "order": f"s.school IS NULL, s.school, lower(coalesce({LABEL[action.subject]}, ''))",
    }


_HELD = """
    WITH listed AS ({given}),
    linked AS (SELECT DISTINCT l.id, k.instance, k.key FROM listed l LEFT JOIN links k ON k.id = l.id
        AND k.subject_kind = $kind AND k.connector = $system AND k.table_name = $table AND k.gone IS NOT TRUE),
    held AS (SELECT instance, key, true AS known, {columns} FROM {records} WHERE connector = $system GROUP BY ALL)
    SELECT x.id, x.instance, x.key, h.known, h.handle, h.proves, h.before, {flags}
    FROM linked x LEFT JOIN held h USING (instance, key) LEFT JOIN {subjects} s ON s.id = x.id
    WHERE $school = '' OR s.school = $school
    ORDER BY {order}, x.id, x.instance, x.key
"""
"""The records of the subjects at the action's system; of each column the newest value that a load said."""
_MISSING = """
    WITH listed AS ({given})
    SELECT l.id, s.serial, s.asset_tag, s.name, s.model, s.kind, s.manufacturer, {flags},
        EXISTS (SELECT 1 FROM links k WHERE k.id = l.id AND k.subject_kind = $kind AND k.connector = $system
            AND k.gone IS NOT TRUE) AS known
    FROM listed l LEFT JOIN {subjects} s ON s.id = l.id
    WHERE $school = '' OR s.school = $school ORDER BY {order}, l.id
"""
"""The subjects, and whether the system carries a record of them."""
