"""What the newest load says about handed-out changes: worked, did not, or not seen yet. Safe to ask again at any time.

A row is judged by what a load after the hand-out says of its record; a value that is missing says nothing. What worked stays so:
what is changed back later is a new finding, not a failed fix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import batched
from typing import Any

import duckdb
import pyarrow as pa
from django.db import transaction

from homeroom.apps.audit.commands import record
from homeroom.apps.fixes.models import FixFile, FixRow
from homeroom.domain.remedies import Action
from homeroom.evidence.session import session_of
from homeroom.evidence.store import Store
from homeroom.library.remedies import actions

HANDED, PROVED = "handed out", "proved"
WORKED, DID_NOT = "worked", "did not"
IDS = 500
ROWS = pa.schema(
    [("id", pa.int64()), ("subject", pa.int64()), ("instance", pa.string()), ("key", pa.string()), ("to", pa.string())]
)


_MADE = """
    SELECT r.id, r."to", CASE WHEN k.id IS NOT NULL THEN lower(r."to") END
    FROM _rows r LEFT JOIN (
        SELECT DISTINCT id FROM links WHERE connector = $system AND subject_kind = $kind AND gone IS NOT TRUE
    ) k ON k.id = r.subject
    WHERE k.id IS NOT NULL
        OR EXISTS (SELECT 1 FROM sources s WHERE s.connector = $system AND s.complete AND s.loaded_at > $since)
"""
"""Made is what has a record now; where there is none, a newer complete load of the system says that there is none."""


def verify(*, district: Any, store: Store, at: datetime) -> int:
    """Looks up every row that is handed out and did not work yet; gives how many outcomes are new."""
    derived = store.latest_derived()
    files = list(FixFile.objects.of(district).filter(state=HANDED))
    if derived is None or not files:
        return 0
    session = session_of(store.pinned(derived=derived.id))
    try:
        return sum(_verified(district, session, fix, at) for fix in files if fix.action in actions())
    finally:
        session.close()


def _verified(district: Any, session: duckdb.DuckDBPyConnection, fix: FixFile, at: datetime) -> int:
    action = actions()[fix.action]
    open_now = FixRow.objects.of(district).filter(fix=fix, dropped=False).exclude(outcome=WORKED)
    rows = list(open_now.values_list("pk", "subject", "instance", "key", "to", "outcome"))
    before = {row[0]: row[5] for row in rows}
    told = dict(_outcomes(session, action, [row[:5] for row in rows], since=fix.handed_at))
    changed = {pk: word for pk, word in told.items() if before[pk] != word}
    for word in (WORKED, DID_NOT):
        for some in batched([pk for pk, said in changed.items() if said == word], IDS):
            FixRow.objects.of(district).filter(pk__in=some).update(outcome=word, checked_at=at)
    if changed:
        _concluded(district, fix, at)
    return len(changed)


@transaction.atomic
def _concluded(district: Any, fix: FixFile, at: datetime) -> None:
    kept = FixRow.objects.of(district).filter(fix=fix, dropped=False)
    counts = {
        word: kept.filter(outcome=said).count()
        for word, said in (("worked", WORKED), ("did not", DID_NOT), ("not seen yet", ""))
    }
    if counts["worked"] == sum(counts.values()):
        FixFile.objects.of(district).filter(pk=fix.pk, state=HANDED).update(state=PROVED, proved_at=at)
    detail = {"action": fix.action, **counts}
    record(
        district=district,
        at=at,
        actor="",
        action="check fix file",
        subject_kind="fix",
        subject=fix.public,
        detail=detail,
    )


def _outcomes(
    session: duckdb.DuckDBPyConnection, action: Action, rows: Sequence[tuple[Any, ...]], *, since: datetime | None
) -> Iterator[tuple[int, str]]:
    """(row, worked or did not) of those that a newer load says something about."""
    columns = list(zip(*rows, strict=True)) or [()] * len(ROWS)
    arrays = [pa.array(list(column), kind.type) for column, kind in zip(columns, ROWS, strict=True)]
    given = {"system": action.system, "since": since}
    session.register("_rows", pa.table(arrays, schema=ROWS))
    try:
        if action.creates:
            found = session.execute(_MADE, given | {"kind": action.subject}).fetchall()
        else:
            found = session.execute(_held(action), given).fetchall()
    finally:
        session.unregister("_rows")
    for pk, to, value in found:
        yield pk, WORKED if value in action.proof(to) else DID_NOT


def _held(action: Action) -> str:
    return f"""
        SELECT r.id, r."to", lower(h.value) FROM _rows r JOIN (
            SELECT t.instance, t.key, CAST(arg_max(t.{action.proves}, t.seen_at) AS VARCHAR) AS value,
                max(t.seen_at) FILTER (t.{action.proves} IS NOT NULL) AS seen
            FROM {action.table} t SEMI JOIN _rows n USING (instance, key) WHERE t.connector = $system GROUP BY ALL
        ) h USING (instance, key) WHERE h.seen > $since
    """
