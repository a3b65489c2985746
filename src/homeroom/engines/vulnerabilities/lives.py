"""What a newer snapshot changes among the remedies that devices lacked before, set-wise; and how all of it stands now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from homeroom.engines.vulnerabilities.sql import arrow, dropped, given, made

OPEN = pa.schema(
    [("id", pa.int64()), ("remedy", pa.int64()), ("device", pa.int64()), ("since", pa.date32()), ("missed", pa.bool_())]
)
"""What stood open: `missed` where the last review could not see it."""
BEFORE = pa.schema([("thing", pa.string()), ("fix", pa.string()), ("cve", pa.string())])
_LEFTOVERS = (
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
class Sums:
    """The district as a whole, each device and each flaw once: devices with a flaw that nobody let stand, of those the ones past
    a day, and past the day of a catalogue of exploited flaws; open flaws known to be exploited, and those past that day."""

    open_devices: int
    overdue_devices: int
    late_devices: int
    exploited_flaws: int
    late_flaws: int


@dataclass(frozen=True, kw_only=True)
class Turned:
    """`opening`: (remedy, device, class, since). `lost`: (id, remedy, thing, device, since, moved), what the snapshot has not
    any more; `moved` where the same flaws only have another remedy now. `again`: (id), seen again after it was missed."""

    opening: pa.Table
    lost: pa.Table
    again: pa.Table


def turned(session: duckdb.DuckDBPyConnection, *, standing: pa.Table, before: pa.Table, today: date) -> Turned:
    """What changes from OPEN to vn_gaps. `before` are the flaws of the snapshot that was reviewed last, by remedy.

    Where a feed names another version as the remedy of a flaw, the device has lacked it since it had the flaw.
    """
    given(session, "open", standing)
    session.register("vn__before", before)
    made(
        session,
        "moved",
        """SELECT DISTINCT a.remedy AS old, b.remedy AS new FROM vn__before p JOIN vn_remedies a ON a.thing = p.thing AND a.fix = p.fix
        JOIN (SELECT DISTINCT thing, fix, cve FROM vn_known) k ON k.thing = p.thing AND k.cve = p.cve AND k.fix <> p.fix
        JOIN vn_remedies b ON b.thing = k.thing AND b.fix = k.fix""",
    )
    session.unregister("vn__before")
    lost = "SELECT o.* FROM vn_open o ANTI JOIN vn_gaps g USING (remedy, device)"
    made(
        session,
        "opening",
        f"""WITH lost AS ({lost}), fresh AS (SELECT g.* FROM vn_gaps g ANTI JOIN vn_open o USING (remedy, device)),
        carried AS (SELECT f.remedy, f.device, min(l.since) AS since FROM fresh f JOIN vn_moved m ON m.new = f.remedy
            JOIN lost l ON l.remedy = m.old AND l.device = f.device GROUP BY ALL)
        SELECT f.remedy, f.device, f.class, coalesce(c.since, DATE '{today}') AS since FROM fresh f LEFT JOIN carried c USING (remedy, device)""",
    )
    return Turned(
        opening=arrow(session, "SELECT * FROM vn_opening ORDER BY remedy, device"),
        lost=arrow(
            session,
            f"""WITH lost AS ({lost}), moved AS (SELECT DISTINCT m.old AS remedy, n.device FROM vn_opening n JOIN vn_moved m ON m.new = n.remedy)
            SELECT l.id, l.remedy, r.thing, l.device, l.since, v.device IS NOT NULL AS moved FROM lost l JOIN vn_wholes r USING (remedy)
            LEFT JOIN moved v USING (remedy, device) ORDER BY l.id""",
        ),
        again=arrow(
            session,
            "SELECT o.id FROM vn_open o SEMI JOIN vn_gaps g USING (remedy, device) WHERE o.missed ORDER BY o.id",
        ),
    )


def tallied(session: duckdb.DuckDBPyConnection, *, today: date) -> pa.Table:
    """How each thing stands, a row each: devices open, excepted and overdue; flaws that are closed by what, and excepted.

    Needs vn_gaps, vn_open and vn_opening. A device is excepted where all its flaws of that thing are let stand, a flaw
    where it is on all its devices. `due_on` is the earliest day among what is open: the day that a catalogue of exploited
    flaws names, and for other flaws the days of their severity from the first day on which that device was known to have them.
    """
    made(
        session,
        "lives",
        """SELECT r.thing, g.device, bool_or(g.open > 0) AS open, min(s.since) FILTER (g.open > 0) AS since,
            min(least(g.named, s.since + g.days::INTEGER)) FILTER (g.open > 0) AS due, min(g.named) FILTER (g.open > 0) AS named
        FROM vn_gaps g JOIN vn_wholes r USING (remedy) JOIN (
            SELECT remedy, device, since FROM vn_open UNION ALL SELECT remedy, device, since FROM vn_opening) s USING (remedy, device)
        GROUP BY r.thing, g.device""",
    )
    made(
        session,
        "flaws",
        """WITH spared AS (SELECT item, cve, count(*) AS devices FROM vn_spared GROUP BY ALL)
        SELECT k.*, NOT k.let AND coalesce(s.devices, 0) < k.devices AS open FROM vn_known k LEFT JOIN spared s USING (item, cve)""",
    )
    found = arrow(
        session,
        f"""WITH devices AS (
            SELECT thing, count(*) FILTER (open) AS devices, count(*) FILTER (NOT open) AS excepted, count(*) FILTER (due < DATE '{today}') AS overdue,
                min(due) AS due_on, min(since) AS since FROM vn_lives GROUP BY thing),
        flaws AS (
            SELECT thing, count(DISTINCT cve) FILTER (open AND fix <> '') AS closes,
                count(DISTINCT cve) FILTER (open) - count(DISTINCT cve) FILTER (open AND fix <> '') AS without_fix,
                count(DISTINCT cve) - count(DISTINCT cve) FILTER (open) AS excepted_flaws, count(DISTINCT cve) FILTER (open AND exploited) AS exploited,
                coalesce(arg_max(severity, list_position(['low', 'medium', 'high', 'critical'], severity)) FILTER (open), '') AS worst,
                coalesce(max(points) FILTER (open), 0) AS points,
                coalesce(list_sort(list_distinct(flatten(list(reasons) FILTER (open)))), []) AS reasons
            FROM vn_flaws GROUP BY thing)
        SELECT thing, d.devices, d.excepted, d.overdue, d.due_on, d.since, closes, without_fix, excepted_flaws, exploited, worst, points, reasons
        FROM flaws JOIN devices d USING (thing) ORDER BY thing""",
    )
    return found


def summed(session: duckdb.DuckDBPyConnection, *, today: date) -> Sums:
    """The sums over all things. Needs what `tallied` made."""
    devices = f"""SELECT count(DISTINCT device) FILTER (open), count(DISTINCT device) FILTER (due < DATE '{today}'),
        count(DISTINCT device) FILTER (named < DATE '{today}') FROM vn_lives"""
    flaws = f"""SELECT count(DISTINCT cve) FILTER (open AND exploited), count(DISTINCT cve) FILTER (open AND exploited AND named < DATE '{today}')
        FROM vn_flaws"""
    told = (*session.execute(devices).fetchall()[0], *session.execute(flaws).fetchall()[0])
    return Sums(**dict(zip(Sums.__dataclass_fields__, told, strict=True)))


def done(session: duckdb.DuckDBPyConnection) -> None:
    """Frees what was staged."""
    dropped(session, *_LEFTOVERS)
