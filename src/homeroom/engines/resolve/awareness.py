"""What people learnt and acknowledged: the rows of training lists, folded into columns of `people`.

A row is a person's where its address is one of theirs. A person whom no list carries is left without an answer: nobody
knows what they did elsewhere.
"""

from __future__ import annotations

from datetime import date

import duckdb

from homeroom.engines.resolve.sql import dropped, made, number

COLUMNS = {
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
IN_TIME = 30
"""Days within which somebody who is new is trained."""
_MISSED = "regexp_matches(lower(status_word), 'click|fail|entered|compromis|opened')"
_FOR_ADMINISTRATORS = "regexp_matches(lower(course), 'administrator|privileged|technician|system admin')"


def learn(session: duckdb.DuckDBPyConnection, *, today: date) -> None:
    """Adds COLUMNS to rz_people. Needs rz_addresses, rz_accounts, rz_authority and the numbered person nodes."""
    if not number(session, "SELECT count(*) FROM training_records"):
        for name, kind in COLUMNS.items():
            session.execute(f"ALTER TABLE rz_people ADD COLUMN {name} {kind}")
        return
    _learnt(session, f"DATE '{today}'")
    _began(session)
    made(
        session,
        "people",
        f"""SELECT p.*, CASE WHEN l.trainings > 0 THEN coalesce(t.trainings > 0, false) END AS training_listed, t.trained_on,
            t.trained_on >= DATE '{today}' - INTERVAL 1 YEAR AS trained_known, t.trainings, t.overdue AS training_overdue,
            CASE WHEN t.policies > 0 THEN coalesce(t.acknowledged_on >= DATE '{today}' - INTERVAL 1 YEAR, false) END AS policy_acknowledged,
            b.began_on, t.first_trained_on, t.drills_missed, t.trained_on >= t.missed_on AS helped_known,
            CASE WHEN l.for_administrators > 0 AND t.rows > 0 THEN coalesce(t.administers_on >= DATE '{today}' - INTERVAL 1 YEAR, false) END
                AS trained_to_administer
        FROM rz_people p CROSS JOIN rz_lists l LEFT JOIN rz_learnt t ON t.id = p.id LEFT JOIN rz_began b ON b.id = p.id""",
    )
    made(
        session,
        "people",
        f"""SELECT * EXCLUDE (trained_known, trainings, first_trained_on, helped_known),
            CASE WHEN trainings > 0 THEN coalesce(trained_known, false) END AS trained_this_year,
            CASE WHEN trainings > 0 THEN coalesce(first_trained_on <= began_on + {IN_TIME}, CASE WHEN began_on IS NOT NULL THEN false END) END
                AS trained_in_time,
            CASE WHEN drills_missed > 0 THEN coalesce(helped_known, false) END AS helped_since
        FROM rz_people""",
    )
    dropped(session, "learnt", "lists", "began")


def _learnt(session: duckdb.DuckDBPyConnection, day: str) -> None:
    """rz_learnt, a row a person whom a list carries; rz_lists, what the lists hold at all."""
    rows = "(SELECT *, coalesce(kind, 'training') AS sort FROM training_records)"
    made(
        session,
        "lists",
        f"""SELECT count(*) FILTER (WHERE sort = 'training') AS trainings, count(*) FILTER (WHERE {_FOR_ADMINISTRATORS}) AS for_administrators
        FROM {rows}""",
    )
    made(
        session,
        "learnt",
        f"""WITH known AS (SELECT value AS email, id FROM rz_addresses UNION SELECT lower(email), person FROM rz_accounts WHERE person IS NOT NULL),
        told AS (SELECT DISTINCT k.id, r.* FROM {rows} r JOIN known k ON k.email = lower(trim(r.email))),
        missed AS (SELECT *, sort = 'phishing' AND {_MISSED} AND coalesce(done_on, assigned_on) >= {day} - INTERVAL 1 YEAR AS missed FROM told)
        SELECT id, count(*) AS rows, count(*) FILTER (WHERE sort = 'training') AS trainings, count(*) FILTER (WHERE sort = 'policy') AS policies,
            max(done_on) FILTER (WHERE sort = 'training') AS trained_on, min(done_on) FILTER (WHERE sort = 'training') AS first_trained_on,
            max(done_on) FILTER (WHERE sort = 'policy') AS acknowledged_on,
            count(*) FILTER (WHERE sort <> 'phishing' AND done_on IS NULL AND due_on < {day}) AS overdue,
            CASE WHEN bool_or(sort = 'phishing') THEN count(*) FILTER (WHERE missed) END AS drills_missed,
            max(coalesce(done_on, assigned_on)) FILTER (WHERE missed) AS missed_on,
            max(done_on) FILTER (WHERE sort = 'training' AND {_FOR_ADMINISTRATORS}) AS administers_on
        FROM missed GROUP BY id""",
    )


def _began(session: duckdb.DuckDBPyConnection) -> None:
    """rz_began: the first day of work, by the sources that decide who works here."""
    made(
        session,
        "began",
        """SELECT n.id, min(r.begin_date) AS began_on FROM role_records r
        JOIN rz_person_nodes n ON n.connector = r.connector AND n.instance = r.instance AND n.key = r.person_key
        JOIN rz_authority a ON a.kind = 'staff' AND a.connector = r.connector
        WHERE r.role IS DISTINCT FROM 'student' AND r.begin_date IS NOT NULL GROUP BY n.id""",
    )
