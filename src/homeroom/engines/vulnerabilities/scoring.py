"""Scoring of vulnerabilities: their points, the people affected, and the version that fixes each of them."""

from __future__ import annotations

from datetime import date

import duckdb

from homeroom.domain.vulnerabilities import VulnerabilityWeights
from homeroom.engines.vulnerabilities.sql import create_temp_table

LIKELY_PERCENTILE_PPM = 900_000
"""The percentile from which the reason `likely` is named; it only chooses a word, never a place in the ranking."""
WIDESPREAD_SHARE = 0.1
"""The share of the devices from which the reason `everywhere` is named."""
_SERVER = "regexp_matches(lower(coalesce(d.os_edition, '') || ' ' || coalesce(d.os_version, '')), 'server')"
_PRIVATE = r"^((?:10\.\d+|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+)\.\d+$"


def score_vulnerabilities(session: duckdb.DuckDBPyConnection, *, weights: VulnerabilityWeights, today: date) -> None:
    """Create vn_vulnerabilities with the columns of `vulnerabilities`.

    Needs vn_items, vn_told, vn_matched, vn_ranks and vn_rows.
    """
    _create_feed_details(session)
    _merge_reports(session)
    _create_usage(session)
    _create_fixes(session)
    exploited, overdue = "exploited IS TRUE", f"exploited AND due_on < DATE '{today}'"
    severities = " ".join(f"WHEN '{severity}' THEN {points}" for severity, points in weights.severities.items())
    points = f"""(coalesce(cvss_tenths * {weights.score} // 10, CASE severity {severities} ELSE 0 END)
        + coalesce(percentile_ppm * {weights.likelihood} // 1000000, 0)
        + CASE WHEN {exploited} THEN {weights.exploited} ELSE 0 END + CASE WHEN {overdue} THEN {weights.overdue}
            ELSE 0 END
        + CASE WHEN ransomware THEN {weights.ransomware} ELSE 0 END + CASE WHEN public > 0 THEN {weights.public}
            ELSE 0 END
        + CASE WHEN servers > 0 THEN {weights.servers} ELSE 0 END + CASE WHEN administrators > 0
            THEN {weights.administrators} ELSE 0 END
        + CASE WHEN beside_servers > 0 THEN {weights.beside_servers} ELSE 0 END + CASE WHEN staff > 0
            THEN {weights.staff} ELSE 0 END
        + {weights.opens} * floor(log2(1 + opens)) + {weights.reach} * floor(log2(greatest(devices, 1))))::BIGINT"""
    reasons = f"""list_sort(list_filter([CASE WHEN {exploited} THEN 'exploited' END, CASE WHEN {overdue}
        THEN 'overdue' END,
        CASE WHEN ransomware THEN 'ransomware' END, CASE WHEN percentile_ppm >= {LIKELY_PERCENTILE_PPM}
            THEN 'likely' END,
        CASE WHEN public > 0 THEN 'public' END, CASE WHEN servers > 0 THEN 'servers' END,
        CASE WHEN administrators > 0 THEN 'administrators' END, CASE WHEN beside_servers > 0 THEN 'beside_servers' END,
        CASE WHEN opens > 0 THEN 'opens' END, CASE WHEN staff > 0 THEN 'staff' END,
        CASE WHEN devices > 20 AND devices >= {WIDESPREAD_SHARE} * (SELECT count(*) FROM vn_devices)
            THEN 'everywhere' END], lambda x: x IS NOT NULL))"""
    create_temp_table(
        session,
        "vulnerabilities",
        f"""WITH every AS (
            SELECT f.item, f.cve, i.thing, i.product, CASE WHEN starts_with(i.thing, 'check:') THEN coalesce(f.title,
                i.title) ELSE i.title END AS title, nullif(i.version, '') AS version, nullif(i.platform,
                    '') AS platform, i.line,
                f.told_by, f.matched_by, coalesce(c.title, f.title) AS flaw, coalesce(c.severity,
                    f.severity) AS severity, c.cvss_tenths,
                e.probability_ppm, e.percentile_ppm, e.model AS epss_model,
                CASE WHEN f.exploited OR k.cve IS NOT NULL THEN true WHEN f.exploited = false OR (SELECT count(*)
                    FROM vn_catalogue) > 0 THEN false END AS exploited,
                coalesce(k.due_on, f.due_on) AS due_on, coalesce(k.ransomware, f.ransomware) AS ransomware,
                    c.published_on,
                x.fixed_in, u.update_to, coalesce(f.remedy, f.solution) AS remedy,
                coalesce(w.devices, 0) AS devices, coalesce(w.public, 0) AS public, coalesce(w.staff, 0) AS staff,
                coalesce(w.students, 0) AS students, coalesce(w.servers, 0) AS servers,
                coalesce(w.administrators, 0) AS administrators, coalesce(w.beside_servers, 0) AS beside_servers,
                coalesce(w.opens, 0) AS opens
            FROM vn_found f JOIN vn_items i USING (item)
            LEFT JOIN vn_about c ON c.cve = f.cve LEFT JOIN vn_scores e ON e.cve = f.cve LEFT JOIN vn_catalogue k
                ON k.cve = f.cve
            LEFT JOIN vn_who w ON w.item = f.item LEFT JOIN vn_fixed x ON x.item = f.item AND x.cve = f.cve
            LEFT JOIN vn_updates u ON u.thing = i.thing AND u.scheme = i.scheme)
        SELECT *, {points} AS points, {reasons} AS reasons FROM every""",
    )


def _create_feed_details(session: duckdb.DuckDBPyConnection) -> None:
    """Create vn_about, vn_scores and vn_catalogue: the feeds' data on each CVE, its own record first."""
    create_temp_table(
        session,
        "about",
        """SELECT cve, arg_min(title, own) AS title, arg_min(severity, own) AS severity, arg_min(cvss_tenths,
            own) AS cvss_tenths,
            min(published_on) AS published_on
        FROM (SELECT unnest(cves) AS cve, title, severity, cvss_tenths, published_on,
                CASE WHEN len(cves) = 1 AND cves[1] = id THEN CASE connector WHEN 'nvd' THEN 0 ELSE 1 END
                    ELSE 2 END AS own
            FROM cves WHERE rejected IS NOT TRUE)
        WHERE cve IN (SELECT cve FROM vn_told UNION SELECT cve FROM vn_matched) GROUP BY cve""",
    )
    create_temp_table(
        session,
        "scores",
        "SELECT cve, max(probability_ppm) AS probability_ppm, max(percentile_ppm) AS percentile_ppm, max(model) AS "
        "model FROM epss_scores GROUP BY cve",
    )
    create_temp_table(
        session,
        "catalogue",
        "SELECT upper(cve) AS cve, max(due_on) AS due_on, bool_or(ransomware) AS ransomware FROM known_exploited "
        "GROUP BY ALL",
    )


def _merge_reports(session: duckdb.DuckDBPyConnection) -> None:
    """Create vn_found: one row for each item and vulnerability, with the sources that report it."""
    create_temp_table(
        session,
        "found",
        """SELECT coalesce(t.item, m.item) AS item, coalesce(t.cve, m.cve) AS cve, t.told_by, m.feeds AS matched_by,
            t.exploited, t.due_on,
            t.ransomware, t.title, t.severity, t.solution, t.fixed_in AS told_fix, m.fixed_in AS matched_fix, m.remedy
        FROM (SELECT item, cve, list_sort(list(DISTINCT source)) AS told_by, bool_or(exploited) AS exploited,
            max(due_on) AS due_on,
                bool_or(ransomware) AS ransomware, max(title) AS title, max(severity) AS severity,
                    max(solution) AS solution, max(fixed_in) AS fixed_in
            FROM vn_told GROUP BY item, cve) t
        FULL JOIN vn_matched m ON m.item = t.item AND m.cve = t.cve""",
    )


def _create_usage(session: duckdb.DuckDBPyConnection) -> None:
    """Create vn_pairs (device, item) of items that matter, and vn_who, their users and what they can reach."""
    create_temp_table(
        session,
        "pairs",
        """SELECT DISTINCT r.device, o.item FROM vn_rows r JOIN vn_item_of o USING (way)
        WHERE o.item IN (SELECT item FROM vn_found UNION SELECT item FROM vn_ends)""",
    )
    _find_server_neighbors(session)
    create_temp_table(
        session,
        "who",
        f"""SELECT p.item, count(*) AS devices, count(*) FILTER (p.device IN (SELECT device FROM vn_services
            WHERE public AND open)) AS public,
            count(*) FILTER (d.holder_kind = 'staff') AS staff, count(*) FILTER (d.holder_kind = 'student') AS students,
            count(*) FILTER ({_SERVER}) AS servers, count(*) FILTER (h.administers) AS administrators,
                max(len(h.opens)) AS opens,
            count(*) FILTER (p.device IN (SELECT id FROM vn_near)) AS beside_servers
        FROM vn_pairs p JOIN vn_devices d ON d.id = p.device LEFT JOIN vn_people h ON h.id = d.holder
            GROUP BY p.item""",
    )


def _find_server_neighbors(session: duckdb.DuckDBPyConnection) -> None:
    """Create vn_near: devices that share a network with a server, as far as addresses and schools show.

    A network is the first three numbers of a private IPv4 address. Where both schools are known they have to be the
    same: every home has a 192.168.1.
    """
    create_temp_table(
        session,
        "near",
        f"""WITH nets AS (
            SELECT DISTINCT d.id, d.school, {_SERVER} AS server, regexp_extract(address, '{_PRIVATE}', 1) AS net
            FROM (SELECT id, school, os_edition, os_version, unnest(addresses) AS address FROM vn_devices) d
                WHERE regexp_matches(address, '{_PRIVATE}'))
        SELECT DISTINCT n.id FROM nets n SEMI JOIN (SELECT net, school FROM nets WHERE server) s
            ON s.net = n.net AND coalesce(s.school = n.school, true) WHERE NOT n.server""",
    )


def _create_fixes(session: duckdb.DuckDBPyConnection) -> None:
    """Create vn_fixed and vn_updates.

    vn_fixed has the fix of each vulnerability in each item, the higher of the tool's and the feed's; vn_updates the
    version that fixes all vulnerabilities of a product.
    """
    create_temp_table(
        session,
        "fixed",
        """SELECT item, cve, arg_max(fix, rank) AS fixed_in, max(rank) AS rank FROM (
            SELECT f.item, f.cve, unnest([f.told_fix, f.matched_fix]) AS fix FROM vn_found f) s
        JOIN vn_things t USING (item) JOIN vn_ranks r ON r.scheme = t.scheme AND r.version = s.fix
            WHERE fix IS NOT NULL GROUP BY item, cve""",
    )
    create_temp_table(
        session,
        "updates",
        "SELECT thing, scheme, arg_max(fixed_in, rank) AS update_to FROM vn_fixed JOIN vn_things USING (item) GROUP "
        "BY thing, scheme",
    )
