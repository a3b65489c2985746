"""The assessed snapshot as pages read it: rows in list order, and SQL queries."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.posture.published.queries import AssessmentRef
from homeroom.domain.platform.district import District
from homeroom.evidence.page_cache.device_index import DeviceIndex, open_device_index
from homeroom.evidence.page_cache.row_store import RowStore, open_row_store
from homeroom.evidence.query.executor import query_executor


def query_assessed_snapshot[T](
    *, district: District, assessment: AssessmentRef, query: Callable[[duckdb.DuckDBPyConnection], T]
) -> T:
    """Run a query in a session over the assessed snapshot and return its result.

    Raise QueryTimeout.
    """
    store = get_evidence_store(district=district)
    return query_executor().run(
        snapshot_id=f"{store.folder}/derived/{assessment.derived}",
        pin=lambda: store.pin_snapshot(derived=assessment.derived),
        query=query,
    )


def open_snapshot_rows(*, district: District, assessment: AssessmentRef, table: str) -> RowStore:
    """Return a table of the assessed snapshot in list order.

    Raise QueryTimeout.
    """
    return open_row_store(get_evidence_store(district=district), derived=assessment.derived, table=table)


def open_snapshot_device_index(*, district: District, assessment: AssessmentRef, table: str) -> DeviceIndex:
    """Return a table of rows on devices in the assessed snapshot.

    Raise QueryTimeout.
    """
    return open_device_index(get_evidence_store(district=district), derived=assessment.derived, table=table)
