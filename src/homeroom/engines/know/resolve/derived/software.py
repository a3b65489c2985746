"""The derived table `software`: the software on each device, with product ids that controls query.

What a superseded installation had is not on the device any more.

A computer in use (Windows, macOS, Linux) whose software no source lists has one row with nothing but its number, so
that a device without data never counts as clean.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pyarrow as pa

from homeroom.domain.know.software.products import Product, ProductCatalog
from homeroom.evidence.query.steps import Step
from homeroom.evidence.query.temp_tables import TempTables

COMPUTERS = "('windows', 'macos', 'linux')"


def list_software_steps(*, products: Sequence[Product]) -> tuple[Step, ...]:
    """Build rz_software with the columns of `software`.

    Needs rz_devices and the numbered device nodes.
    """
    return (
        *_list_listing_steps(),
        Step(
            name="identify products",
            reads=("listed",),
            writes=("products",),
            run=partial(_identify_products, products=products),
        ),
        _build_exploited_step(),
        Step(
            name="find repeated software",
            reads=("listed",),
            writes=("repeated",),
            sql="""SELECT same FROM (SELECT hash(device, name, version, source) AS same FROM rz_listed) GROUP BY same
            HAVING count(*) > 1""",
        ),
        Step(
            name="describe software",
            reads=("devices", "exploited", "listed", "products", "repeated", "reporting"),
            writes=("software",),
            sql=f"""WITH every AS (
            SELECT device, l.name, p.product, p.product_kind AS kind, version, nullif(l.vendor, '') AS vendor, source,
                l.cves,
                CASE WHEN e.cves IS NULL THEN exploited_cves ELSE list_sort(list_distinct(coalesce(exploited_cves,
                    []) || e.exploited)) END
                    AS exploited_cves, fixed_in, nullif(l.listing, '') AS listing, nullif(l.identifier,
                        '') AS identifier, hash(device, l.name, version, source) IN (SELECT same
                            FROM rz_repeated) AS repeated
            FROM rz_listed l LEFT JOIN rz_products p ON p.name = l.name AND p.listing = l.listing
                AND p.platform = l.platform
                AND p.vendor = l.vendor AND p.identifier = l.identifier
            LEFT JOIN rz_exploited e ON e.cves = l.cves)
        SELECT * EXCLUDE (repeated) FROM every WHERE NOT repeated
        UNION ALL BY NAME SELECT device, name, max(product) AS product, max(kind) AS kind, version,
            max(vendor) AS vendor, source,
            max(cves) AS cves, max(exploited_cves) AS exploited_cves, max(fixed_in) AS fixed_in,
                max(listing) AS listing, max(identifier) AS identifier
            FROM every WHERE repeated GROUP BY device, name, version, source
        UNION ALL BY NAME SELECT d.id AS device FROM rz_devices d WHERE d.active AND d.platform IN {COMPUTERS}
            AND d.id NOT IN (SELECT device FROM rz_listed) AND d.id NOT IN (SELECT id FROM rz_reporting)""",
        ),
    )


def _build_exploited_step() -> Step:
    """Build rz_exploited: for each distinct list of vulnerabilities, those in the loaded catalog.

    There is no row without a catalog.
    """
    return Step(
        name="find exploited vulnerabilities of software",
        reads=("listed",),
        writes=("exploited",),
        sql="""WITH catalog AS (SELECT list(DISTINCT upper(cve)) AS catalog_cves FROM known_exploited
            HAVING count(*) > 0)
        SELECT cves, list_intersect(cves, catalog_cves) AS exploited FROM (SELECT DISTINCT cves FROM rz_listed
            WHERE cves IS NOT NULL), catalog""",
    )


def _list_listing_steps() -> tuple[Step, ...]:
    return (
        Step(
            name="list installed software",
            reads=("device_nodes", "devices", "superseded"),
            writes=("listed",),
            sql="""WITH nodes AS (SELECT n.connector, n.instance, n.key, n.id, coalesce(d.platform, '') AS platform
            FROM rz_device_nodes n JOIN rz_devices d USING (id) WHERE NOT n.gone
                AND n.n NOT IN (SELECT n FROM rz_superseded))
        SELECT n.id AS device, n.platform, s.name, coalesce(s.kind, '') AS listing, s.version,
            coalesce(s.vendor, '') AS vendor, coalesce(s.identifier, '') AS identifier, s.connector AS source,
            s.cves, s.exploited_cves, s.fixed_in
        FROM software_records s JOIN nodes n ON n.key = s.device_key AND n.instance = s.instance
            AND n.connector = s.connector
        WHERE s.name IS NOT NULL""",
        ),
        Step(
            name="find devices that report software",
            reads=("device_nodes", "device_rows"),
            writes=("reporting",),
            sql="""SELECT DISTINCT n.id FROM rz_device_rows r JOIN rz_device_nodes n USING (n) WHERE
            r.reports_software AND NOT r.gone""",
        ),
    )


def _identify_products(tables: TempTables, *, products: Sequence[Product]) -> None:
    """Create rz_products: the product of each distinct listing.

    A name is looked up once, however many devices have it.
    """
    listings = tables.fetch_rows(f"SELECT DISTINCT {', '.join(_LISTING_COLUMNS)} FROM rz_listed")
    shelf, rows = ProductCatalog(products), []
    for listing in listings:
        product = shelf.find_product(**dict(zip(_LISTING_COLUMNS, listing, strict=True)))
        if product is not None:
            rows.append(
                {
                    **dict(zip(_LISTING_COLUMNS, listing, strict=True)),
                    "product": product.id,
                    "product_kind": product.kind,
                }
            )
    tables.register("products", pa.Table.from_pylist(rows, schema=_PRODUCT_SCHEMA))


_LISTING_COLUMNS = ("name", "listing", "platform", "vendor", "identifier")
_PRODUCT_SCHEMA = pa.schema([(name, pa.string()) for name in (*_LISTING_COLUMNS, "product", "product_kind")])
