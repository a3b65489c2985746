"""Lifecycle of missing remedies: changes from the last review to a newer snapshot, and their current state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from homeroom.engines.vulnerabilities.sql import create_temp_table, drop_temp_tables, fetch_arrow, register_temp_table

OPEN_GAPS_SCHEMA = pa.schema(
    [("id", pa.int64()), ("remedy", pa.int64()), ("device", pa.int64()), ("since", pa.date32()), ("missed", pa.bool_())]
)
"""The open gaps of the last review; `missed` where that review could not see the gap."""
REVIEWED_SCHEMA = pa.schema([("thing", pa.string()), ("fix", pa.string()), ("cve", pa.string())])
_STAGED_TABLES = (
    "let",
    "known",
    "spared",
    "remedies",
    "wholes",
    "lacks",
    "gaps",
    "open",
    "moved",
    "opening",
    "lives",
    "flaws",
)


@dataclass(frozen=True, kw_only=True)
class VulnerabilityTotals:
    """Totals of the district, each device and each vulnerability counted once.

    Devices with a vulnerability that is not suppressed; those among them past a deadline, and past the deadline of a
    catalog of exploited vulnerabilities; open vulnerabilities known to be exploited, and those past that deadline.
    """

    open_devices: int
    overdue_devices: int
    late_devices: int
    exploited_flaws: int
    late_flaws: int


@dataclass(frozen=True, kw_only=True)
class LifecycleChanges:
    """Changes of missing remedies since the last review.

    `opened`: (remedy, device, class, since). `closed`: (id, remedy, thing, device, since, moved), gaps that the
    snapshot no longer has; `moved` where the same vulnerabilities only have another remedy now. `reappeared`: (id),
    gaps that the last review missed.
    """

    opened: pa.Table
    closed: pa.Table
    reappeared: pa.Table


def diff_gaps(
    session: duckdb.DuckDBPyConnection, *, open_gaps: pa.Table, reviewed: pa.Table, today: date
) -> LifecycleChanges:
    """Return the changes from OPEN_GAPS_SCHEMA to vn_gaps.

    `reviewed` are the vulnerabilities of the snapshot that was reviewed last, by remedy. Where a feed names another
    version as the remedy of a vulnerability, the device has lacked it since it had the vulnerability.
    """
    register_temp_table(session, "open", open_gaps)
    session.register("vn__before", reviewed)
    create_temp_table(
        session,
        "moved",
        """SELECT DISTINCT a.remedy AS old, b.remedy AS new FROM vn__before p JOIN vn_remedies a ON a.thing = p.thing
            AND a.fix = p.fix
        JOIN (SELECT DISTINCT thing, fix, cve FROM vn_known) k ON k.thing = p.thing AND k.cve = p.cve AND k.fix <> p.fix
        JOIN vn_remedies b ON b.thing = k.thing AND b.fix = k.fix""",
    )
    session.unregister("vn__before")
    closed_sql = "SELECT o.* FROM vn_open o ANTI JOIN vn_gaps g USING (remedy, device)"
    create_temp_table(
        session,
        "opening",
        f"""WITH lost AS ({closed_sql}), fresh AS (SELECT g.* FROM vn_gaps g ANTI JOIN vn_open o USING (remedy,
            device)),
        carried AS (SELECT f.remedy, f.device, min(l.since) AS since FROM fresh f JOIN vn_moved m ON m.new = f.remedy
            JOIN lost l ON l.remedy = m.old AND l.device = f.device GROUP BY ALL)
        SELECT f.remedy, f.device, f.class, coalesce(c.since, DATE '{today}') AS since FROM fresh f LEFT
            JOIN carried c USING (remedy, device)""",
    )
    return LifecycleChanges(
        opened=fetch_arrow(session, "SELECT * FROM vn_opening ORDER BY remedy, device"),
        closed=fetch_arrow(
            session,
            f"""WITH lost AS ({closed_sql}), moved AS (SELECT DISTINCT m.old AS remedy, n.device FROM vn_opening n
                JOIN vn_moved m ON m.new = n.remedy)
            SELECT l.id, l.remedy, r.thing, l.device, l.since, v.device IS NOT NULL AS moved FROM lost l
                JOIN vn_wholes r USING (remedy)
            LEFT JOIN moved v USING (remedy, device) ORDER BY l.id""",
        ),
        reappeared=fetch_arrow(
            session,
            "SELECT o.id FROM vn_open o SEMI JOIN vn_gaps g USING (remedy, device) WHERE o.missed ORDER BY o.id",
        ),
    )


def summarize_by_product(session: duckdb.DuckDBPyConnection, *, today: date) -> pa.Table:
    """Summarize the state of each product in one row.

    The row counts devices that are open, excepted and overdue, and vulnerabilities that an update closes, that have no
    fix, and that are excepted. Needs vn_gaps, vn_open and vn_opening. A device is excepted where all its
    vulnerabilities of that product are suppressed, a vulnerability where it is suppressed on all its devices. `due_on`
    is the earliest deadline among the open ones: the day that a catalog of exploited vulnerabilities names, and for
    other vulnerabilities the days of their severity from the first day on which that device was known to have them.
    """
    create_temp_table(
        session,
        "lives",
        """SELECT r.thing, g.device, bool_or(g.open > 0) AS open, min(s.since) FILTER (g.open > 0) AS since,
            min(least(g.named, s.since + g.days::INTEGER)) FILTER (g.open > 0) AS due,
                min(g.named) FILTER (g.open > 0) AS named
        FROM vn_gaps g JOIN vn_wholes r USING (remedy) JOIN (
            SELECT remedy, device, since FROM vn_open UNION ALL SELECT remedy, device, since FROM vn_opening) s
                USING (remedy, device)
        GROUP BY r.thing, g.device""",
    )
    create_temp_table(
        session,
        "flaws",
        """WITH spared AS (SELECT item, cve, count(*) AS devices FROM vn_spared GROUP BY ALL)
        SELECT k.*, NOT k.let AND coalesce(s.devices, 0) < k.devices AS open FROM vn_known k LEFT JOIN spared s
            USING (item, cve)""",
    )
    summary = fetch_arrow(
        session,
        f"""WITH devices AS (
            SELECT thing, count(*) FILTER (open) AS devices, count(*) FILTER (NOT open) AS excepted,
                count(*) FILTER (due < DATE '{today}') AS overdue,
                min(due) AS due_on, min(since) AS since FROM vn_lives GROUP BY thing),
        flaws AS (
            SELECT thing, count(DISTINCT cve) FILTER (open AND fix <> '') AS closes,
                count(DISTINCT cve) FILTER (open) - count(DISTINCT cve) FILTER (open AND fix <> '') AS without_fix,
                count(DISTINCT cve) - count(DISTINCT cve) FILTER (open) AS excepted_flaws,
                    count(DISTINCT cve) FILTER (open AND exploited) AS exploited,
                coalesce(arg_max(severity, list_position(['low', 'medium', 'high', 'critical'],
                    severity)) FILTER (open), '') AS worst,
                coalesce(max(points) FILTER (open), 0) AS points,
                coalesce(list_sort(list_distinct(flatten(list(reasons) FILTER (open)))), []) AS reasons
            FROM vn_flaws GROUP BY thing)
        SELECT thing, d.devices, d.excepted, d.overdue, d.due_on, d.since, closes, without_fix, excepted_flaws,
            exploited, worst, points, reasons
        FROM flaws JOIN devices d USING (thing) ORDER BY thing""",
    )
    return summary


def compute_totals(session: duckdb.DuckDBPyConnection, *, today: date) -> VulnerabilityTotals:
    """Compute the totals over all products.

    Needs the tables of `summarize_by_product`.
    """
    devices = f"""SELECT count(DISTINCT device) FILTER (open), count(DISTINCT device) FILTER (due < DATE '{today}'),
        count(DISTINCT device) FILTER (named < DATE '{today}') FROM vn_lives"""
    vulnerabilities = f"""SELECT count(DISTINCT cve) FILTER (open AND exploited), count(DISTINCT cve) FILTER (open
        AND exploited AND named < DATE '{today}')
        FROM vn_flaws"""
    totals = (*session.execute(devices).fetchall()[0], *session.execute(vulnerabilities).fetchall()[0])
    return VulnerabilityTotals(**dict(zip(VulnerabilityTotals.__dataclass_fields__, totals, strict=True)))


def drop_staged_tables(session: duckdb.DuckDBPyConnection) -> None:
    """Drop all staged tables."""
    drop_temp_tables(session, *_STAGED_TABLES)
