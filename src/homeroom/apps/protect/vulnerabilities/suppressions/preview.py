"""Preview what a suppression would cover in the newest snapshot, so that a mistyped name covers nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from homeroom.apps.protect.vulnerabilities.published.queries import NothingDerived, build_where
from homeroom.domain.protect.suppressions import Scope
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.executor import query_executor
from homeroom.evidence.query.suppression_sql import DEVICE_CLASS_SQL, SCOPE_SQL

_WORST = "arg_max(severity, list_position(['low', 'medium', 'high', 'critical'], severity))"
MAX_SCOPE_VALUES = 2_000


@dataclass(frozen=True, kw_only=True)
class SuppressionPreview:
    """Counts of the named vulnerabilities and of devices that have one, and the worst severity.

    `exploited` is whether any is known to be exploited.
    """

    vulnerabilities: int
    worst: str | None
    exploited: bool
    devices: int


def preview_suppression(
    *,
    store: EvidenceStore,
    product: str = "",
    cve: str = "",
    scope: str = Scope.EVERYWHERE,
    value: str = "",
    device: int | None = None,
) -> SuppressionPreview:
    """Count what a suppression would cover today.

    Raise NothingDerived and QueryTimeout.
    """
    filters = {name: text for name, text in (("product_key", product), ("cve", cve)) if text}
    within = SCOPE_SQL[Scope(scope)] if scope != Scope.EVERYWHERE else "true"
    text = f"""WITH named AS (SELECT item, cve, severity, exploited FROM vulnerabilities {build_where(*filters)})
        SELECT count(DISTINCT cve), {_WORST}, coalesce(bool_or(exploited), false), (
            SELECT count(DISTINCT i.device) FROM vulnerable_installs i SEMI JOIN named USING (item)
            JOIN devices d ON d.id = i.device, (SELECT $value AS value, $device AS device) l WHERE {within})
        FROM named"""
    parameters = {**filters, "value": value.strip(), "device": device}
    vulnerabilities, worst, exploited, devices = _run_query(store, text, parameters)[0]
    return SuppressionPreview(vulnerabilities=vulnerabilities, worst=worst, exploited=exploited, devices=devices)


def list_scope_values(*, store: EvidenceStore) -> dict[str, tuple[str, ...]]:
    """Return the names of schools, units, carts and classes that devices have, at most 2,000 of each.

    Raise NothingDerived and QueryTimeout.
    """
    columns = {Scope.SCHOOL: "d.school", Scope.UNIT: "d.org_unit", Scope.CART: "d.cart", Scope.CLASS: DEVICE_CLASS_SQL}
    sql = " UNION ALL ".join(
        f"(SELECT DISTINCT '{scope}', {column} AS name FROM devices d WHERE name IS NOT NULL ORDER BY name LIMIT "
        f"{MAX_SCOPE_VALUES})"
        for scope, column in columns.items()
    )
    names_by_scope: dict[str, list[str]] = {scope: [] for scope in columns}
    for scope, name in _run_query(store, sql, {}):
        names_by_scope[scope].append(name)
    return {str(scope): tuple(names) for scope, names in names_by_scope.items()}


def _run_query(store: EvidenceStore, text: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    newest = store.get_latest_derived()
    if newest is None:
        raise NothingDerived("nothing was resolved yet; run homeroom resolve")

    def execute(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        return session.execute(text, parameters).fetchall()

    return query_executor().run(
        snapshot_id=f"{store.folder}/derived/{newest.id}",
        pin=lambda: store.pin_snapshot(derived=newest.id),
        query=execute,
    )
