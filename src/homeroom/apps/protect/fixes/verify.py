"""Verify released fixes against newer loads: worked, did not, or not seen yet. Safe to repeat at any time.

A row is assessed by what a load after the release reports for its record; a missing value decides nothing. A row that
worked stays so: if someone reverts it later, that is a new finding, not a failed fix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import batched
from typing import Any

import duckdb
import pyarrow as pa
from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.finding_work.commands import FINISH, REOPEN, record_proof
from homeroom.apps.protect.fixes.containment import verify_containments
from homeroom.apps.protect.fixes.models import FixFile, FixRow
from homeroom.domain.platform.district import District
from homeroom.domain.protect.remedies import ConsoleAction
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from homeroom.library.protect.remedies import load_actions

RELEASED, VERIFIED = "handed out", "proved"
WORKED, DID_NOT = "worked", "did not"
BATCH_IDS = 500
ROW_SCHEMA = pa.schema(
    [("id", pa.int64()), ("subject", pa.int64()), ("instance", pa.string()), ("key", pa.string()), ("to", pa.string())]
)


_CREATED_SQL = """
    SELECT r.id, r."to", CASE WHEN k.id IS NOT NULL THEN lower(r."to") END
    FROM _rows r LEFT JOIN (
        SELECT DISTINCT id FROM links WHERE connector = $system AND subject_kind = $kind AND gone IS NOT TRUE
    ) k ON k.id = r.subject
    WHERE k.id IS NOT NULL
        OR EXISTS (SELECT 1 FROM sources s WHERE s.connector = $system AND s.complete AND s.loaded_at > $since)
"""
"""An asset was created if it has a record now; if it has none, a newer complete load proves that it was not."""


def verify_fixes(*, district: District, store: EvidenceStore, at: datetime) -> int:
    """Check every released row that has not worked yet; return how many outcomes are new."""
    proven = verify_containments(district=district, store=store, at=at)
    derived = store.get_latest_derived()
    files = list(FixFile.objects.of(district).filter(state=RELEASED, incident=""))
    if derived is None or not files:
        return proven
    session = open_session(store.pin_snapshot(derived=derived.id))
    try:
        return proven + sum(_verify_fix(district, session, fix, at) for fix in files if fix.action in load_actions())
    finally:
        session.close()


def _verify_fix(district: District, session: duckdb.DuckDBPyConnection, fix: FixFile, at: datetime) -> int:
    action = load_actions()[fix.action]
    open_rows = FixRow.objects.of(district).filter(fix=fix, dropped=False).exclude(outcome=WORKED)
    rows = list(open_rows.values_list("pk", "subject", "instance", "key", "to", "outcome"))
    before = {row[0]: row[5] for row in rows}
    outcomes = dict(_find_outcomes(session, action, [row[:5] for row in rows], since=fix.handed_at))
    changed = {pk: outcome for pk, outcome in outcomes.items() if before[pk] != outcome}
    for outcome in (WORKED, DID_NOT):
        for batch in batched([pk for pk, new_outcome in changed.items() if new_outcome == outcome], BATCH_IDS):
            FixRow.objects.of(district).filter(pk__in=batch).update(outcome=outcome, checked_at=at)
    if changed:
        subjects = {row[0]: row[1] for row in rows}
        _record_outcomes(district, fix, at)
        for outcome, act in ((WORKED, FINISH), (DID_NOT, REOPEN)):
            record_proof(
                district=district,
                at=at,
                control=fix.control,
                group=fix.group,
                act=act,
                subjects=[subjects[pk] for pk, new_outcome in changed.items() if new_outcome == outcome],
                person=fix.handed_by,
            )
    return len(changed)


@transaction.atomic
def _record_outcomes(district: District, fix: FixFile, at: datetime) -> None:
    active_rows = FixRow.objects.of(district).filter(fix=fix, dropped=False)
    counts = {
        word: active_rows.filter(outcome=stored_outcome).count()
        for word, stored_outcome in (("worked", WORKED), ("did not", DID_NOT), ("not seen yet", ""))
    }
    if counts["worked"] == sum(counts.values()):
        FixFile.objects.of(district).filter(pk=fix.pk, state=RELEASED).update(state=VERIFIED, proved_at=at)
    detail = {"action": fix.action, **counts}
    record_audit_entry(
        district=district,
        at=at,
        actor="",
        action="check fix file",
        subject_kind="fix",
        subject=fix.public,
        detail=detail,
    )


def _find_outcomes(
    session: duckdb.DuckDBPyConnection,
    action: ConsoleAction,
    rows: Sequence[tuple[Any, ...]],
    *,
    since: datetime | None,
) -> Iterator[tuple[int, str]]:
    """Yield (row id, worked or did not) for the rows that a newer load reports on."""
    columns = list(zip(*rows, strict=True)) or [()] * len(ROW_SCHEMA)
    arrays = [
        pa.array(list(column), schema_field.type) for column, schema_field in zip(columns, ROW_SCHEMA, strict=True)
    ]
    parameters = {"system": action.system, "since": since}
    session.register("_rows", pa.table(arrays, schema=ROW_SCHEMA))
    try:
        if action.creates:
            result_rows = session.execute(_CREATED_SQL, parameters | {"kind": action.subject}).fetchall()
        else:
            result_rows = session.execute(_current_value_sql(action), parameters).fetchall()
    finally:
        session.unregister("_rows")
    for pk, target, value in result_rows:
        yield pk, WORKED if value in action.get_expected_values(target) else DID_NOT


def _current_value_sql(action: ConsoleAction) -> str:
    return f"""
        SELECT r.id, r."to", lower(h.value) FROM _rows r JOIN (
            SELECT t.instance, t.key, CAST(arg_max(t.{action.proves}, t.seen_at) AS VARCHAR) AS value,
                max(t.seen_at) FILTER (t.{action.proves} IS NOT NULL) AS seen
            FROM {action.table} t SEMI JOIN _rows n USING (instance, key) WHERE t.connector = $system GROUP BY ALL
        ) h USING (instance, key) WHERE h.seen > $since
    """
