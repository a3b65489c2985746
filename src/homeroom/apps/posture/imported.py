"""What other tools concluded, in their own words: kept as evidence, shown as it came, and counted in no number of ours."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import duckdb

from homeroom.apps.districts.stores import store_of
from homeroom.evidence.asking import asker

MOST = 5000
"""Verdicts that a page or a file has; the suites that are read have some hundreds of policies."""

_WORDS = "suite, tenant, product, policy, org_unit, requirement, criticality, result, details, original_result, comment, resolve_on, judged_at"
_SQL = f"SELECT {_WORDS} FROM verdict_records ORDER BY suite, tenant, product, policy, org_unit LIMIT {MOST + 1}"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One policy as a tool judged it. Every text is the tool's own; `original_result` is set where somebody annotated it."""

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
class Imported:
    """Every verdict that stands, by suite, tenant, product and policy; `more` where there are more than MOST."""

    verdicts: tuple[Verdict, ...]
    more: bool = False


def imported(*, district: Any) -> Imported:
    """The verdicts of other tools in what stands now, loaded or undone, judged by us or not. Raises TooSlow."""
    store = store_of(district=district)

    def ask(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        return session.execute(_SQL).fetchall()

    pinned_to = f"{store.folder}/verdicts/{store.sources_id()}"
    rows = asker().answer(pinned_to=pinned_to, pinned=store.pinned, ask=ask)
    names = [one.name for one in fields(Verdict)]
    found = tuple(Verdict(**dict(zip(names, row, strict=True))) for row in rows[:MOST])
    return Imported(verdicts=found, more=len(rows) > MOST)
