"""Ranges of the feeds as whole numbers: which thing they speak of, on which platforms, and from where to where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import duckdb
import pyarrow as pa

from homeroom.domain.software import Product
from homeroom.engines.vulnerabilities.naming import folded, package_of, things_by_name, world_of
from homeroom.engines.vulnerabilities.ranks import ranked
from homeroom.engines.vulnerabilities.sql import arrow, dropped, given, made

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
_APPLICATIONS = re.compile(
    r"(^|:)(wordpress|jenkins|node\.js|python|jira|drupal|joomla|visual_studio_code|chrome|firefox|magento|gitlab|confluence|ruby|rails|maven|moodle|typo3)$"
)
NOWHERE = "nowhere"
# Up to and with 12.5.1 holds for the builds of it: 12.5.1.24649672.
_LAST = """CASE WHEN coalesce(s.scheme, r.scheme, 'plain') = 'plain' AND regexp_full_match(r.last_affected, '[0-9]+([.][0-9]+){2,}')
    THEN r.last_affected || '.*' ELSE r.last_affected END"""


def stage_ranges(session: duckdb.DuckDBPyConnection, *, products: Iterable[Product]) -> None:
    """Makes vn_bounds: (id, cve, connector, thing, scheme, platforms, lo, after, hi, closed, fixed, remedy, spared).

    Needs vn_things, what is installed: a range of anything else is never read further. A range whose version cannot be
    compared is left out, as is one of a flaw that the feed itself, or the CVE program, took back.
    """
    given(session, "subjects", _subjects(session, things_by_name(products)))
    given(session, "hosts", _hosts(session))
    made(
        session,
        "asked",
        f"""SELECT row_number() OVER () AS n, r.connector, r.id, r.cve, s.thing, h.platforms, unnest(
                CASE WHEN coalesce(s.scheme, r.scheme) = 'rpm' THEN ['rpm', 'rpm-bare'] ELSE [coalesce(s.scheme, r.scheme, 'plain')] END) AS scheme,
            r.introduced, coalesce(r.introduced_after, false) AS after, r.fixed, {_LAST} AS last_affected, r.versions, r.spared, r.remedy
        FROM cve_ranges r
        JOIN vn_subjects s ON s.ecosystem IS NOT DISTINCT FROM r.ecosystem AND s.vendor IS NOT DISTINCT FROM r.vendor
            AND s.product IS NOT DISTINCT FROM r.product AND s.edition IS NOT DISTINCT FROM r.edition
        LEFT JOIN vn_hosts h ON h.runs_on = r.runs_on
        WHERE s.thing IN (SELECT thing FROM vn_things) AND r.number > 0
            AND r.cve NOT IN (SELECT id FROM cves WHERE rejected)""",
    )
    _ranked(session)
    made(
        session,
        "bounds",
        """WITH spans AS (
            SELECT n, connector, id, cve, thing, platforms, scheme, introduced, after, fixed, last_affected, NULL AS only, spared, remedy
            FROM vn_asked WHERE introduced IS NOT NULL OR fixed IS NOT NULL OR last_affected IS NOT NULL
            UNION ALL
            SELECT n, connector, id, cve, thing, platforms, scheme, NULL, false, NULL, NULL, unnest(versions), spared, remedy
            FROM vn_asked WHERE len(versions) > 0)
        SELECT s.connector, s.id, s.cve, s.thing, s.platforms, s.scheme, s.fixed, s.remedy,
            CASE WHEN s.only IS NOT NULL THEN o.rank WHEN coalesce(s.introduced, '0') = '0' THEN -1 ELSE i.rank END AS lo, s.after,
            CASE WHEN s.only IS NOT NULL THEN o.rank WHEN s.fixed IS NOT NULL THEN f.rank ELSE l.rank END AS hi,
            s.only IS NOT NULL OR (s.fixed IS NULL AND s.last_affected IS NOT NULL) AS closed,
            s.only IS NULL AND s.fixed IS NULL AND s.last_affected IS NULL AS open, p.ranks AS spared
        FROM spans s
        LEFT JOIN vn_ranks i ON i.scheme = s.scheme AND i.version = s.introduced
        LEFT JOIN vn_ranks f ON f.scheme = s.scheme AND f.version = s.fixed
        LEFT JOIN vn_ranks l ON l.scheme = s.scheme AND l.version = s.last_affected
        LEFT JOIN vn_ranks o ON o.scheme = s.scheme AND o.version = s.only
        LEFT JOIN (SELECT n, a.scheme, list(r.rank) AS ranks FROM (SELECT n, scheme, unnest(spared) AS version FROM vn_asked WHERE len(spared) > 0) a
            JOIN vn_ranks r USING (scheme, version) GROUP BY ALL) p ON p.n = s.n AND p.scheme = s.scheme
        WHERE lo IS NOT NULL AND (hi IS NOT NULL OR open)""",
    )
    dropped(session, "subjects", "hosts", "asked")


def _ranked(session: duckdb.DuckDBPyConnection) -> None:
    """vn_ranks: the place of every version that is installed, bounds a range, or is said to be the fix."""
    pairs = arrow(
        session,
        """SELECT DISTINCT scheme, version FROM (
            SELECT scheme, version FROM vn_things
            UNION ALL SELECT t.scheme, v.fixed_in FROM vn_told v JOIN vn_things t USING (item) WHERE v.fixed_in IS NOT NULL
            UNION ALL SELECT scheme, unnest([introduced, fixed, last_affected]) FROM vn_asked
            UNION ALL SELECT scheme, unnest(versions) FROM vn_asked
            UNION ALL SELECT scheme, unnest(spared) FROM vn_asked)
        WHERE version IS NOT NULL AND version <> '0'""",
    )
    given(
        session,
        "ranks",
        ranked(zip(pairs.column("scheme").to_pylist(), pairs.column("version").to_pylist(), strict=True)),
    )


def _subjects(
    session: duckdb.DuckDBPyConnection, things: Mapping[str, Sequence[tuple[str, str, str | None]]]
) -> pa.Table:
    """Each distinct subject of the feeds with the things of ours that it is; none for what nobody here runs."""
    rows = []
    for ecosystem, vendor, product, edition in session.execute(
        "SELECT DISTINCT ecosystem, vendor, product, edition FROM cve_ranges WHERE product IS NOT NULL"
    ).fetchall():
        about = {"ecosystem": ecosystem, "vendor": vendor, "product": product, "edition": edition}
        if ecosystem is not None:
            rows.append({**about, "thing": package_of(world_of(ecosystem), product), "scheme": None})
            continue
        for thing, scheme, asked in things.get(folded(vendor or "", product), ()):
            if (asked or None) == (edition or None):
                rows.append({**about, "thing": thing, "scheme": scheme})
    return pa.Table.from_pylist(rows, schema=_SUBJECTS)


def _hosts(session: duckdb.DuckDBPyConnection) -> pa.Table:
    rows = []
    for (hosts,) in session.execute("SELECT DISTINCT runs_on FROM cve_ranges WHERE len(runs_on) > 0").fetchall():
        rows.append({"runs_on": hosts, "platforms": platforms_of(hosts)})
    return pa.Table.from_pylist(rows, schema=_HOSTS)


def platforms_of(hosts: Sequence[str]) -> list[str] | None:
    """The platforms that a feed's words name; null where they name none, as with processors; nowhere within a host program."""
    words = [host.lower().replace(" ", "_") for host in hosts]
    if any(_APPLICATIONS.search(word) for word in words):
        return [NOWHERE]
    found = {platform for word in words for pattern, platform in _PLATFORMS if pattern.search(word)}
    return sorted(found) or None
