"""The derived table `drill_results`: a row for each person in a drill, who is met by any address.

An address of several people is an account's before it is one of a record, and a current one before an earlier one;
where several remain it is nobody's. Outcomes that are stored from before, whose events are gone, have their person.
"""

from __future__ import annotations

import pyarrow as pa

from homeroom.evidence.query.steps import Step

OUTCOMES_SCHEMA = pa.schema(
    [
        ("drill", pa.string()),
        ("drill_name", pa.string()),
        ("lure", pa.string()),
        ("connector", pa.string()),
        ("sent_on", pa.date32()),
        ("ended_on", pa.date32()),
        ("old_key", pa.string()),
        ("email", pa.string()),
        ("person", pa.int64()),
        ("delivered", pa.bool_()),
        ("missed", pa.bool_()),
        ("clicked", pa.bool_()),
        ("delivered_at", pa.timestamp("us", tz="UTC")),
        ("reported_at", pa.timestamp("us", tz="UTC")),
        ("rules", pa.list_(pa.string())),
    ]
)
"""Outcomes of drills by address; a stored one has its key and person instead of the address."""


def list_drill_steps() -> tuple[Step, ...]:
    """Build rz_drill_results. Needs rz_drill_outcomes, rz_addresses, rz_accounts and rz_merged_subjects."""
    return (
        Step(
            name="meet the people of drills",
            reads=("accounts", "addresses", "drill_outcomes"),
            writes=("drilled",),
            sql="""WITH asked AS (SELECT DISTINCT email FROM rz_drill_outcomes WHERE email IS NOT NULL),
        known AS (SELECT lower(email) AS email, person AS id, 1 AS place FROM rz_accounts WHERE person IS NOT NULL
            UNION ALL SELECT value, id, CASE WHEN gone THEN 4 ELSE 2 END FROM rz_addresses
            UNION ALL SELECT unnest(identifiers), person, 3 FROM rz_accounts WHERE person IS NOT NULL),
        nearest AS (SELECT a.email, k.id FROM asked a JOIN known k USING (email)
            QUALIFY k.place = min(k.place) OVER (PARTITION BY a.email))
        SELECT email, min(id) AS id FROM nearest GROUP BY email HAVING count(DISTINCT id) = 1""",
        ),
        Step(
            name="join outcomes of drills by person",
            reads=("drill_outcomes", "drilled", "merged_subjects"),
            writes=("drill_results",),
            sql="""WITH met AS (SELECT o.*, coalesce(d.id, m."into", o.person) AS who,
            row_number() OVER (PARTITION BY o.drill ORDER BY o.email, o.old_key) AS n FROM rz_drill_outcomes o
            LEFT JOIN rz_drilled d ON d.email = o.email
            LEFT JOIN rz_merged_subjects m ON m.kind = 'person' AND m.subject = o.person)
        SELECT drill || '-' || coalesce(who::VARCHAR, 'x' || min(n)) AS key, who AS person, drill,
            min(drill_name) AS drill_name, min(lure) AS lure, min(sent_on) AS sent_on,
            bool_or(delivered) AS delivered,
            CASE WHEN bool_or(missed) THEN true WHEN bool_or(missed IS NULL) THEN NULL ELSE false END AS missed,
            min(delivered_at) AS delivered_at, min(reported_at) AS reported_at,
            nullif(list_sort(list_distinct(flatten(list(coalesce(rules, []))))), []) AS rules,
            min(connector) AS connector, max(ended_on) AS ended_on, bool_or(clicked) AS clicked
        FROM met GROUP BY drill, who, CASE WHEN who IS NULL THEN n END""",
        ),
    )
