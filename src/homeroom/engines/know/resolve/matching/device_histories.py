"""Records of one console that are the history of one machine: installed or enrolled again, one after the other.

Several records of one source with one serial number, hardware id or network card are one machine where they follow each
other: each began when the one before had reported for the last time, or reports long after it fell silent. Machines
that merely share a placeholder report at the same time. All but the newest record of a history are superseded.
"""

from __future__ import annotations

from homeroom.engines.know.resolve.shared.makers import maker_sql
from homeroom.engines.know.resolve.shared.serials import usable_serial_sql
from homeroom.evidence.query.steps import Step

MAX_HISTORY = 6
"""Maximum number of records of one source that may be the history of one machine."""
OVERLAP_DAYS, SILENT_DAYS = 1, 30


def list_history_steps() -> tuple[Step, ...]:
    """Exempt histories from rz_crowded.

    Build also rz_superseded (n), the records that a newer one of their history replaced.
    """
    return (
        Step(
            name="list when the records of one identifier reported",
            reads=("crowded", "device_keys", "device_rows"),
            writes=("periods",),
            sql=f"""SELECT c.space, c.scope, c.value, c.source, k.n, min(r.enrolled_at) AS began,
            max(r.last_seen) AS ended,
            any_value({maker_sql("r.manufacturer")}) AS maker,
            bool_and(r.gone) AS gone, any_value({usable_serial_sql("r.plain_serial")}) AS serial,
            flatten(coalesce(list(r.own_macs) FILTER (r.own_macs IS NOT NULL), [])) AS macs
        FROM rz_crowded c JOIN rz_device_keys k ON k.space = c.space AND k.scope = c.scope AND k.value = c.value
            AND k.source = c.source
        JOIN rz_device_rows r ON r.n = k.n WHERE c.c <= {MAX_HISTORY} GROUP BY ALL""",
        ),
        Step(
            name="find records that follow each other",
            reads=("periods",),
            writes=("histories",),
            sql=f"""WITH ordered AS (SELECT *, lag(ended) OVER w AS before, lag(macs) OVER w AS macs_before
            FROM rz_periods WINDOW w AS (PARTITION BY space, scope, value, source ORDER BY ended, n))
        SELECT space, scope, value, source FROM ordered GROUP BY ALL
        HAVING bool_and(ended IS NOT NULL) AND count(DISTINCT maker) <= 1 AND count(DISTINCT serial) <= 1
            AND bool_and(before IS NULL OR coalesce(began >= before - INTERVAL {OVERLAP_DAYS} DAY, false)
                OR ended > before + INTERVAL {SILENT_DAYS} DAY)
            AND (space = 'serial' OR bool_and(macs_before IS NULL OR len(macs) = 0 OR len(macs_before) = 0
                OR list_has_any(macs, macs_before)))""",
        ),
        Step(
            name="exempt records that follow each other",
            reads=("crowded", "histories"),
            writes=("crowded",),
            sql="""DELETE FROM rz_crowded c USING rz_histories h WHERE c.space = h.space AND c.scope = h.scope
        AND c.value = h.value AND c.source = h.source""",
        ),
        Step(
            name="list superseded records",
            reads=("histories", "periods"),
            writes=("superseded",),
            sql="""SELECT DISTINCT n FROM (SELECT n, row_number() OVER (PARTITION BY p.space, p.scope, p.value, p.source
            ORDER BY gone, ended DESC, n DESC) AS place FROM rz_periods p JOIN rz_histories h ON p.space = h.space
            AND p.scope = h.scope AND p.value = h.value AND p.source = h.source) WHERE place > 1""",
        ),
    )
