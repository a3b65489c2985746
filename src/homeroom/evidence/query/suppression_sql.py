"""Suppressed vulnerabilities as SQL: which ones a decision names, and on which devices it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from homeroom.domain.protect.suppressions import Scope, Suppression

DEVICE_CLASS_SQL = """CASE WHEN regexp_matches(lower(coalesce(d.os_edition, '') || ' ' || coalesce(d.os_version, '')),
    'server') THEN 'server'
    ELSE coalesce(nullif(d.kind, ''), 'unknown') END"""
"""The class of a device `d`: a server by its system, else its kind; `get_device_class` in Python."""
NAMES_VULNERABILITY_SQL = """(l.product_key = '' OR l.product_key = {0}.product_key)
    AND (l.cve = '' OR lower(l.cve) = lower({0}.cve))"""
"""Whether a suppression `l` names a vulnerability, a row with `product_key` and `cve`."""
SCOPE_SQL: Mapping[Scope, str] = {
    Scope.DEVICE: "d.id = l.device",
    Scope.SCHOOL: "lower(d.school) = lower(l.value)",
    Scope.UNIT: "(d.org_unit = l.value OR starts_with(d.org_unit, rtrim(l.value, '/') || '/'))",
    Scope.CART: "lower(d.cart) = lower(l.value)",
    Scope.CLASS: f"{DEVICE_CLASS_SQL} = lower(l.value)",
}
"""By scope, SQL over a device `d` and a suppression `l`: whether the device is in the scope of the suppression."""
_SUPPRESSION_SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("product_key", pa.string()),
        ("cve", pa.string()),
        ("scope", pa.string()),
        ("value", pa.string()),
        ("device", pa.int64()),
    ]
)
_REPORTED_SQL = """SELECT device, upper(cve) AS cve FROM vulnerabilities_found WHERE cve IS NOT NULL
    UNION SELECT device, upper(unnest(exploited_cves)) FROM software WHERE len(exploited_cves) > 0"""


def get_device_class(*, kind: str | None, os_edition: str | None, os_version: str | None) -> str:
    """Return the class of a device of that kind and system, as DEVICE_CLASS_SQL does."""
    return "server" if "server" in f"{os_edition or ''} {os_version or ''}".lower() else kind or "unknown"


def build_suppressions_table(suppressions: Iterable[Suppression]) -> pa.Table:
    """Return suppressions as a table of id, product_key, cve, scope, value and device, an `l` of the SQL above."""
    rows = [
        {
            "id": suppression.id,
            "product_key": suppression.product_key,
            "cve": suppression.cve,
            "scope": str(suppression.scope),
            "value": suppression.value,
            "device": suppression.device,
        }
        for suppression in suppressions
    ]
    return pa.Table.from_pylist(rows, schema=_SUPPRESSION_SCHEMA)


def find_suppressed_vulnerabilities(
    session: duckdb.DuckDBPyConnection, *, suppressions: Iterable[Suppression]
) -> pa.Table:
    """Return (device, cves): vulnerabilities that tools report and that are suppressed in all affected software.

    `cves` are in capitals. A vulnerability in two programs of a device, only one of them suppressed, is not suppressed.
    """
    session.register("_let", build_suppressions_table(suppressions))
    scope_cases = " ".join(f"WHEN '{scope}' THEN {condition}" for scope, condition in SCOPE_SQL.items())
    try:
        result: pa.Table = session.execute(
            f"""WITH named AS (SELECT DISTINCT upper(v.cve) AS cve FROM vulnerabilities v JOIN _let l
                ON {NAMES_VULNERABILITY_SQL.format("v")}),
            asked AS (SELECT device, cve FROM ({_REPORTED_SQL}) SEMI JOIN named USING (cve)),
            has AS (SELECT a.device, v.item, v.product_key, a.cve FROM asked a JOIN vulnerable_installs i USING (device)
                JOIN vulnerabilities v ON v.item = i.item AND upper(v.cve) = a.cve),
            let AS (SELECT DISTINCT h.device, h.item, h.cve FROM has h JOIN devices d ON d.id = h.device
                JOIN _let l ON {NAMES_VULNERABILITY_SQL.format("h")} AND CASE l.scope {scope_cases} ELSE true END),
            whole AS (SELECT device, cve FROM has h LEFT JOIN (SELECT *, true AS let FROM let) USING (device, item, cve)
                GROUP BY device, cve HAVING bool_and(coalesce(let, false)))
            SELECT device, list_sort(list(cve)) AS cves FROM whole GROUP BY device ORDER BY device"""
        ).to_arrow_table()
    finally:
        session.unregister("_let")
    return result
