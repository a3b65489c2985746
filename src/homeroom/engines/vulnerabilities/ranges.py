"""Version ranges of the feeds as integers: their product, their platforms, and their bounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import duckdb
import pyarrow as pa

from homeroom.domain.software import Product
from homeroom.engines.vulnerabilities.product_identification import (
    build_package_key,
    index_products_by_cpe,
    normalize_cpe_name,
    parse_ecosystem,
)
from homeroom.engines.vulnerabilities.sql import create_temp_table, drop_temp_tables, fetch_arrow, register_temp_table
from homeroom.engines.vulnerabilities.version_ranks import rank_versions

_SUBJECTS = pa.schema(
    [(name, pa.string()) for name in ("ecosystem", "vendor", "product", "edition", "thing", "scheme")]
)
_HOSTS = pa.schema([("runs_on", pa.list_(pa.string())), ("platforms", pa.list_(pa.string()))])
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


def stage_ranges(session: duckdb.DuckDBPyConnection, *, products: Iterable[Product]) -> None:
    """Create vn_bounds (id, cve, connector, thing, scheme, platforms, lo, after, hi, closed, fixed, remedy, spared).

    Needs vn_things, the installed products: ranges of other products are ignored. A range whose version cannot be
    compared is left out, as is one of a vulnerability that the feed itself, or the CVE program, withdrew.
    """
    register_temp_table(session, "subjects", _build_subjects(session, index_products_by_cpe(products)))
    register_temp_table(session, "hosts", _build_hosts(session))
    create_temp_table(
        session,
        "asked",
        f"""SELECT row_number() OVER () AS n, r.connector, r.id, r.cve, s.thing, h.platforms, unnest(
                CASE WHEN coalesce(s.scheme, r.scheme) = 'rpm' THEN ['rpm', 'rpm-bare'] ELSE [coalesce(s.scheme,
                    r.scheme, 'plain')] END) AS scheme,
            r.introduced, coalesce(r.introduced_after, false) AS after, r.fixed, {_LAST_AFFECTED_SQL} AS
                last_affected, r.versions, r.spared, r.remedy
        FROM cve_ranges r
        JOIN vn_subjects s ON s.ecosystem IS NOT DISTINCT FROM r.ecosystem AND s.vendor IS NOT DISTINCT FROM r.vendor
            AND s.product IS NOT DISTINCT FROM r.product AND s.edition IS NOT DISTINCT FROM r.edition
        LEFT JOIN vn_hosts h ON h.runs_on = r.runs_on
        WHERE s.thing IN (SELECT thing FROM vn_things) AND r.number > 0
            AND r.cve NOT IN (SELECT id FROM cves WHERE rejected)""",
    )
    _create_ranks(session)
    create_temp_table(
        session,
        "bounds",
        """WITH spans AS (
            SELECT n, connector, id, cve, thing, platforms, scheme, introduced, after, fixed, last_affected,
                NULL AS only, spared, remedy
            FROM vn_asked WHERE introduced IS NOT NULL OR fixed IS NOT NULL OR last_affected IS NOT NULL
            UNION ALL
            SELECT n, connector, id, cve, thing, platforms, scheme, NULL, false, NULL, NULL, unnest(versions), spared,
                remedy
            FROM vn_asked WHERE len(versions) > 0)
        SELECT s.connector, s.id, s.cve, s.thing, s.platforms, s.scheme, s.fixed, s.remedy,
            CASE WHEN s.only IS NOT NULL THEN o.rank WHEN coalesce(s.introduced, '0') = '0' THEN -1
                ELSE i.rank END AS lo, s.after,
            CASE WHEN s.only IS NOT NULL THEN o.rank WHEN s.fixed IS NOT NULL THEN f.rank ELSE l.rank END AS hi,
            s.only IS NOT NULL OR (s.fixed IS NULL AND s.last_affected IS NOT NULL) AS closed,
            s.only IS NULL AND s.fixed IS NULL AND s.last_affected IS NULL AS open, p.ranks AS spared
        FROM spans s
        LEFT JOIN vn_ranks i ON i.scheme = s.scheme AND i.version = s.introduced
        LEFT JOIN vn_ranks f ON f.scheme = s.scheme AND f.version = s.fixed
        LEFT JOIN vn_ranks l ON l.scheme = s.scheme AND l.version = s.last_affected
        LEFT JOIN vn_ranks o ON o.scheme = s.scheme AND o.version = s.only
        LEFT JOIN (SELECT n, a.scheme, list(r.rank) AS ranks FROM (SELECT n, scheme, unnest(spared) AS version
            FROM vn_asked WHERE len(spared) > 0) a
            JOIN vn_ranks r USING (scheme, version) GROUP BY ALL) p ON p.n = s.n AND p.scheme = s.scheme
        WHERE lo IS NOT NULL AND (hi IS NOT NULL OR open)""",
    )
    drop_temp_tables(session, "subjects", "hosts", "asked")


def _create_ranks(session: duckdb.DuckDBPyConnection) -> None:
    """Create vn_ranks: the rank of every version that is installed, bounds a range, or is reported as a fix."""
    pairs = fetch_arrow(
        session,
        """SELECT DISTINCT scheme, version FROM (
            SELECT scheme, version FROM vn_things
            UNION ALL SELECT t.scheme, v.fixed_in FROM vn_told v JOIN vn_things t USING (item)
                WHERE v.fixed_in IS NOT NULL
            UNION ALL SELECT scheme, unnest([introduced, fixed, last_affected]) FROM vn_asked
            UNION ALL SELECT scheme, unnest(versions) FROM vn_asked
            UNION ALL SELECT scheme, unnest(spared) FROM vn_asked)
        WHERE version IS NOT NULL AND version <> '0'""",
    )
    register_temp_table(
        session,
        "ranks",
        rank_versions(zip(pairs.column("scheme").to_pylist(), pairs.column("version").to_pylist(), strict=True)),
    )


def _build_subjects(
    session: duckdb.DuckDBPyConnection, products_by_cpe: Mapping[str, Sequence[tuple[str, str, str | None]]]
) -> pa.Table:
    """Return each distinct subject of the feeds with its product keys, without subjects that are not installed."""
    rows = []
    for ecosystem, vendor, product, edition in session.execute(
        "SELECT DISTINCT ecosystem, vendor, product, edition FROM cve_ranges WHERE product IS NOT NULL"
    ).fetchall():
        subject = {"ecosystem": ecosystem, "vendor": vendor, "product": product, "edition": edition}
        if ecosystem is not None:
            rows.append({**subject, "thing": build_package_key(parse_ecosystem(ecosystem), product), "scheme": None})
            continue
        for product_key, scheme, product_edition in products_by_cpe.get(normalize_cpe_name(vendor or "", product), ()):
            if (product_edition or None) == (edition or None):
                rows.append({**subject, "thing": product_key, "scheme": scheme})
    return pa.Table.from_pylist(rows, schema=_SUBJECTS)


def _build_hosts(session: duckdb.DuckDBPyConnection) -> pa.Table:
    rows = []
    for (hosts,) in session.execute("SELECT DISTINCT runs_on FROM cve_ranges WHERE len(runs_on) > 0").fetchall():
        rows.append({"runs_on": hosts, "platforms": find_platforms(hosts)})
    return pa.Table.from_pylist(rows, schema=_HOSTS)


def find_platforms(hosts: Sequence[str]) -> list[str] | None:
    """Return the platforms that a feed's host names refer to.

    None where they name no platform, as with processors; NOWHERE where the host is an application.
    """
    names = [host.lower().replace(" ", "_") for host in hosts]
    if any(_HOST_APPLICATIONS.search(name) for name in names):
        return [NOWHERE]
    platforms = {platform for name in names for pattern, platform in _PLATFORMS if pattern.search(name)}
    return sorted(platforms) or None
