"""Lifecycle of missing remedies: changes from the last review to a newer snapshot, and their current state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from homeroom.evidence.query.steps import Step

OPEN_GAPS_SCHEMA = pa.schema(
    [("id", pa.int64()), ("remedy", pa.int64()), ("device", pa.int64()), ("since", pa.date32()), ("missed", pa.bool_())]
)
"""The open gaps of the last review; `missed` where that review could not see the gap."""
REVIEWED_SCHEMA = pa.schema([("product_key", pa.string()), ("fix", pa.string()), ("cve", pa.string())])
"""The vulnerabilities of the snapshot that was reviewed last, by remedy."""


@dataclass(frozen=True, kw_only=True)
class VulnerabilityTotals:
    """Totals of the district, each device and each vulnerability counted once.

    Devices with a vulnerability that is not suppressed; those among them past a deadline, and past the deadline of a
    catalog of exploited vulnerabilities; open vulnerabilities known to be exploited, and those past that deadline.
    """

    open_devices: int
    overdue_devices: int
    late_devices: int
    exploited_vulnerabilities: int
    late_vulnerabilities: int


@dataclass(frozen=True, kw_only=True)
class LifecycleChanges:
    """Changes of missing remedies since the last review.

    `opened`: (remedy, device, class, since). `closed`: (id, remedy, product_key, device, since, moved), gaps that the
    snapshot no longer has; `moved` where the same vulnerabilities only have another remedy now. `reappeared`: (id),
    gaps that the last review missed.
    """

    opened: pa.Table
    closed: pa.Table
    reappeared: pa.Table


_FIND_MOVES = Step(
    name="find remedies that another one replaced",
    reads=("reviewed", "remedies", "known_vulnerabilities"),
    writes=("moved_remedies",),
    sql="""SELECT DISTINCT a.remedy AS old, b.remedy AS new FROM vn_reviewed p
        JOIN vn_remedies a ON a.product_key = p.product_key AND a.fix = p.fix
        JOIN (SELECT DISTINCT product_key, fix, cve FROM vn_known_vulnerabilities) k
            ON k.product_key = p.product_key AND k.cve = p.cve AND k.fix <> p.fix
        JOIN vn_remedies b ON b.product_key = k.product_key AND b.fix = k.fix""",
)
_FIND_LOST = Step(
    name="find gaps that the snapshot no longer has",
    reads=("open_gaps", "gaps"),
    writes=("lost_gaps",),
    sql="SELECT o.* FROM vn_open_gaps o ANTI JOIN vn_gaps g USING (remedy, device)",
)
_FIND_CLOSED = Step(
    name="find closed gaps",
    reads=("lost_gaps", "opened_gaps", "moved_remedies", "remedy_products"),
    writes=("closed_gaps",),
    sql="""WITH moved AS (SELECT DISTINCT m.old AS remedy, n.device FROM vn_opened_gaps n
            JOIN vn_moved_remedies m ON m.new = n.remedy)
        SELECT l.id, l.remedy, r.product_key, l.device, l.since, v.device IS NOT NULL AS moved FROM vn_lost_gaps l
            JOIN vn_remedy_products r USING (remedy)
        LEFT JOIN moved v USING (remedy, device)""",
)
_FIND_REAPPEARED = Step(
    name="find gaps that reappeared",
    reads=("open_gaps", "gaps"),
    writes=("reappeared_gaps",),
    sql="SELECT o.id FROM vn_open_gaps o SEMI JOIN vn_gaps g USING (remedy, device) WHERE o.missed",
)
_DESCRIBE_DEVICES = Step(
    name="describe each product on each device",
    reads=("gaps", "remedy_products", "open_gaps", "opened_gaps"),
    writes=("device_states",),
    sql="""SELECT r.product_key, g.device, bool_or(g.open > 0) AS open, min(s.since) FILTER (g.open > 0) AS since,
            min(least(g.catalog_day, s.since + g.days::INTEGER)) FILTER (g.open > 0) AS due,
                min(g.catalog_day) FILTER (g.open > 0) AS catalog_day
        FROM vn_gaps g JOIN vn_remedy_products r USING (remedy) JOIN (
            SELECT remedy, device, since FROM vn_open_gaps UNION ALL SELECT remedy, device, since FROM vn_opened_gaps) s
                USING (remedy, device)
        GROUP BY r.product_key, g.device""",
)
# A vulnerability is excepted where it is suppressed on all its devices.
_DESCRIBE_VULNERABILITIES = Step(
    name="describe each vulnerability",
    reads=("suppressed_installs", "known_vulnerabilities"),
    writes=("vulnerability_states",),
    sql="""WITH suppressed AS (SELECT item, cve, count(*) AS devices FROM vn_suppressed_installs GROUP BY ALL)
        SELECT k.*, NOT k.suppressed AND coalesce(s.devices, 0) < k.devices AS open
        FROM vn_known_vulnerabilities k LEFT JOIN suppressed s USING (item, cve)""",
)


def list_change_steps(*, today: date) -> tuple[Step, ...]:
    """Return the steps from open_gaps and reviewed to opened_gaps, closed_gaps and reappeared_gaps.

    They read OPEN_GAPS_SCHEMA, REVIEWED_SCHEMA, gaps, remedies, remedy_products and known_vulnerabilities. Where a feed
    names another version as the remedy of a vulnerability, the device has lacked it since it had the vulnerability.
    """
    find_opened = Step(
        name="find opened gaps",
        reads=("lost_gaps", "gaps", "open_gaps", "moved_remedies"),
        writes=("opened_gaps",),
        sql=f"""WITH fresh AS (SELECT g.* FROM vn_gaps g ANTI JOIN vn_open_gaps o USING (remedy, device)),
        carried AS (SELECT f.remedy, f.device, min(l.since) AS since
            FROM fresh f JOIN vn_moved_remedies m ON m.new = f.remedy
            JOIN vn_lost_gaps l ON l.remedy = m.old AND l.device = f.device GROUP BY ALL)
        SELECT f.remedy, f.device, f.class, coalesce(c.since, DATE '{today}') AS since FROM fresh f LEFT
            JOIN carried c USING (remedy, device)""",
    )
    return _FIND_MOVES, _FIND_LOST, find_opened, _FIND_CLOSED, _FIND_REAPPEARED


def list_summary_steps(*, today: date) -> tuple[Step, ...]:
    """Return the steps that write product_summary, a row for each product, and totals, one row.

    The row of a product counts devices that are open, excepted and overdue, and vulnerabilities that an update closes,
    that have no fix, and that are excepted. A device is excepted where all its vulnerabilities of that product are
    suppressed, a vulnerability where it is suppressed on all its devices. `due_on` is the earliest deadline among the
    open ones: the day that a catalog of exploited vulnerabilities names, and for other vulnerabilities the days of
    their severity from the first day on which that device was known to have them. The columns of totals are the fields
    of VulnerabilityTotals.
    """
    summarize = Step(
        name="summarize each product",
        reads=("device_states", "vulnerability_states"),
        writes=("product_summary",),
        sql=f"""WITH devices AS (
            SELECT product_key, count(*) FILTER (open) AS devices, count(*) FILTER (NOT open) AS excepted,
                count(*) FILTER (due < DATE '{today}') AS overdue,
                min(due) AS due_on, min(since) AS since FROM vn_device_states GROUP BY product_key),
        vulnerabilities AS (
            SELECT product_key, count(DISTINCT cve) FILTER (open AND fix <> '') AS closes,
                count(DISTINCT cve) FILTER (open) - count(DISTINCT cve) FILTER (open AND fix <> '') AS without_fix,
                count(DISTINCT cve) - count(DISTINCT cve) FILTER (open) AS excepted_vulnerabilities,
                    count(DISTINCT cve) FILTER (open AND exploited) AS exploited,
                coalesce(arg_max(severity, list_position(['low', 'medium', 'high', 'critical'],
                    severity)) FILTER (open), '') AS worst,
                coalesce(max(points) FILTER (open), 0) AS points,
                coalesce(list_sort(list_distinct(flatten(list(reasons) FILTER (open)))), []) AS reasons
            FROM vn_vulnerability_states GROUP BY product_key)
        SELECT product_key, d.devices, d.excepted, d.overdue, d.due_on, d.since, closes, without_fix,
            excepted_vulnerabilities, exploited, worst, points, reasons
        FROM vulnerabilities JOIN devices d USING (product_key)""",
    )
    count_totals = Step(
        name="count totals of the district",
        reads=("device_states", "vulnerability_states"),
        writes=("totals",),
        sql=f"""SELECT * FROM (
            SELECT count(DISTINCT device) FILTER (open) AS open_devices,
                count(DISTINCT device) FILTER (due < DATE '{today}') AS overdue_devices,
                count(DISTINCT device) FILTER (catalog_day < DATE '{today}') AS late_devices
            FROM vn_device_states) CROSS JOIN (
            SELECT count(DISTINCT cve) FILTER (open AND exploited) AS exploited_vulnerabilities,
                count(DISTINCT cve) FILTER (open AND exploited AND catalog_day < DATE '{today}') AS late_vulnerabilities
            FROM vn_vulnerability_states)""",
    )
    return _DESCRIBE_DEVICES, _DESCRIBE_VULNERABILITIES, summarize, count_totals
