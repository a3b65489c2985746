"""Devices that the lists of tools cover (content filter, antivirus, classroom tool), and those that a scan saw.

A row of a list is about the device that its source lists under the same id, else of its serial number, else of its
asset tag, else of its host name where only one device has it, else about every device of the person that it names. A
row that names a device is never about another one of its holder, and never about a device whose serial number differs.
A listed device is covered unless the row denies it; where the row's status is not understood, coverage is unknown.
"""

from __future__ import annotations

from homeroom.engines.know.resolve.shared.rules import NORMAL_FORMS
from homeroom.engines.know.resolve.shared.words import PLACEHOLDERS, quote_sql_list
from homeroom.evidence.query.steps import Step

COVERAGE_COLUMNS = {
    "filtered": ("filter", "content-filter"),
    "antivirus": ("antivirus", "endpoint-protection"),
    "classroom": ("classroom", "classroom-management"),
}
"""The purposes of a list of coverage by the column that they fill: the usual word, and the capability by its id."""
_SERIAL = NORMAL_FORMS["serial"]
_HOST = "nullif(lower(split_part(trim({}), '.', 1)), '')"


def list_coverage_steps() -> tuple[Step, ...]:
    """Add `filtered`, `antivirus`, `classroom` and `scanned` to rz_devices; null where no source for it is loaded."""
    lists = ", ".join(
        f"CASE WHEN EXISTS (SELECT 1 FROM rz_listed WHERE purpose = '{column}') THEN CASE WHEN {column}.id IS NULL "
        f"THEN false ELSE {column}.covered END END AS {column}"
        for column in COVERAGE_COLUMNS
    )
    joins = " ".join(
        f"LEFT JOIN (SELECT id, covered FROM rz_covered WHERE purpose = '{column}') {column} ON {column}.id = d.id"
        for column in COVERAGE_COLUMNS
    )
    scanned = "CASE WHEN (SELECT count(*) FROM rz_scanners) > 0 THEN s.id IS NOT NULL END AS scanned"
    return (
        _build_list_rows_step(),
        _build_covered_step(),
        Step(
            name="list scanners",
            reads=(),
            writes=("scanners",),
            sql="SELECT connector FROM service_records UNION SELECT connector FROM vulnerability_records",
        ),
        Step(
            name="find devices that a scan saw",
            reads=("consoles", "device_nodes", "device_rows", "scanners"),
            writes=("seen",),
            sql="""SELECT DISTINCT n.id FROM rz_device_rows r JOIN rz_device_nodes n USING (n) JOIN rz_consoles c
            ON c.connector = r.connector
        WHERE NOT r.gone AND c.console IS NULL AND r.connector IN (SELECT connector FROM rz_scanners)""",
        ),
        Step(
            name="add coverage to devices",
            reads=("covered", "devices", "listed", "scanners", "seen"),
            writes=("devices",),
            sql=f"SELECT d.*, {lists}, {scanned} FROM rz_devices d {joins} LEFT JOIN rz_seen s ON s.id = d.id",
        ),
    )


def _build_list_rows_step() -> Step:
    """Build rz_listed: the rows of the lists, numbered, with the column that they fill as `purpose`.

    Their identifiers are normalized for comparison.
    """
    serial = _SERIAL.format("c.serial")
    cases = " ".join(
        f"WHEN c.purpose IN ({quote_sql_list(words)}) THEN '{column}'" for column, words in COVERAGE_COLUMNS.items()
    )
    purposes = tuple(word for words in COVERAGE_COLUMNS.values() for word in words)
    return Step(
        name="number the rows of coverage lists",
        reads=(),
        writes=("listed",),
        sql=f"""SELECT row_number() OVER () AS n, CASE {cases} END AS purpose,
            CASE WHEN unclear THEN NULL ELSE coalesce(covered, true) END AS covered,
            CASE WHEN {serial} NOT IN ({quote_sql_list(PLACEHOLDERS)}) THEN {serial} END AS serial,
            c.connector, c.instance, c.key,
            {_SERIAL.format("c.asset_tag")} AS tag, {_HOST.format("c.name")} AS host, nullif(lower(trim(c.email)),
                '') AS email
        FROM coverage_records c WHERE purpose IN ({quote_sql_list(purposes)})""",
    )


def _build_covered_step() -> Step:
    """Build rz_covered (purpose, id, covered) from the list rows that match a device.

    A device that one row covers is covered, whatever other rows report; null where no row covers it and one is unclear.
    """
    return Step(
        name="match coverage lists to devices",
        reads=("accounts", "addresses", "device_nodes", "device_rows", "devices", "listed"),
        writes=("covered",),
        sql=f"""WITH devices AS (SELECT id, serial, {_SERIAL.format("asset_tag")} AS tag, {_HOST.format("name")} AS
            host,
            holder
            FROM rz_devices),
        tags AS (SELECT tag, min(id) AS id, max(serial) AS serial FROM devices WHERE tag IS NOT NULL GROUP BY tag
            HAVING count(*) = 1),
        hosts AS (SELECT host, min(id) AS id, max(serial) AS serial FROM devices WHERE host IS NOT NULL GROUP BY host
            HAVING count(*) = 1),
        persons AS (SELECT DISTINCT value AS email, id AS person FROM rz_addresses
            UNION SELECT DISTINCT lower(email), person FROM rz_accounts WHERE person IS NOT NULL),
        fits AS (
            SELECT l.n, 0 AS step, m.id FROM rz_listed l JOIN rz_device_rows r ON r.connector = l.connector
                AND r.instance = l.instance AND r.key = l.key AND NOT r.gone JOIN rz_device_nodes m ON m.n = r.n
            UNION ALL SELECT l.n, 1, d.id FROM rz_listed l JOIN devices d ON d.serial = l.serial
            UNION ALL SELECT l.n, 2, t.id FROM rz_listed l JOIN tags t ON t.tag = l.tag AND (l.serial IS NULL
                OR t.serial IS NULL)
            UNION ALL SELECT l.n, 3, h.id FROM rz_listed l JOIN hosts h ON h.host = l.host AND (l.serial IS NULL
                OR h.serial IS NULL)
            UNION ALL SELECT l.n, 4, d.id FROM rz_listed l JOIN persons p ON p.email = l.email JOIN devices d
                ON d.holder = p.person
                WHERE l.serial IS NULL AND l.tag IS NULL AND l.host IS NULL),
        first AS (SELECT *, min(step) OVER (PARTITION BY n) AS least FROM fits)
        SELECT l.purpose, f.id, CASE WHEN bool_or(l.covered) THEN true WHEN bool_or(l.covered IS NULL) THEN NULL
            ELSE false END AS covered FROM first f JOIN rz_listed l USING (n) WHERE f.step = f.least
                GROUP BY l.purpose, f.id""",
    )
