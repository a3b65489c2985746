"""What is installed, as items: every way in which software is listed is named once, however many devices have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from homeroom.domain.software import Product, Shelf
from homeroom.engines.vulnerabilities.naming import Named, Way, named
from homeroom.engines.vulnerabilities.schemes import scheme_as_listed
from homeroom.engines.vulnerabilities.sql import arrow, given, made

DERIVED = ("devices", "people", "software", "services", "flaws")
_TEXTS = ("name", "version", "listing", "vendor", "identifier", "platform", "system", "kind")
_NAMED = pa.schema(
    [("way", pa.uint64())]
    + [
        (name, pa.string())
        for name in ("thing", "product", "title", "line", "scheme", "version", "lifecycle", "reason")
    ]
)
_CHECK = "coalesce(nullif(product, ''), 'check:' || source || ':' || check_id)"


def stage_items(
    session: duckdb.DuckDBPyConnection, *, resolved: Mapping[str, pa.Table], products: Sequence[Product]
) -> None:
    """Makes vn_rows (device, way), vn_ways, vn_named, vn_things (item, and what it is) and vn_told (what tools report).

    `resolved` are the derived tables that resolving made. A device's own system is a way like any software; so is what
    answers on a port, and what a scanner names.
    """
    for name in DERIVED:
        session.register(f"vn_{name}", resolved[name])
    _listed(session)
    ways = arrow(session, f"SELECT way, {', '.join(_TEXTS)} FROM vn_ways")
    shelf = Shelf(products)
    given(session, "named", _named(ways, shelf))
    made(
        session,
        "items",
        """SELECT row_number() OVER (ORDER BY thing, version, platform, support, edition, scheme) - 1 AS item, * FROM (
            SELECT n.thing, n.version, w.platform, w.support, w.edition, n.scheme, any_value(n.product) AS product, any_value(n.title) AS title,
                any_value(n.line) AS line, max(n.lifecycle) AS lifecycle
            FROM vn_named n JOIN vn_ways w USING (way) WHERE n.thing <> '' GROUP BY ALL)""",
    )
    made(
        session,
        "item_of",
        """SELECT n.way, i.item FROM vn_named n JOIN vn_ways w USING (way) JOIN vn_items i ON i.thing = n.thing
            AND i.version = n.version AND i.platform = w.platform AND i.support = w.support AND i.edition = w.edition AND i.scheme = n.scheme""",
    )
    made(session, "things", "SELECT item, thing, version, scheme, platform FROM vn_items")
    _told(session)


def _listed(session: duckdb.DuckDBPyConnection) -> None:
    """vn_rows and vn_ways, over software, systems, services and what scanners name."""
    text = "coalesce({0}, '') AS {1}"
    software = ", ".join(
        text.format(f"s.{name}", name) for name in ("name", "version", "listing", "vendor", "identifier")
    )
    bare = "'' AS listing, '' AS vendor, '' AS identifier"
    session.execute(
        f"""CREATE OR REPLACE TEMP VIEW vn_every AS
        SELECT s.device, {software}, coalesce(d.platform, '') AS platform,
            CASE WHEN d.platform = 'linux' THEN coalesce(d.os_version, '') ELSE '' END AS system, 'software' AS kind, '' AS support, '' AS edition
        FROM vn_software s JOIN vn_devices d ON d.id = s.device WHERE s.name IS NOT NULL
        UNION ALL
        SELECT id, trim(coalesce(os_version, '') || ' ' || coalesce(os_edition, '')), coalesce(os_version, ''), {bare}, coalesce(platform, ''),
            '', 'system', coalesce(os_support_until::VARCHAR, '') || '|' || coalesce(expires_on::VARCHAR, '') || '|' || coalesce(expires_with::VARCHAR, '')
            || '|' || coalesce(os_support_kind, CASE WHEN extended_enabled THEN 'opted' ELSE '' END), coalesce(os_edition, '')
        FROM vn_devices WHERE os_version IS NOT NULL AND coalesce(retired, false) = false
        UNION ALL
        SELECT v.device, v.product, coalesce(v.version, ''), {bare}, coalesce(d.platform, ''), '', 'service', '', ''
        FROM vn_services v JOIN vn_devices d ON d.id = v.device WHERE v.product IS NOT NULL AND v.open
        UNION ALL
        SELECT f.device, {_CHECK}, coalesce(f.version, ''), '' AS listing, '', '', coalesce(d.platform, ''), '', 'software', '', ''
        FROM vn_flaws f JOIN vn_devices d ON d.id = f.device WHERE f.cve IS NOT NULL""",
    )
    way = f"hash({', '.join(_TEXTS)}, support, edition)"
    made(session, "rows", f"SELECT device, {way} AS way FROM vn_every")
    made(
        session,
        "ways",
        f"""SELECT {way} AS way, {", ".join(f"any_value({name}) AS {name}" for name in (*_TEXTS, "support", "edition"))},
            count(*) AS installs FROM vn_every GROUP BY 1""",
    )


def _named(ways: pa.Table, shelf: Shelf) -> pa.Table:
    rows = []
    for row in ways.to_pylist():
        way = row.pop("way")
        found = _checked(row["name"]) or named(Way(**row), shelf=shelf)
        rows.append(
            {
                "way": way,
                "thing": found.thing,
                "product": found.product,
                "title": found.title,
                "line": found.line,
                "scheme": scheme_as_listed(found.scheme, found.version),
                "version": found.version,
                "lifecycle": found.lifecycle,
                "reason": found.reason,
            }
        )
    return pa.Table.from_pylist(rows, schema=_NAMED)


def _checked(name: str) -> Named | None:
    """A scanner's check that names no software is a thing of its own."""
    return Named(thing=name, title=name) if name.startswith("check:") else None


def _told(session: duckdb.DuckDBPyConnection) -> None:
    """vn_told: (item, cve, source, fixed_in, exploited, due_on, ransomware, title, severity, solution) of the tools' own words.

    One row for each item, flaw and source: a tool that says it twice, in two scans or listings, has said it once.
    """
    flaw_way = (
        f"""hash({_CHECK}, coalesce(f.version, ''), '', '', '', coalesce(d.platform, ''), '', 'software', '', '')"""
    )
    software = ", ".join(f"coalesce(s.{name}, '')" for name in ("name", "version", "listing", "vendor", "identifier"))
    way = f"""hash({software}, coalesce(d.platform, ''), CASE WHEN d.platform = 'linux' THEN coalesce(d.os_version, '') ELSE '' END, 'software', '', '')"""
    made(
        session,
        "told",
        f"""WITH said AS (
            SELECT way, unnest(flaws) AS cve, source, fixed_in, exploited_flaws FROM (
                SELECT DISTINCT {way} AS way, s.flaws, s.source, s.fixed_in, s.exploited_flaws FROM vn_software s JOIN vn_devices d ON d.id = s.device
                WHERE len(s.flaws) > 0)),
        every AS (
            SELECT o.item, upper(s.cve) AS cve, s.source, s.fixed_in, list_contains(s.exploited_flaws, s.cve) AS exploited, NULL::DATE AS due_on,
                NULL::BOOLEAN AS ransomware, NULL AS title, NULL AS severity, NULL AS solution
            FROM said s JOIN vn_item_of o USING (way)
            UNION ALL
            SELECT o.item, f.cve, f.source, NULL, f.known_exploited, f.due_on, f.ransomware, f.title, f.severity, f.solution
            FROM vn_flaws f JOIN vn_devices d ON d.id = f.device JOIN vn_item_of o ON o.way = {flaw_way} WHERE f.cve IS NOT NULL)
        SELECT item, cve, source, max(fixed_in) AS fixed_in, bool_or(exploited) AS exploited, max(due_on) AS due_on, bool_or(ransomware) AS ransomware,
            max(title) AS title, max(severity) AS severity, max(solution) AS solution
        FROM every GROUP BY item, cve, source""",
    )
