"""Verdicts of other tools, stored as evidence, shown as they came, and not counted in any of our numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import duckdb

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.evidence.query.executor import query_executor

MAX_VERDICTS = 5000
"""Verdicts that a page or a file has; the suites that are read have some hundreds of policies."""

_COLUMNS = (
    "suite, tenant, product, policy, org_unit, requirement, criticality, result, details, original_result, "
    "comment, resolve_on, judged_at"
)
_SQL = (
    f"SELECT {_COLUMNS} FROM verdict_records ORDER BY suite, tenant, product, policy, org_unit LIMIT {MAX_VERDICTS + 1}"
)


@dataclass(frozen=True, kw_only=True)
class ImportedVerdict:
    """One policy as a tool assessed it, in the tool's own text.

    `original_result` is set if somebody annotated it.
    """

    suite: str
    tenant: str | None
    product: str | None
    policy: str
    org_unit: str | None
    requirement: str | None
    criticality: str | None
    result: str | None
    details: str | None
    original_result: str | None
    comment: str | None
    resolve_on: Any
    judged_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ImportedVerdicts:
    """All current verdicts, by suite, tenant, product and policy; `more` if there are more than MAX_VERDICTS."""

    verdicts: tuple[ImportedVerdict, ...]
    more: bool = False


def load_imported_verdicts(*, district: District) -> ImportedVerdicts:
    """Return the verdicts of other tools in the current loads, whether or not Homeroom assessed them.

    Raise QueryTimeout.
    """
    store = get_evidence_store(district=district)

    def run_query(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        return session.execute(_SQL).fetchall()

    pinned_to = f"{store.folder}/verdicts/{store.compute_sources_id()}"
    rows = query_executor().run(snapshot_id=pinned_to, pin=store.pin_snapshot, query=run_query)
    names = [column.name for column in fields(ImportedVerdict)]
    verdicts = tuple(ImportedVerdict(**dict(zip(names, row, strict=True))) for row in rows[:MAX_VERDICTS])
    return ImportedVerdicts(verdicts=verdicts, more=len(rows) > MAX_VERDICTS)
