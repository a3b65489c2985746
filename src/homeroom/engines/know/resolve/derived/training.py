"""Training, policy acknowledgments and drills: rows of training lists and results, summarized as columns of `people`.

A row belongs to a person where its address is one of theirs. The columns are null for a person on no list, because
training outside the lists is unknown. A drill counts by its judged events; the row of a list about the same drill (the
same tool and day, or the same day where the list's tool has no events) counts nowhere.
"""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from homeroom.engines.know.resolve.derived.membership_status import STAFF_LIST
from homeroom.evidence.query.steps import Step

TRAINING_COLUMNS = {
    "training_listed": "BOOLEAN",
    "trained_on": "DATE",
    "trained_this_year": "BOOLEAN",
    "training_overdue": "BIGINT",
    "policy_acknowledged": "BOOLEAN",
    "began_on": "DATE",
    "trained_in_time": "BOOLEAN",
    "drills_missed": "BIGINT",
    "helped_since": "BOOLEAN",
    "trained_to_administer": "BOOLEAN",
}
HELP_TALKS_SCHEMA = pa.schema([("person", pa.int64()), ("talked_on", pa.date32())])
"""Talks of the coach with people, which count as help."""
TRAINING_DEADLINE_DAYS = 30
"""Days within which a new employee must be trained."""
_FAILED_DRILL_SQL = "regexp_matches(lower(status_word), 'click|fail|entered|submitted|compromis')"
"""Words of a missed drill. An open is none: image proxies and scanners open every mail."""
_OVERDUE_SQL = "regexp_matches(lower(coalesce(status_word, '')), '^(past due|overdue)$')"
"""Words of a tool that does not say by when a course was due."""
_ADMINISTRATOR_COURSE_SQL = "regexp_matches(lower(course), 'administrator|privileged|technician|system admin')"


def list_training_steps(*, today: date) -> tuple[Step, ...]:
    """Add TRAINING_COLUMNS to rz_people.

    Needs rz_addresses, rz_accounts, rz_authority, rz_drill_results and the numbered person nodes.
    """
    count = "SELECT (SELECT count(*) FROM training_records) + (SELECT count(*) FROM rz_drill_results)"
    empty_columns = ", ".join(f"NULL::{kind} AS {name}" for name, kind in TRAINING_COLUMNS.items())
    return (
        Step(
            name="add empty training to people",
            reads=("drill_results", "people"),
            writes=("people",),
            sql=f"SELECT *, {empty_columns} FROM rz_people",
            when=f"{count} = 0",
        ),
        Step(
            name="add training to people",
            reads=(
                *("accounts", "addresses", "authority", "drill_results", "help_talks", "merged_subjects"),
                *("people", "person_nodes"),
            ),
            writes=("people",),
            steps=_list_judging_steps(f"DATE '{today}'"),
            when=f"{count} > 0",
        ),
    )


def _list_judging_steps(day: str) -> tuple[Step, ...]:
    return (
        *_list_summary_steps(day),
        _build_start_dates_step(),
        _build_drills_step(day),
        Step(
            name="join training to people",
            reads=("began", "drills", "help_talks", "learnt", "lists", "merged_subjects", "people"),
            writes=("people",),
            sql=f"""SELECT p.*, CASE WHEN l.trainings > 0 THEN coalesce(t.trainings > 0, false) END AS training_listed,
            t.trained_on,
            t.trained_on >= {day} - INTERVAL 1 YEAR AS trained_known, t.trainings,
                t.overdue AS training_overdue,
            CASE WHEN t.policies > 0 THEN coalesce(t.acknowledged_on >= {day} - INTERVAL 1 YEAR,
                false) END AS policy_acknowledged,
            b.began_on, t.first_trained_on,
            CASE WHEN t.drills_missed IS NOT NULL OR d.known > 0 THEN coalesce(t.drills_missed, 0) +
                coalesce(d.missed, 0) END AS drills_missed,
            greatest(t.trained_on, h.talked_on) >= greatest(t.missed_on, d.missed_on) AS helped_known,
            CASE WHEN l.for_administrators > 0 AND t.rows > 0 THEN coalesce(t.administers_on >= {day} -
                INTERVAL 1 YEAR, false) END
                AS trained_to_administer
        FROM rz_people p CROSS JOIN rz_lists l LEFT JOIN rz_learnt t ON t.id = p.id LEFT JOIN rz_began b
            ON b.id = p.id
            LEFT JOIN rz_drills d ON d.id = p.id
            LEFT JOIN (SELECT coalesce(m."into", k.person) AS id, max(k.talked_on) AS talked_on FROM rz_help_talks k
                LEFT JOIN rz_merged_subjects m ON m.kind = 'person' AND m.subject = k.person GROUP BY 1) h
            ON h.id = p.id""",
        ),
        Step(
            name="judge training of people",
            reads=("people",),
            writes=("people",),
            sql=f"""SELECT * EXCLUDE (trained_known, trainings, first_trained_on, helped_known),
            CASE WHEN trainings > 0 THEN coalesce(trained_known, false) END AS trained_this_year,
            CASE WHEN trainings > 0 THEN coalesce(first_trained_on <= began_on + {TRAINING_DEADLINE_DAYS}, CASE
                WHEN began_on IS NOT NULL THEN false END) END
                AS trained_in_time,
            CASE WHEN drills_missed > 0 THEN coalesce(helped_known, false) END AS helped_since
        FROM rz_people""",
        ),
    )


def _list_summary_steps(day: str) -> tuple[Step, ...]:
    """Build rz_learnt, one row for each person on a list, and rz_lists, counts of what the lists hold."""
    rows = "(SELECT *, coalesce(kind, 'training') AS sort FROM training_records)"
    return (
        Step(
            name="count kinds of training",
            reads=(),
            writes=("lists",),
            sql=f"""SELECT count(*) FILTER (WHERE sort = 'training') AS trainings, count(*) FILTER (WHERE
            {_ADMINISTRATOR_COURSE_SQL}) AS for_administrators
        FROM {rows}""",
        ),
        Step(
            name="summarize training of each person",
            reads=("accounts", "addresses", "drill_results"),
            writes=("learnt",),
            sql=f"""WITH known AS (SELECT value AS email, id FROM rz_addresses UNION SELECT lower(email), person
            FROM rz_accounts WHERE person IS NOT NULL),
        told AS (SELECT DISTINCT k.id, r.* FROM {rows} r JOIN known k ON k.email = lower(trim(r.email))),
        judged AS (SELECT t.*, sort = 'phishing' AND EXISTS (SELECT 1 FROM rz_drill_results d
            WHERE d.person = t.id AND (d.connector = t.connector OR t.connector NOT IN (SELECT connector FROM
                rz_drill_results)) AND CASE WHEN t.assigned_on IS NULL
                THEN t.done_on BETWEEN d.sent_on AND d.ended_on ELSE t.assigned_on = d.sent_on END) AS is_judged
            FROM told t),
        missed AS (SELECT *, sort = 'phishing' AND NOT is_judged AND {_FAILED_DRILL_SQL} AND coalesce(done_on,
            assigned_on) >= {day} - INTERVAL 1 YEAR AS missed FROM judged)
        SELECT id, count(*) AS rows, count(*) FILTER (WHERE sort = 'training') AS trainings,
            count(*) FILTER (WHERE sort = 'policy') AS policies,
            max(done_on) FILTER (WHERE sort = 'training') AS trained_on, min(done_on) FILTER (WHERE sort = 'training')
                AS first_trained_on,
            max(done_on) FILTER (WHERE sort = 'policy') AS acknowledged_on,
            count(*) FILTER (WHERE sort <> 'phishing' AND done_on IS NULL AND (due_on < {day} OR due_on IS NULL
                AND {_OVERDUE_SQL})) AS overdue,
            CASE WHEN bool_or(sort = 'phishing' AND NOT is_judged) THEN count(*) FILTER (WHERE missed) END
                AS drills_missed,
            max(coalesce(done_on, assigned_on)) FILTER (WHERE missed) AS missed_on,
            max(done_on) FILTER (WHERE sort = 'training' AND {_ADMINISTRATOR_COURSE_SQL}) AS administers_on
        FROM missed GROUP BY id""",
        ),
    )


def _build_drills_step(day: str) -> Step:
    """Build rz_drills: how many drills of each person have a known outcome, and the missed ones of the last year."""
    return Step(
        name="count missed drills of each person",
        reads=("drill_results",),
        writes=("drills",),
        sql=f"""SELECT person AS id, count(missed) AS known, count(*) FILTER (WHERE missed AND sent_on >= {day} -
            INTERVAL 1 YEAR) AS missed, max(sent_on) FILTER (WHERE missed AND sent_on >= {day} - INTERVAL 1 YEAR)
            AS missed_on
        FROM rz_drill_results WHERE person IS NOT NULL AND delivered GROUP BY person""",
    )


def _build_start_dates_step() -> Step:
    """Build rz_began: the first day of work, by the sources that are authoritative for staff."""
    return Step(
        name="find the first day of work",
        reads=("authority", "person_nodes"),
        writes=("began",),
        sql=f"""SELECT n.id, min(r.begin_date) AS began_on FROM role_records r
        JOIN rz_person_nodes n ON n.connector = r.connector AND n.instance = r.instance AND n.key = r.person_key
        LEFT JOIN rz_authority a ON a.kind = 'staff' AND a.connector = r.connector AND a.instance = r.instance
        WHERE (a.kind IS NOT NULL OR r.connector = '{STAFF_LIST}') AND r.role IS DISTINCT FROM 'student'
            AND r.begin_date IS NOT NULL GROUP BY n.id""",
    )
