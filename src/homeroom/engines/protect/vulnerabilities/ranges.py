"""Version ranges of the feeds as integers: their product, their platforms, and their bounds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import pyarrow as pa

from homeroom.domain.know.software.products import Product
from homeroom.engines.protect.vulnerabilities.product_identification import (
    build_package_key,
    index_products_by_cpe,
    normalize_cpe_name,
    parse_ecosystem,
)
from homeroom.engines.protect.vulnerabilities.version_ranks import rank_versions
from homeroom.evidence.query.steps import Step
from homeroom.evidence.query.temp_tables import TempTables

_RANGE_PRODUCTS_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("ecosystem", "vendor", "product", "edition", "product_key", "scheme")]
)
_RANGE_PLATFORMS_SCHEMA = pa.schema([("runs_on", pa.list_(pa.string())), ("platforms", pa.list_(pa.string()))])
_PLATFORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"android"), "android"),
    (re.compile(r"iphone|ipad|(^|:)ios$"), "ios"),
    (re.compile(r"mac_?os|(^|:)macos|os_?x\b"), "macos"),
    (re.compile(r"windows"), "windows"),
    (re.compile(r"chrome_?os"), "chromeos"),
    (re.compile(r"linux|ubuntu|debian|red_hat"), "linux"),
)
_HOST_APPLICATIONS = re.compile(
    r"(^|:)(wordpress|jenkins|node\.js|python|jira|drupal|joomla|visual_studio_code|chrome|firefox|magento|gitlab|confluence|ruby|rails|maven|moodle|typo3)$"
)
NOWHERE = "nowhere"
# Up to and including 12.5.1 covers its builds: 12.5.1.24649672.
_LAST_AFFECTED_SQL = """CASE WHEN coalesce(s.scheme, r.scheme, 'plain') = 'plain'
    AND regexp_full_match(r.last_affected, '[0-9]+([.][0-9]+){2,}')
    THEN r.last_affected || '.*' ELSE r.last_affected END"""
# An RPM epoch is compared only where both versions state it. Lists without epochs are compared without them
# (rpm-bare); installed versions with an epoch as they are (rpm), but not with a range that leaves epochs out
# (rpm-loose).
_STATES_EPOCHS_SQL = """len(list_filter(list_concat([r.introduced, r.fixed, r.last_affected],
    list_concat(coalesce(r.versions, []), coalesce(r.spared, []))),
    lambda v: v <> '0' AND NOT regexp_matches(v, '^\\s*[0-9]+:'))) = 0"""

_SELECT_RANGES = Step(
    name="select the ranges of installed products",
    reads=("range_products", "range_platforms", "items"),
    writes=("ranges",),
    sql=f"""SELECT row_number() OVER () AS n, r.connector, r.id, r.cve, s.product_key, h.platforms, unnest(
                CASE WHEN coalesce(s.scheme, r.scheme, 'plain') <> 'rpm' THEN [coalesce(s.scheme, r.scheme, 'plain')]
                    WHEN {_STATES_EPOCHS_SQL} THEN ['rpm', 'rpm-bare'] ELSE ['rpm-loose', 'rpm-bare'] END) AS scheme,
            r.introduced, coalesce(r.introduced_after, false) AS after, r.fixed, {_LAST_AFFECTED_SQL} AS
                last_affected, r.versions, r.spared, r.remedy
        FROM cve_ranges r
        JOIN vn_range_products s ON s.ecosystem IS NOT DISTINCT FROM r.ecosystem
            AND s.vendor IS NOT DISTINCT FROM r.vendor
            AND s.product IS NOT DISTINCT FROM r.product AND s.edition IS NOT DISTINCT FROM r.edition
        LEFT JOIN vn_range_platforms h ON h.runs_on = r.runs_on
        WHERE s.product_key IN (SELECT product_key FROM vn_items) AND r.number > 0
            AND r.cve NOT IN (SELECT id FROM cves WHERE rejected)""",
)
_CONVERT_RANGES = Step(
    name="convert ranges to bounds",
    reads=("ranges", "version_ranks"),
    writes=("range_bounds",),
    sql="""WITH spans AS (
            SELECT n, connector, id, cve, product_key, platforms, scheme, introduced, after, fixed, last_affected,
                NULL AS only, spared, remedy
            FROM vn_ranges WHERE introduced IS NOT NULL OR fixed IS NOT NULL OR last_affected IS NOT NULL
            UNION ALL
            SELECT n, connector, id, cve, product_key, platforms, scheme, NULL, false, NULL, NULL, unnest(versions),
                spared, remedy
            FROM vn_ranges WHERE len(versions) > 0)
        SELECT s.connector, s.id, s.cve, s.product_key, s.platforms, s.scheme, s.fixed, s.remedy,
            CASE WHEN s.only IS NOT NULL THEN o.rank WHEN coalesce(s.introduced, '0') = '0' THEN -1
                ELSE i.rank END AS lo, s.after,
            CASE WHEN s.only IS NOT NULL THEN o.rank WHEN s.fixed IS NOT NULL THEN f.rank ELSE l.rank END AS hi,
            s.only IS NOT NULL OR (s.fixed IS NULL AND s.last_affected IS NOT NULL) AS closed,
            s.only IS NULL AND s.fixed IS NULL AND s.last_affected IS NULL AS open, p.ranks AS spared
        FROM spans s
        LEFT JOIN vn_version_ranks i ON i.scheme = s.scheme AND i.version = s.introduced
        LEFT JOIN vn_version_ranks f ON f.scheme = s.scheme AND f.version = s.fixed
        LEFT JOIN vn_version_ranks l ON l.scheme = s.scheme AND l.version = s.last_affected
        LEFT JOIN vn_version_ranks o ON o.scheme = s.scheme AND o.version = s.only
        LEFT JOIN (SELECT n, a.scheme, list(r.rank) AS ranks FROM (SELECT n, scheme, unnest(spared) AS version
            FROM vn_ranges WHERE len(spared) > 0) a
            JOIN vn_version_ranks r USING (scheme, version) GROUP BY ALL) p ON p.n = s.n AND p.scheme = s.scheme
        WHERE lo IS NOT NULL AND (hi IS NOT NULL OR open)""",
)
_COMPARED_VERSIONS_SQL = """SELECT DISTINCT scheme, version FROM (
        SELECT scheme, version FROM vn_items
        UNION ALL SELECT 'rpm-loose', version FROM vn_items WHERE scheme = 'rpm'
        UNION ALL SELECT i.scheme, r.fixed_in FROM vn_reported r JOIN vn_items i USING (item)
            WHERE r.fixed_in IS NOT NULL
        UNION ALL SELECT scheme, unnest([introduced, fixed, last_affected]) FROM vn_ranges
        UNION ALL SELECT 'rpm', fixed FROM vn_ranges WHERE scheme = 'rpm-loose'
        UNION ALL SELECT scheme, unnest(versions) FROM vn_ranges
        UNION ALL SELECT scheme, unnest(spared) FROM vn_ranges)
    WHERE version IS NOT NULL AND version <> '0'"""
"""Every version that is installed, bounds a range, or is reported as a fix."""


def list_range_steps(*, products: Sequence[Product]) -> tuple[Step, ...]:
    """Return the steps from the feeds' ranges to range_bounds, which hold the ranges of installed products as integers.

    They read items and reported, and write version_ranks (scheme, version, rank) and range_bounds (id, cve, connector,
    product_key, scheme, platforms, lo, after, hi, closed, fixed, remedy, spared). A range whose version cannot be
    compared is left out, as is one of a vulnerability that the feed itself, or the CVE program, withdrew.
    """
    return (
        Step(
            name="look up the products that ranges name",
            writes=("range_products",),
            run=partial(_look_up_products, products=products),
        ),
        Step(name="look up the platforms that ranges name", writes=("range_platforms",), run=_look_up_platforms),
        _SELECT_RANGES,
        Step(
            name="rank versions",
            reads=("items", "reported", "ranges"),
            writes=("version_ranks",),
            run=_rank_versions,
        ),
        _CONVERT_RANGES,
    )


def _look_up_products(tables: TempTables, *, products: Sequence[Product]) -> None:
    """Create range_products: each distinct subject of the feeds with its product keys, without unknown subjects."""
    products_by_cpe = index_products_by_cpe(products)
    rows = []
    for ecosystem, vendor, product, edition in tables.fetch_rows(
        "SELECT DISTINCT ecosystem, vendor, product, edition FROM cve_ranges WHERE product IS NOT NULL"
    ):
        subject = {"ecosystem": ecosystem, "vendor": vendor, "product": product, "edition": edition}
        if ecosystem is not None:
            product_key = build_package_key(parse_ecosystem(ecosystem), product)
            rows.append({**subject, "product_key": product_key, "scheme": None})
            continue
        for product_key, scheme, product_edition in products_by_cpe.get(normalize_cpe_name(vendor or "", product), ()):
            if (product_edition or None) == (edition or None):
                rows.append({**subject, "product_key": product_key, "scheme": scheme})
    tables.register("range_products", pa.Table.from_pylist(rows, schema=_RANGE_PRODUCTS_SCHEMA))


def _look_up_platforms(tables: TempTables) -> None:
    rows = []
    for (hosts,) in tables.fetch_rows("SELECT DISTINCT runs_on FROM cve_ranges WHERE len(runs_on) > 0"):
        rows.append({"runs_on": hosts, "platforms": find_platforms(hosts)})
    tables.register("range_platforms", pa.Table.from_pylist(rows, schema=_RANGE_PLATFORMS_SCHEMA))


def _rank_versions(tables: TempTables) -> None:
    pairs = tables.fetch_arrow(_COMPARED_VERSIONS_SQL)
    ranks = rank_versions(zip(pairs.column("scheme").to_pylist(), pairs.column("version").to_pylist(), strict=True))
    tables.register("version_ranks", ranks)


def find_platforms(hosts: Sequence[str]) -> list[str] | None:
    """Return the platforms that a feed's host names refer to.

    None where they name no platform, as with processors; NOWHERE where the host is an application.
    """
    names = [host.lower().replace(" ", "_") for host in hosts]
    if any(_HOST_APPLICATIONS.search(name) for name in names):
        return [NOWHERE]
    platforms = {platform for name in names for pattern, platform in _PLATFORMS if pattern.search(name)}
    return sorted(platforms) or None
