"""The derived table `software`: what stands on each device, with the products that controls ask about by one name.

A computer in use (Windows, macOS, Linux) of which nobody lists the software has one row with nothing but its number, so
that what nobody looked at is never taken for clean.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from homeroom.domain.software import Product, Shelf
from homeroom.engines.resolve.sql import dropped, given, made

COMPUTERS = "('windows', 'macos', 'linux')"


def software(session: duckdb.DuckDBPyConnection, *, products: Sequence[Product]) -> None:
    """Makes rz_software in the columns of `software`. Needs rz_devices and the numbered device nodes."""
    _listed(session)
    _named(session, products)
    _exploited(session)
    made(
        session,
        "repeated",
        "SELECT same FROM (SELECT hash(device, name, version, source) AS same FROM rz_listed) GROUP BY same HAVING count(*) > 1",
    )
    made(
        session,
        "software",
        f"""WITH every AS (
            SELECT device, l.name, p.product, p.product_kind AS kind, version, nullif(l.vendor, '') AS vendor, source, l.flaws,
                CASE WHEN e.flaws IS NULL THEN exploited_flaws ELSE list_sort(list_distinct(coalesce(exploited_flaws, []) || e.exploited)) END
                    AS exploited_flaws, fixed_in, nullif(l.listing, '') AS listing, nullif(l.identifier, '') AS identifier, hash(device, l.name, version, source) IN (SELECT same FROM rz_repeated) AS repeated
            FROM rz_listed l LEFT JOIN rz_products p ON p.name = l.name AND p.listing = l.listing AND p.platform = l.platform
                AND p.vendor = l.vendor AND p.identifier = l.identifier
            LEFT JOIN rz_exploited e ON e.flaws = l.flaws)
        SELECT * EXCLUDE (repeated) FROM every WHERE NOT repeated
        UNION ALL BY NAME SELECT device, name, max(product) AS product, max(kind) AS kind, version, max(vendor) AS vendor, source,
            max(flaws) AS flaws, max(exploited_flaws) AS exploited_flaws, max(fixed_in) AS fixed_in, max(listing) AS listing, max(identifier) AS identifier
            FROM every WHERE repeated GROUP BY device, name, version, source
        UNION ALL BY NAME SELECT d.id AS device FROM rz_devices d WHERE d.active AND d.platform IN {COMPUTERS}
            AND d.id NOT IN (SELECT device FROM rz_listed) AND d.id NOT IN (SELECT id FROM rz_reporting)""",
    )
    dropped(session, "listed", "products", "reporting", "exploited", "repeated")


def _exploited(session: duckdb.DuckDBPyConnection) -> None:
    """rz_exploited: of each distinct list of flaws, those that the loaded catalogue holds; no row without a catalogue."""
    made(
        session,
        "exploited",
        """WITH catalogue AS (SELECT list(DISTINCT upper(cve)) AS cves FROM known_exploited HAVING count(*) > 0)
        SELECT flaws, list_intersect(flaws, cves) AS exploited FROM (SELECT DISTINCT flaws FROM rz_listed WHERE flaws IS NOT NULL), catalogue""",
    )


def _listed(session: duckdb.DuckDBPyConnection) -> None:
    made(
        session,
        "listed",
        """WITH nodes AS (SELECT n.connector, n.instance, n.key, n.id, coalesce(d.platform, '') AS platform
            FROM rz_device_nodes n JOIN rz_devices d USING (id) WHERE NOT n.gone)
        SELECT n.id AS device, n.platform, s.name, coalesce(s.kind, '') AS listing, s.version,
            coalesce(s.vendor, '') AS vendor, coalesce(s.identifier, '') AS identifier, s.connector AS source,
            s.flaws, s.exploited_flaws, s.fixed_in
        FROM software_records s JOIN nodes n ON n.key = s.device_key AND n.instance = s.instance AND n.connector = s.connector
        WHERE s.name IS NOT NULL""",
    )
    made(
        session,
        "reporting",
        "SELECT DISTINCT n.id FROM rz_device_rows r JOIN rz_device_nodes n USING (n) WHERE r.reports_software AND NOT r.gone",
    )


def _named(session: duckdb.DuckDBPyConnection, products: Sequence[Product]) -> None:
    """rz_products: each distinct way in which a product is listed. A name is looked up once, however many devices have it."""
    ways = session.execute(f"SELECT DISTINCT {', '.join(_WAY)} FROM rz_listed").fetchall()
    shelf, rows = Shelf(products), []
    for way in ways:
        found = shelf.product_of(**dict(zip(_WAY, way, strict=True)))
        if found is not None:
            rows.append({**dict(zip(_WAY, way, strict=True)), "product": found.id, "product_kind": found.kind})
    given(session, "products", pa.Table.from_pylist(rows, schema=_PRODUCTS))


_WAY = ("name", "listing", "platform", "vendor", "identifier")
_PRODUCTS = pa.schema([(name, pa.string()) for name in (*_WAY, "product", "product_kind")])
