"""Missing remedies: the remedies that each device lacks, their deadlines, and suppressed vulnerabilities.

A remedy is a set of releases of one product that became known together and fix vulnerabilities; where no
version is named, it is the vulnerabilities without a fix. A remedy and a device represent the vulnerabilities that all
those releases fix there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa

from homeroom.domain.protect.suppressions import Scope
from homeroom.evidence.query.steps import Step
from homeroom.evidence.query.suppression_sql import DEVICE_CLASS_SQL, NAMES_VULNERABILITY_SQL, SCOPE_SQL
from homeroom.evidence.query.temp_tables import TempTables

UNRATED_SEVERITY = "medium"
"""The severity whose deadline applies to a vulnerability that nobody rated."""
REMEDIES_SCHEMA = pa.schema([("remedy", pa.int64()), ("product_key", pa.string()), ("fix", pa.string())])

_SCOPES_SQL = " UNION ALL ".join(
    f"""SELECT l.product_key, l.cve, d.id AS device FROM vn_suppressions l JOIN devices d ON l.scope = '{scope}'
        AND {condition}"""
    for scope, condition in SCOPE_SQL.items()
)
_FIND_SUPPRESSED = Step(
    name="find vulnerabilities suppressed on some devices",
    reads=("suppressions", "known_vulnerabilities"),
    writes=("suppressed_installs",),
    sql=f"""SELECT DISTINCT i.device, k.item, k.cve FROM ({_SCOPES_SQL}) l JOIN vulnerable_installs i USING (device)
        JOIN vn_known_vulnerabilities k ON k.item = i.item AND NOT k.suppressed
            AND {NAMES_VULNERABILITY_SQL.format("k")}""",
)
_LIST_KNOWN_CVES = Step(
    name="list the vulnerabilities of each product",
    reads=("known_vulnerabilities",),
    writes=("known_cves",),
    sql="SELECT DISTINCT product_key, cve FROM vn_known_vulnerabilities",
)
_LIST_REMEDY_PRODUCTS = Step(
    name="list the product of each remedy",
    reads=("remedies",),
    writes=("remedy_products",),
    sql="SELECT DISTINCT remedy, product_key FROM vn_remedies",
)
_COUNT_BY_ITEM = Step(
    name="count the vulnerabilities that each remedy fixes in each item",
    reads=("known_vulnerabilities", "remedies"),
    writes=("item_remedies",),
    sql="""SELECT k.item, r.remedy, count(*) FILTER (NOT suppressed) AS open,
            min(days) FILTER (NOT suppressed) AS days, min(catalog_day) FILTER (NOT suppressed) AS catalog_day
        FROM vn_known_vulnerabilities k JOIN vn_remedies r USING (product_key, fix) GROUP BY ALL""",
)
# Items without a suppression of some devices have the same numbers on every device; the others are counted by device.
_FIND_GAPS = Step(
    name="find the remedies that each device lacks",
    reads=("suppressed_installs", "item_remedies", "known_vulnerabilities", "remedies"),
    writes=("gaps",),
    sql=f"""WITH partly_suppressed AS (SELECT DISTINCT device, item FROM vn_suppressed_installs),
        counts AS (
            SELECT l.remedy, i.device, l.open, l.days, l.catalog_day FROM vulnerable_installs i
                JOIN vn_item_remedies l USING (item) ANTI JOIN partly_suppressed USING (device, item)
            UNION ALL
            SELECT r.remedy, t.device, count(*) FILTER (NOT k.suppressed AND s.cve IS NULL),
                min(k.days) FILTER (NOT k.suppressed AND s.cve IS NULL),
                min(k.catalog_day) FILTER (NOT k.suppressed AND s.cve IS NULL)
            FROM partly_suppressed t JOIN vn_known_vulnerabilities k USING (item)
                JOIN vn_remedies r USING (product_key, fix) LEFT JOIN vn_suppressed_installs s
                USING (device, item, cve) GROUP BY ALL)
        SELECT c.remedy, c.device, any_value({DEVICE_CLASS_SQL}) AS class, sum(open)::BIGINT AS open,
            min(days) AS days, min(catalog_day) AS catalog_day
        FROM counts c LEFT JOIN devices d ON d.id = c.device GROUP BY c.remedy, c.device""",
)


def list_known_vulnerability_steps(*, days: Mapping[str, int]) -> tuple[Step, ...]:
    """Return the steps from suppressions, and the derived tables of the session, to the known vulnerabilities.

    They write known_vulnerabilities (every vulnerability of every item), suppressed_installs (device, item, cve) of
    those that are suppressed on some devices, and known_cves (product_key, cve). `days` are those within which a
    vulnerability of a severity should be fixed.
    """
    within = " ".join(f"WHEN '{severity}' THEN {count}" for severity, count in days.items())
    list_known = Step(
        name="list known vulnerabilities with their deadlines",
        reads=("suppressions",),
        writes=("known_vulnerabilities",),
        sql=f"""SELECT v.item, v.product_key, coalesce(v.fixed_in, '') AS fix, v.cve, v.severity, v.points, v.reasons,
            v.devices, coalesce(v.exploited, false) AS exploited,
            CASE WHEN v.exploited THEN v.due_on END AS catalog_day,
            CASE WHEN catalog_day IS NULL THEN CASE v.severity {within} ELSE {days[UNRATED_SEVERITY]} END END AS days,
            EXISTS (SELECT 1 FROM vn_suppressions l WHERE l.scope = '{Scope.EVERYWHERE}' AND
                {NAMES_VULNERABILITY_SQL.format("v")}) AS suppressed
        FROM vulnerabilities v""",
    )
    return list_known, _FIND_SUPPRESSED, _LIST_KNOWN_CVES


def list_gap_steps(*, ensure_remedies: Callable[[pa.Table], pa.Table]) -> tuple[Step, ...]:
    """Return the steps from the known vulnerabilities to gaps (remedy, device, class, open, days, catalog_day).

    `ensure_remedies` takes (product_key, fix) of every known remedy, and returns REMEDIES_SCHEMA, a row for each
    release, numbered by the caller. `open` counts the vulnerabilities that are not suppressed; `days` and `catalog_day`
    are the shortest time and the earliest day of those.
    """

    def number_remedies(tables: TempTables) -> None:
        needed = tables.fetch_arrow(
            "SELECT DISTINCT product_key, fix FROM vn_known_vulnerabilities ORDER BY product_key, fix"
        )
        tables.register("remedies", ensure_remedies(needed))

    return (
        Step(
            name="number remedies",
            reads=("known_vulnerabilities",),
            writes=("remedies",),
            run=number_remedies,
        ),
        _LIST_REMEDY_PRODUCTS,
        _COUNT_BY_ITEM,
        _FIND_GAPS,
    )
