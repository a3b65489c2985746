"""Which device lacks which remedy: what is to be closed there by when, and what of it somebody let stand.

A remedy is the releases of one thing that became known together, each of which closes flaws; where no version is named, the
flaws of none. A remedy and a device stand for the flaws that all of those releases close there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from homeroom.domain.excepting import Scope, Suppression
from homeroom.engines.vulnerabilities.sql import arrow, given, made
from homeroom.evidence.spared import CLASS, NAMES, WITHIN, let_table

UNRATED = "medium"
"""By the days of which severity a flaw is due that nobody rated."""
REMEDIES = pa.schema([("remedy", pa.int64()), ("thing", pa.string()), ("fix", pa.string())])


def stage_known(
    session: duckdb.DuckDBPyConnection, *, suppressions: Iterable[Suppression], days: Mapping[str, int]
) -> pa.Table:
    """Makes vn_known, every flaw of every item, and vn_spared, what of it is let stand on some devices; gives (thing, fix).

    The session has derived tables; `days` are those within which a flaw of a severity should be closed.
    """
    given(session, "let", let_table(suppressions))
    within = " ".join(f"WHEN '{severity}' THEN {count}" for severity, count in days.items())
    made(
        session,
        "known",
        f"""SELECT v.item, v.thing, coalesce(v.fixed_in, '') AS fix, v.cve, v.severity, v.points, v.reasons, v.devices, coalesce(v.exploited, false) AS exploited,
            CASE WHEN v.exploited THEN v.due_on END AS named, CASE WHEN named IS NULL THEN CASE v.severity {within} ELSE {days[UNRATED]} END END AS days,
            EXISTS (SELECT 1 FROM vn_let l WHERE l.scope = '{Scope.EVERYWHERE}' AND {NAMES.format("v")}) AS let
        FROM vulnerabilities v""",
    )
    scopes = " UNION ALL ".join(
        f"SELECT l.thing, l.cve, d.id AS device FROM vn_let l JOIN devices d ON l.scope = '{scope}' AND {condition}"
        for scope, condition in WITHIN.items()
    )
    made(
        session,
        "spared",
        f"""SELECT DISTINCT i.device, k.item, k.cve FROM ({scopes}) l JOIN vulnerable_installs i USING (device)
        JOIN vn_known k ON k.item = i.item AND NOT k.let AND {NAMES.format("k")}""",
    )
    return arrow(session, "SELECT DISTINCT thing, fix FROM vn_known ORDER BY thing, fix")


def stage_gaps(session: duckdb.DuckDBPyConnection, *, remedies: pa.Table) -> None:
    """Makes vn_gaps: (remedy, device, class, open, days, named): what every device lacks. Needs vn_known and vn_spared.

    `remedies` are REMEDIES, a row for each release, numbered by who keeps them. `open` counts the flaws that nobody let stand; `days` and `named`
    are the shortest time and the earliest day of those.
    """
    given(session, "remedies", remedies)
    made(session, "wholes", "SELECT DISTINCT remedy, thing FROM vn_remedies")
    made(
        session,
        "lacks",
        """SELECT k.item, r.remedy, count(*) FILTER (NOT let) AS open, min(days) FILTER (NOT let) AS days, min(named) FILTER (NOT let) AS named
        FROM vn_known k JOIN vn_remedies r USING (thing, fix) GROUP BY ALL""",
    )
    made(
        session,
        "gaps",
        f"""WITH touched AS (SELECT DISTINCT device, item FROM vn_spared),
        every AS (
            SELECT l.remedy, i.device, l.open, l.days, l.named FROM vulnerable_installs i JOIN vn_lacks l USING (item) ANTI JOIN touched USING (device, item)
            UNION ALL
            SELECT r.remedy, t.device, count(*) FILTER (NOT k.let AND s.cve IS NULL), min(k.days) FILTER (NOT k.let AND s.cve IS NULL),
                min(k.named) FILTER (NOT k.let AND s.cve IS NULL)
            FROM touched t JOIN vn_known k USING (item) JOIN vn_remedies r USING (thing, fix) LEFT JOIN vn_spared s USING (device, item, cve) GROUP BY ALL)
        SELECT e.remedy, e.device, any_value({CLASS}) AS class, sum(open)::BIGINT AS open, min(days) AS days, min(named) AS named
        FROM every e LEFT JOIN devices d ON d.id = e.device GROUP BY e.remedy, e.device""",
    )
