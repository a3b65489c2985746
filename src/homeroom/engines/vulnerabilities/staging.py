"""Installed software as items: every distinct listing is identified once, however many devices have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from homeroom.domain.software import Product, ProductCatalog
from homeroom.engines.vulnerabilities.product_identification import ProductIdentity, ProductListing, identify_product
from homeroom.engines.vulnerabilities.sql import create_temp_table, fetch_arrow, register_temp_table
from homeroom.engines.vulnerabilities.version_schemes import get_listed_scheme

DERIVED_INPUTS = ("devices", "people", "software", "services", "flaws")
_LISTING_COLUMNS = ("name", "version", "listing", "vendor", "identifier", "platform", "system", "kind")
_IDENTITY_SCHEMA = pa.schema(
    [("way", pa.uint64())]
    + [
        (name, pa.string())
        for name in ("thing", "product", "title", "line", "scheme", "version", "lifecycle", "reason")
    ]
)
_CHECK_NAME_SQL = "coalesce(nullif(product, ''), 'check:' || source || ':' || check_id)"


def stage_items(
    session: duckdb.DuckDBPyConnection, *, resolved: Mapping[str, pa.Table], products: Sequence[Product]
) -> None:
    """Create vn_rows (device, way), vn_ways, vn_named, vn_things and vn_told.

    vn_ways holds the distinct listings, vn_named their products, vn_things (item, …) the products that can be compared,
    vn_told the reports of tools. `resolved` are the derived tables of entity resolution. A device's operating system is
    a listing like any software; so are a service that answers on a port and a product that a scanner names.
    """
    for name in DERIVED_INPUTS:
        session.register(f"vn_{name}", resolved[name])
    _create_listings(session)
    listings = fetch_arrow(session, f"SELECT way, {', '.join(_LISTING_COLUMNS)} FROM vn_ways")
    shelf = ProductCatalog(products)
    register_temp_table(session, "named", _identify_listings(listings, shelf))
    create_temp_table(
        session,
        "items",
        """SELECT row_number() OVER (ORDER BY thing, version, platform, support, edition, scheme) - 1 AS item, * FROM (
            SELECT n.thing, n.version, w.platform, w.support, w.edition, n.scheme, any_value(n.product) AS product,
                any_value(n.title) AS title,
                any_value(n.line) AS line, max(n.lifecycle) AS lifecycle
            FROM vn_named n JOIN vn_ways w USING (way) WHERE n.thing <> '' GROUP BY ALL)""",
    )
    create_temp_table(
        session,
        "item_of",
        """SELECT n.way, i.item FROM vn_named n JOIN vn_ways w USING (way) JOIN vn_items i ON i.thing = n.thing
            AND i.version = n.version AND i.platform = w.platform AND i.support = w.support AND i.edition = w.edition
                AND i.scheme = n.scheme""",
    )
    create_temp_table(session, "things", "SELECT item, thing, version, scheme, platform FROM vn_items")
    _create_reported(session)


def _create_listings(session: duckdb.DuckDBPyConnection) -> None:
    """Create vn_rows and vn_ways, over software, operating systems, services and products that scanners name."""
    text = "coalesce({0}, '') AS {1}"
    software_columns = ", ".join(
        text.format(f"s.{name}", name) for name in ("name", "version", "listing", "vendor", "identifier")
    )
    empty_columns = "'' AS listing, '' AS vendor, '' AS identifier"
    session.execute(
        f"""CREATE OR REPLACE TEMP VIEW vn_every AS
        SELECT s.device, {software_columns}, coalesce(d.platform, '') AS platform,
            CASE WHEN d.platform = 'linux' THEN coalesce(d.os_version, '') ELSE '' END AS system, 'software' AS kind,
                '' AS support, '' AS edition
        FROM vn_software s JOIN vn_devices d ON d.id = s.device WHERE s.name IS NOT NULL
        UNION ALL
        SELECT id, trim(coalesce(os_version, '') || ' ' || coalesce(os_edition, '')), coalesce(os_version, ''),
            {empty_columns}, coalesce(platform, ''),
            '', 'system', coalesce(os_support_until::VARCHAR, '') || '|' || coalesce(expires_on::VARCHAR,
                '') || '|' || coalesce(expires_with::VARCHAR, '')
            || '|' || coalesce(os_support_kind, CASE WHEN extended_enabled THEN 'opted' ELSE '' END),
                coalesce(os_edition, '')
        FROM vn_devices WHERE os_version IS NOT NULL AND coalesce(retired, false) = false
        UNION ALL
        SELECT v.device, v.product, coalesce(v.version, ''), {empty_columns}, coalesce(d.platform, ''), '', 'service',
            '', ''
        FROM vn_services v JOIN vn_devices d ON d.id = v.device WHERE v.product IS NOT NULL AND v.open
        UNION ALL
        SELECT f.device, {_CHECK_NAME_SQL}, coalesce(f.version, ''), '' AS listing, '', '', coalesce(d.platform, ''),
            '', 'software', '', ''
        FROM vn_flaws f JOIN vn_devices d ON d.id = f.device WHERE f.cve IS NOT NULL""",
    )
    listing_hash = f"hash({', '.join(_LISTING_COLUMNS)}, support, edition)"
    create_temp_table(session, "rows", f"SELECT device, {listing_hash} AS way FROM vn_every")
    create_temp_table(
        session,
        "ways",
        f"""SELECT {listing_hash} AS way,
            {", ".join(f"any_value({name}) AS {name}" for name in (*_LISTING_COLUMNS, "support", "edition"))},
            count(*) AS installs FROM vn_every GROUP BY 1""",
    )


def _identify_listings(listings: pa.Table, shelf: ProductCatalog) -> pa.Table:
    rows = []
    for row in listings.to_pylist():
        listing_hash = row.pop("way")
        identity = _identify_check(row["name"]) or identify_product(ProductListing(**row), shelf=shelf)
        rows.append(
            {
                "way": listing_hash,
                "thing": identity.product_key,
                "product": identity.product,
                "title": identity.title,
                "line": identity.line,
                "scheme": get_listed_scheme(identity.scheme, identity.version),
                "version": identity.version,
                "lifecycle": identity.lifecycle,
                "reason": identity.reason,
            }
        )
    return pa.Table.from_pylist(rows, schema=_IDENTITY_SCHEMA)


def _identify_check(name: str) -> ProductIdentity | None:
    """Return a product of its own for a scanner's check that names no software, else None."""
    return ProductIdentity(product_key=name, title=name) if name.startswith("check:") else None


def _create_reported(session: duckdb.DuckDBPyConnection) -> None:
    """Create vn_told, the reports of tools.

    Columns: item, cve, source, fixed_in, exploited, due_on, ransomware, title, severity, solution. There is one row for
    each item, vulnerability and source, even if a tool reports it in two scans or listings.
    """
    scan_hash = f"""hash({_CHECK_NAME_SQL}, coalesce(f.version, ''), '', '', '', coalesce(d.platform, ''),
        '', 'software', '', '')"""
    software_columns = ", ".join(
        f"coalesce(s.{name}, '')" for name in ("name", "version", "listing", "vendor", "identifier")
    )
    software_hash = f"""hash({software_columns}, coalesce(d.platform, ''),
        CASE WHEN d.platform = 'linux' THEN coalesce(d.os_version, '') ELSE '' END, 'software', '', '')"""
    create_temp_table(
        session,
        "told",
        f"""WITH said AS (
            SELECT way, unnest(flaws) AS cve, source, fixed_in, exploited_flaws FROM (
                SELECT DISTINCT {software_hash} AS way, s.flaws, s.source, s.fixed_in, s.exploited_flaws
                    FROM vn_software s JOIN vn_devices d ON d.id = s.device
                WHERE len(s.flaws) > 0)),
        every AS (
            SELECT o.item, upper(s.cve) AS cve, s.source, s.fixed_in, list_contains(s.exploited_flaws,
                s.cve) AS exploited, NULL::DATE AS due_on,
                NULL::BOOLEAN AS ransomware, NULL AS title, NULL AS severity, NULL AS solution
            FROM said s JOIN vn_item_of o USING (way)
            UNION ALL
            SELECT o.item, f.cve, f.source, NULL, f.known_exploited, f.due_on, f.ransomware, f.title, f.severity,
                f.solution
            FROM vn_flaws f JOIN vn_devices d ON d.id = f.device JOIN vn_item_of o ON o.way = {scan_hash}
                WHERE f.cve IS NOT NULL)
        SELECT item, cve, source, max(fixed_in) AS fixed_in, bool_or(exploited) AS exploited, max(due_on) AS due_on,
            bool_or(ransomware) AS ransomware,
            max(title) AS title, max(severity) AS severity, max(solution) AS solution
        FROM every GROUP BY item, cve, source""",
    )
