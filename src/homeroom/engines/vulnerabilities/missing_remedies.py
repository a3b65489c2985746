"""Missing remedies: the remedies that each device lacks, their deadlines, and suppressed vulnerabilities.

A remedy is a set of releases of one product that became known together and fix vulnerabilities; where no
version is named, it is the vulnerabilities without a fix. A remedy and a device represent the vulnerabilities that all
those releases fix there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from homeroom.domain.suppressions import Scope, Suppression
from homeroom.engines.vulnerabilities.sql import create_temp_table, fetch_arrow, register_temp_table
from homeroom.evidence.query.suppression_sql import (
    DEVICE_CLASS_SQL,
    NAMES_VULNERABILITY_SQL,
    SCOPE_SQL,
    build_suppressions_table,
)

UNRATED_SEVERITY = "medium"
"""The severity whose deadline applies to a vulnerability that nobody rated."""
REMEDIES_SCHEMA = pa.schema([("remedy", pa.int64()), ("thing", pa.string()), ("fix", pa.string())])


def stage_known_vulnerabilities(
    session: duckdb.DuckDBPyConnection, *, suppressions: Iterable[Suppression], days: Mapping[str, int]
) -> pa.Table:
    """Create vn_known and vn_spared, and return (thing, fix) of every known remedy.

    vn_known holds every vulnerability of every item, vn_spared those that are suppressed on some devices. The session
    has derived tables; `days` are those within which a vulnerability of a severity should be fixed.
    """
    register_temp_table(session, "let", build_suppressions_table(suppressions))
    within = " ".join(f"WHEN '{severity}' THEN {count}" for severity, count in days.items())
    create_temp_table(
        session,
        "known",
        f"""SELECT v.item, v.thing, coalesce(v.fixed_in, '') AS fix, v.cve, v.severity, v.points, v.reasons,
            v.devices, coalesce(v.exploited, false) AS exploited,
            CASE WHEN v.exploited THEN v.due_on END AS named, CASE WHEN named IS NULL THEN CASE v.severity {within}
                ELSE {days[UNRATED_SEVERITY]} END END AS days,
            EXISTS (SELECT 1 FROM vn_let l WHERE l.scope = '{Scope.EVERYWHERE}' AND
                {NAMES_VULNERABILITY_SQL.format("v")}) AS let
        FROM vulnerabilities v""",
    )
    scopes = " UNION ALL ".join(
        f"SELECT l.thing, l.cve, d.id AS device FROM vn_let l JOIN devices d ON l.scope = '{scope}' AND {condition}"
        for scope, condition in SCOPE_SQL.items()
    )
    create_temp_table(
        session,
        "spared",
        f"""SELECT DISTINCT i.device, k.item, k.cve FROM ({scopes}) l JOIN vulnerable_installs i USING (device)
        JOIN vn_known k ON k.item = i.item AND NOT k.let AND {NAMES_VULNERABILITY_SQL.format("k")}""",
    )
    return fetch_arrow(session, "SELECT DISTINCT thing, fix FROM vn_known ORDER BY thing, fix")


def stage_gaps(session: duckdb.DuckDBPyConnection, *, remedies: pa.Table) -> None:
    """Create vn_gaps (remedy, device, class, open, days, named): the remedies that every device lacks.

    Needs vn_known and vn_spared. `remedies` are REMEDIES_SCHEMA, a row for each release, numbered by the caller. `open`
    counts the vulnerabilities that are not suppressed; `days` and `named` are the shortest time and the earliest day of
    those.
    """
    register_temp_table(session, "remedies", remedies)
    create_temp_table(session, "wholes", "SELECT DISTINCT remedy, thing FROM vn_remedies")
    create_temp_table(
        session,
        "lacks",
        """SELECT k.item, r.remedy, count(*) FILTER (NOT let) AS open, min(days) FILTER (NOT let) AS days,
            min(named) FILTER (NOT let) AS named
        FROM vn_known k JOIN vn_remedies r USING (thing, fix) GROUP BY ALL""",
    )
    create_temp_table(
        session,
        "gaps",
        f"""WITH touched AS (SELECT DISTINCT device, item FROM vn_spared),
        every AS (
            SELECT l.remedy, i.device, l.open, l.days, l.named FROM vulnerable_installs i JOIN vn_lacks l
                USING (item) ANTI JOIN touched USING (device, item)
            UNION ALL
            SELECT r.remedy, t.device, count(*) FILTER (NOT k.let AND s.cve IS NULL), min(k.days) FILTER (NOT k.let
                AND s.cve IS NULL),
                min(k.named) FILTER (NOT k.let AND s.cve IS NULL)
            FROM touched t JOIN vn_known k USING (item) JOIN vn_remedies r USING (thing, fix) LEFT JOIN vn_spared s
                USING (device, item, cve) GROUP BY ALL)
        SELECT e.remedy, e.device, any_value({DEVICE_CLASS_SQL}) AS class, sum(open)::BIGINT AS open,
            min(days) AS days, min(named) AS named
        FROM every e LEFT JOIN devices d ON d.id = e.device GROUP BY e.remedy, e.device""",
    )
