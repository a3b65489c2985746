"""Installed software as items: every distinct listing is identified once, however many devices have it.

A device's operating system is a listing like any software; so are a service that answers on a port and a product that a
scanner names.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pyarrow as pa

from homeroom.domain.know.software.products import Product, ProductCatalog
from homeroom.engines.protect.vulnerabilities.product_identification import (
    ProductIdentity,
    ProductListing,
    identify_product,
)
from homeroom.engines.protect.vulnerabilities.version_schemes import get_listed_scheme
from homeroom.evidence.query.steps import Step
from homeroom.evidence.query.temp_tables import TempTables

_LISTING_COLUMNS = ("name", "version", "listing", "vendor", "identifier", "platform", "system", "kind")
_HASHED_COLUMNS = (*_LISTING_COLUMNS, "support", "edition")
_TEXT_COLUMNS = ("name", "version", "listing", "vendor", "identifier")
_IDENTITY_SCHEMA = pa.schema(
    [("listing_hash", pa.uint64())]
    + [
        (name, pa.string())
        for name in ("product_key", "product", "title", "line", "scheme", "version", "lifecycle", "reason")
    ]
)
_CHECK_NAME_SQL = "coalesce(nullif(product, ''), 'check:' || source || ':' || check_id)"
_HASH_SQL = f"hash({', '.join(_HASHED_COLUMNS)})"
_LINUX_SQL = "CASE WHEN d.platform = 'linux' THEN coalesce(d.os_version, '') ELSE '' END"
_NO_TEXTS_SQL = "'' AS listing, '' AS vendor, '' AS identifier"
_INSTALLED_SQL = f"""SELECT s.device, {", ".join(f"coalesce(s.{name}, '') AS {name}" for name in _TEXT_COLUMNS)},
            coalesce(d.platform, '') AS platform, {_LINUX_SQL} AS system, 'software' AS kind, '' AS support,
            '' AS edition
        FROM vn_software s JOIN vn_devices d ON d.id = s.device WHERE s.name IS NOT NULL
        UNION ALL
        SELECT id, trim(coalesce(os_version, '') || ' ' || coalesce(os_edition, '')), coalesce(os_version, ''),
            {_NO_TEXTS_SQL}, coalesce(platform, ''),
            '', 'system', coalesce(os_support_until::VARCHAR, '') || '|' || coalesce(expires_on::VARCHAR,
                '') || '|' || coalesce(expires_with::VARCHAR, '')
            || '|' || coalesce(os_support_kind, CASE WHEN extended_enabled THEN 'opted' ELSE '' END),
                coalesce(os_edition, '')
        FROM vn_devices WHERE os_version IS NOT NULL AND coalesce(retired, false) = false
        UNION ALL
        SELECT v.device, v.product, coalesce(v.version, ''), {_NO_TEXTS_SQL}, coalesce(d.platform, ''), '', 'service',
            '', ''
        FROM vn_services v JOIN vn_devices d ON d.id = v.device WHERE v.product IS NOT NULL AND v.open
        UNION ALL
        SELECT f.device, {_CHECK_NAME_SQL}, coalesce(f.version, ''), {_NO_TEXTS_SQL}, coalesce(d.platform, ''),
            '', 'software', '', ''
        FROM vn_vulnerabilities_found f JOIN vn_devices d ON d.id = f.device WHERE f.cve IS NOT NULL"""
"""Every listing on every device: software, operating systems, services, and products that scanners name."""

_SOFTWARE_HASH_SQL = f"""hash({", ".join(f"coalesce(s.{name}, '')" for name in _TEXT_COLUMNS)},
            coalesce(d.platform, ''), {_LINUX_SQL}, 'software', '', '')"""
"""The hash of a software row's listing, as _INSTALLED_SQL lists it."""
_SCAN_HASH_SQL = f"""hash({_CHECK_NAME_SQL}, coalesce(f.version, ''), '', '', '',
            coalesce(d.platform, ''), '', 'software', '', '')"""
"""The hash of a scan finding's listing, as _INSTALLED_SQL lists it."""

_HASH_DEVICE_LISTINGS = Step(
    name="hash each device's listings",
    reads=("software", "devices", "services", "vulnerabilities_found"),
    writes=("device_listings",),
    sql=f"""WITH installed AS (
        {_INSTALLED_SQL})
        SELECT device, {_HASH_SQL} AS listing_hash FROM installed""",
)
_COUNT_LISTINGS = Step(
    name="count distinct listings",
    reads=("software", "devices", "services", "vulnerabilities_found"),
    writes=("listings",),
    sql=f"""WITH installed AS (
        {_INSTALLED_SQL})
        SELECT {_HASH_SQL} AS listing_hash, {", ".join(f"any_value({name}) AS {name}" for name in _HASHED_COLUMNS)},
            count(*) AS installs FROM installed GROUP BY 1""",
)
_NUMBER_ITEMS = Step(
    name="number items",
    reads=("identities", "listings"),
    writes=("items",),
    sql="""SELECT row_number() OVER (ORDER BY product_key, version, platform, support, edition, scheme) - 1 AS item, *
        FROM (
            SELECT n.product_key, n.version, l.platform, l.support, l.edition, n.scheme,
                any_value(n.product) AS product, any_value(n.title) AS title,
                any_value(n.line) AS line, max(n.lifecycle) AS lifecycle
            FROM vn_identities n JOIN vn_listings l USING (listing_hash) WHERE n.product_key <> '' GROUP BY ALL)""",
)
_ASSIGN_ITEMS = Step(
    name="assign listings to items",
    reads=("identities", "listings", "items"),
    writes=("listing_items",),
    sql="""SELECT n.listing_hash, i.item
        FROM vn_identities n JOIN vn_listings l USING (listing_hash) JOIN vn_items i ON i.product_key = n.product_key
            AND i.version = n.version AND i.platform = l.platform AND i.support = l.support AND i.edition = l.edition
                AND i.scheme = n.scheme""",
)
# A row for each item, vulnerability and source, even if a tool reports it in two scans or listings.
_COLLECT_REPORTS = Step(
    name="collect the reports of tools",
    reads=("software", "devices", "vulnerabilities_found", "listing_items"),
    writes=("reported",),
    sql=f"""WITH software_reports AS (
            SELECT listing_hash, unnest(cves) AS cve, source, fixed_in, exploited_cves FROM (
                SELECT DISTINCT {_SOFTWARE_HASH_SQL} AS listing_hash, s.cves, s.source, s.fixed_in, s.exploited_cves
                    FROM vn_software s JOIN vn_devices d ON d.id = s.device
                WHERE len(s.cves) > 0)),
        reports AS (
            SELECT o.item, upper(s.cve) AS cve, s.source, s.fixed_in, list_contains(s.exploited_cves,
                s.cve) AS exploited, NULL::DATE AS due_on,
                NULL::BOOLEAN AS ransomware, NULL AS title, NULL AS severity, NULL AS solution
            FROM software_reports s JOIN vn_listing_items o USING (listing_hash)
            UNION ALL
            SELECT o.item, f.cve, f.source, NULL, f.known_exploited, f.due_on, f.ransomware, f.title, f.severity,
                f.solution
            FROM vn_vulnerabilities_found f JOIN vn_devices d ON d.id = f.device
                JOIN vn_listing_items o ON o.listing_hash = {_SCAN_HASH_SQL}
                WHERE f.cve IS NOT NULL)
        SELECT item, cve, source, max(fixed_in) AS fixed_in, bool_or(exploited) AS exploited, max(due_on) AS due_on,
            bool_or(ransomware) AS ransomware,
            max(title) AS title, max(severity) AS severity, max(solution) AS solution
        FROM reports GROUP BY item, cve, source""",
)


def list_item_steps(*, products: Sequence[Product]) -> tuple[Step, ...]:
    """Return the steps from resolved tables to items, the products that can be compared, and what tools report.

    They write device_listings (device, listing_hash), listings, identities (the product of each listing, or the reason
    that it has none), items, listing_items (listing_hash, item) and reported (item, cve, source, fixed_in, …).
    """
    identify_listings = Step(
        name="identify the product of each listing",
        reads=("listings",),
        writes=("identities",),
        run=partial(_identify_listings, products=products),
    )
    return (
        _HASH_DEVICE_LISTINGS,
        _COUNT_LISTINGS,
        identify_listings,
        _NUMBER_ITEMS,
        _ASSIGN_ITEMS,
        _COLLECT_REPORTS,
    )


def _identify_listings(tables: TempTables, *, products: Sequence[Product]) -> None:
    shelf = ProductCatalog(products)
    listings = tables.fetch_arrow(f"SELECT listing_hash, {', '.join(_LISTING_COLUMNS)} FROM vn_listings")
    rows = []
    for row in listings.to_pylist():
        listing_hash = row.pop("listing_hash")
        identity = _identify_check(row["name"]) or identify_product(ProductListing(**row), shelf=shelf)
        rows.append(
            {
                "listing_hash": listing_hash,
                "product_key": identity.product_key,
                "product": identity.product,
                "title": identity.title,
                "line": identity.line,
                "scheme": get_listed_scheme(identity.scheme, identity.version),
                "version": identity.version,
                "lifecycle": identity.lifecycle,
                "reason": identity.reason,
            }
        )
    tables.register("identities", pa.Table.from_pylist(rows, schema=_IDENTITY_SCHEMA))


def _identify_check(name: str) -> ProductIdentity | None:
    """Return a product of its own for a scanner's check that names no software, else None."""
    return ProductIdentity(product_key=name, title=name) if name.startswith("check:") else None
