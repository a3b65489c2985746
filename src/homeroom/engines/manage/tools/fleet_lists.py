"""Lists of coverage and of backups: which devices a tool reaches, when they last reported, and how old backups are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb

from homeroom.domain.manage.tools.capabilities import Audience
from homeroom.engines.manage.tools.read_records import COVERING_TOOL, NAMES_TABLE, NO_TOOL
from homeroom.engines.manage.tools.schools import DEVICE_CONDITIONS, DEVICES_TABLE

BACKUP_DAYS = 7
"""A system whose newest backup is older is not backed up."""
_SERIAL = "nullif(regexp_replace(upper(trim(c.serial)), '[ ./_-]', '', 'g'), '')"
_ROWS_SQL = f"""CREATE OR REPLACE TEMP TABLE _tl_covering AS SELECT row_number() OVER () AS n, t.tool, c.purpose,
        {_SERIAL} AS serial, nullif(upper(trim(c.asset_tag)), '') AS tag,
        nullif(lower(split_part(trim(c.name), '.', 1)), '') AS host, nullif(lower(trim(c.email)), '') AS email,
        CASE WHEN c.unclear THEN NULL ELSE coalesce(c.covered, true) END AS covered, c.last_seen::DATE AS last_seen
    FROM coverage_records c JOIN {NAMES_TABLE} t ON t."table" = 'coverage_records' AND t.name = {COVERING_TOOL}"""
_FITS_SQL = f"""CREATE OR REPLACE TEMP TABLE _tl_fits AS
    WITH devices AS (SELECT *, regexp_replace(serial, '[ ./_-]', '', 'g') AS bare FROM {DEVICES_TABLE}),
    tags AS (SELECT tag, min(id) AS id, max(bare) AS serial FROM devices WHERE tag <> '' GROUP BY tag
        HAVING count(*) = 1),
    hosts AS (SELECT host, min(id) AS id, max(bare) AS serial FROM devices WHERE host <> '' GROUP BY host
        HAVING count(*) = 1),
    holders AS (SELECT lower(email) AS email, person FROM accounts WHERE person IS NOT NULL AND email <> ''
        UNION SELECT lower(email), id FROM people WHERE email <> ''),
    fits AS (
        SELECT r.n, 1 AS step, d.id FROM _tl_covering r JOIN devices d ON d.bare = r.serial
        UNION ALL SELECT r.n, 2, t.id FROM _tl_covering r JOIN tags t ON t.tag = r.tag
            AND (r.serial IS NULL OR t.serial IS NULL)
        UNION ALL SELECT r.n, 3, h.id FROM _tl_covering r JOIN hosts h ON h.host = r.host
            AND (r.serial IS NULL OR h.serial IS NULL)
        UNION ALL SELECT r.n, 4, d.id FROM _tl_covering r JOIN holders p ON p.email = r.email
            JOIN devices d ON d.holder = p.person WHERE r.serial IS NULL AND r.tag IS NULL AND r.host IS NULL),
    first AS (SELECT *, min(step) OVER (PARTITION BY n) AS least FROM fits)
    SELECT r.tool, r.purpose, f.id, bool_or(r.covered) AS covered, bool_or(r.covered IS NULL) AS unclear
    FROM first f JOIN _tl_covering r USING (n) WHERE f.step = f.least GROUP BY ALL"""
_COUNTS_SQL = f"""SELECT f.tool, f.purpose, d.school,
        {
    ", ".join(
        f"count(*) FILTER (d.{name} AND f.covered), count(*) FILTER (d.{name} AND f.unclear AND f.covered IS NOT TRUE)"
        for name in DEVICE_CONDITIONS
    )
}
    FROM _tl_fits f JOIN {DEVICES_TABLE} d USING (id) GROUP BY ALL"""
_PURPOSES_SQL = "SELECT DISTINCT tool, purpose FROM _tl_covering ORDER BY ALL"
_REPORTS_SQL = """SELECT tool, last_seen, count(*) FROM _tl_covering
    WHERE serial IS NOT NULL OR tag IS NOT NULL OR host IS NOT NULL GROUP BY ALL ORDER BY ALL"""
_BACKUPS_SQL = f"""SELECT t.tool, b.system, max(b.last_success)::DATE FROM backup_records b JOIN {NAMES_TABLE} t
    ON t."table" = 'backup_records' AND t.name = b.tool WHERE lower(trim(b.tool)) NOT IN {NO_TOOL}
    GROUP BY ALL ORDER BY ALL"""


@dataclass(frozen=True, kw_only=True)
class CoveredDevices:
    """The active devices that a list of coverage has, by audience and school: those covered, and those unclear."""

    covered: Mapping[Audience, Mapping[str, int]]
    unclear: Mapping[Audience, Mapping[str, int]]


@dataclass(frozen=True, kw_only=True)
class FleetList:
    """The lists of one tool.

    `coverage` is by purpose as the list has it. `reports` counts listed devices by the day of their last report, None
    where it is not written; `backups` has the day of each system's newest backup.
    """

    coverage: Mapping[str, CoveredDevices] = field(default_factory=dict)
    reports: Mapping[date | None, int] = field(default_factory=dict)
    backups: Mapping[str, date | None] = field(default_factory=dict)


def read_fleet_lists(session: duckdb.DuckDBPyConnection) -> dict[str, FleetList]:
    """Read the lists of coverage and backups of each tool."""
    session.execute(_ROWS_SQL)
    session.execute(_FITS_SQL)
    coverage = _read_coverage(session)
    reports: dict[str, dict[date | None, int]] = defaultdict(dict)
    for tool, last_seen, count in session.execute(_REPORTS_SQL).fetchall():
        reports[tool][last_seen] = count
    backups: dict[str, dict[str, date | None]] = defaultdict(dict)
    for tool, system, last_success in session.execute(_BACKUPS_SQL).fetchall():
        backups[tool][system] = last_success
    return {
        tool: FleetList(coverage=coverage.get(tool, {}), reports=reports.get(tool, {}), backups=backups.get(tool, {}))
        for tool in sorted({*coverage, *reports, *backups})
    }


def _read_coverage(session: duckdb.DuckDBPyConnection) -> dict[str, dict[str, CoveredDevices]]:
    counts: dict[tuple[str, str], tuple[dict[Audience, dict[str, int]], dict[Audience, dict[str, int]]]] = {
        (tool, purpose): ({name: {} for name in DEVICE_CONDITIONS}, {name: {} for name in DEVICE_CONDITIONS})
        for tool, purpose in session.execute(_PURPOSES_SQL).fetchall()
    }
    for tool, purpose, school, *numbers in session.execute(_COUNTS_SQL).fetchall():
        for position, audience in enumerate(DEVICE_CONDITIONS):
            for part in (0, 1):
                counts[tool, purpose][part][audience][school] = numbers[2 * position + part]
    coverage: dict[str, dict[str, CoveredDevices]] = defaultdict(dict)
    for (tool, purpose), (covered, unclear) in counts.items():
        coverage[tool][purpose] = CoveredDevices(covered=covered, unclear=unclear)
    return coverage
