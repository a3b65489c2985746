"""Flaws that somebody lets stand, as SQL: which flaws a decision names, on which devices it holds, and what it spares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from homeroom.domain.excepting import Scope, Suppression

CLASS = """CASE WHEN regexp_matches(lower(coalesce(d.os_edition, '') || ' ' || coalesce(d.os_version, '')), 'server') THEN 'server'
    ELSE coalesce(nullif(d.kind, ''), 'unknown') END"""
"""The class of a device `d`: a server by its system, else its kind. `class_of` says the same of one."""
NAMES = "(l.thing = '' OR l.thing = {0}.thing) AND (l.cve = '' OR lower(l.cve) = lower({0}.cve))"
"""Whether a suppression `l` names a flaw, a row with `thing` and `cve`."""
WITHIN: Mapping[Scope, str] = {
    Scope.DEVICE: "d.id = l.device",
    Scope.SCHOOL: "lower(d.school) = lower(l.value)",
    Scope.UNIT: "(d.org_unit = l.value OR starts_with(d.org_unit, rtrim(l.value, '/') || '/'))",
    Scope.CART: "lower(d.cart) = lower(l.value)",
    Scope.CLASS: f"{CLASS} = lower(l.value)",
}
"""By scope, SQL over a device `d` and a suppression `l`: whether the one is among the devices of the other."""
_LET = pa.schema(
    [
        ("id", pa.int64()),
        ("thing", pa.string()),
        ("cve", pa.string()),
        ("scope", pa.string()),
        ("value", pa.string()),
        ("device", pa.int64()),
    ]
)
_ASKED = """SELECT device, upper(cve) AS cve FROM flaws WHERE cve IS NOT NULL
    UNION SELECT device, upper(unnest(exploited_flaws)) FROM software WHERE len(exploited_flaws) > 0"""


def class_of(*, kind: str | None, os_edition: str | None, os_version: str | None) -> str:
    """The class of a device of that kind and system, as CLASS has it."""
    return "server" if "server" in f"{os_edition or ''} {os_version or ''}".lower() else kind or "unknown"


def let_table(suppressions: Iterable[Suppression]) -> pa.Table:
    """Suppressions as a table of id, thing, cve, scope, value and device, an `l` of the texts above."""
    rows = [
        {
            "id": one.id,
            "thing": one.thing,
            "cve": one.cve,
            "scope": str(one.scope),
            "value": one.value,
            "device": one.device,
        }
        for one in suppressions
    ]
    return pa.Table.from_pylist(rows, schema=_LET)


def spared_flaws(session: duckdb.DuckDBPyConnection, *, suppressions: Iterable[Suppression]) -> pa.Table:
    """(device, cves): the flaws that tools report of a device and that are let stand in everything on it that has them.

    `cves` are in capitals. A flaw that stands in two programs of a device, one of them spared, is not spared.
    """
    session.register("_let", let_table(suppressions))
    within = " ".join(f"WHEN '{scope}' THEN {condition}" for scope, condition in WITHIN.items())
    try:
        found: pa.Table = session.execute(
            f"""WITH named AS (SELECT DISTINCT upper(v.cve) AS cve FROM vulnerabilities v JOIN _let l ON {NAMES.format("v")}),
            asked AS (SELECT device, cve FROM ({_ASKED}) SEMI JOIN named USING (cve)),
            has AS (SELECT a.device, v.item, v.thing, a.cve FROM asked a JOIN vulnerable_installs i USING (device)
                JOIN vulnerabilities v ON v.item = i.item AND upper(v.cve) = a.cve),
            let AS (SELECT DISTINCT h.device, h.item, h.cve FROM has h JOIN devices d ON d.id = h.device
                JOIN _let l ON {NAMES.format("h")} AND CASE l.scope {within} ELSE true END),
            whole AS (SELECT device, cve FROM has h LEFT JOIN (SELECT *, true AS let FROM let) USING (device, item, cve)
                GROUP BY device, cve HAVING bool_and(coalesce(let, false)))
            SELECT device, list_sort(list(cve)) AS cves FROM whole GROUP BY device ORDER BY device"""
        ).to_arrow_table()
    finally:
        session.unregister("_let")
    return found
