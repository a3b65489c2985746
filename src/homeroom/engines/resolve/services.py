"""The derived tables `services` and `flaws`: what scans found on each device, its ports and its weaknesses."""

from __future__ import annotations

import duckdb

from homeroom.engines.resolve.sql import dropped, made

_NODES = "(SELECT connector, instance, key, id FROM rz_device_nodes WHERE NOT gone)"
_OF_DEVICE = f"JOIN {_NODES} n ON n.key = r.device_key AND n.instance = r.instance AND n.connector = r.connector"
# A port that a firewall swallows answers nobody; where a scanner cannot tell that from an open one, neither can we.
_OPEN = "CASE lower(r.state) WHEN 'open' THEN true WHEN 'closed' THEN false WHEN 'filtered' THEN false END"


def services(session: duckdb.DuckDBPyConnection) -> None:
    """Makes rz_services and rz_flaws in the columns of `services` and `flaws`. Needs rz_devices and the numbered device nodes."""
    place = """row_number() OVER (PARTITION BY n.id, r.address, r.protocol, r.port
        ORDER BY coalesce(r.scanned_at, r.seen_at) DESC, r.connector, r.instance, r.device_key)"""
    learnt = ", ".join(f"arg_min({name}, place) AS {name}" for name in _LEARNT)
    made(
        session,
        "services",
        f"""WITH every AS (SELECT n.id AS device, r.* EXCLUDE (device_key), {place} AS place FROM service_records r {_OF_DEVICE}),
        learnt AS (SELECT device, address, protocol, port, {learnt} FROM every GROUP BY ALL)
        SELECT r.device, r.address, r.public, r.protocol, r.port, {_OPEN} AS open, r.service, r.product, r.version,
            coalesce(r.scanned_at, r.seen_at) AS scanned_at, d.known, d.kind, {", ".join(f"l.{name}" for name in _LEARNT)}
        FROM every r JOIN rz_devices d ON d.id = r.device JOIN learnt l ON l.device = r.device AND l.port = r.port
            AND l.address IS NOT DISTINCT FROM r.address AND l.protocol IS NOT DISTINCT FROM r.protocol
        WHERE r.place = 1""",
    )
    _flaws(session)


_LEARNT = (
    "tls_versions", "weak_ciphers", "certificate_until", "self_signed", "smb_versions", "signing_required", "sign_in",
    "page_title",
)  # fmt: skip
"""What is only known where a scan asked further: the newest that did is believed, whether or not a newer saw the port."""


def _flaws(session: duckdb.DuckDBPyConnection) -> None:
    """One row for each CVE of a check. A scanner's feed may be older than the catalogue: whoever says exploited is heard."""
    made(
        session,
        "catalogue",
        "SELECT upper(cve) AS cve, max(due_on) AS due_on, bool_or(ransomware) AS ransomware FROM known_exploited GROUP BY ALL",
    )
    loaded = "(SELECT count(*) FROM rz_catalogue) > 0"
    exploited = f"CASE WHEN f.known_exploited OR k.cve IS NOT NULL THEN true WHEN f.known_exploited = false OR {loaded} THEN false END"
    made(
        session,
        "found",
        f"""SELECT n.id AS device, r.connector AS source, r.check_id, r.product, r.version, r.known_exploited,
            r.title, r.severity, r.solution,
            unnest(CASE WHEN len(r.cves) > 0 THEN list_distinct(list_transform(r.cves, x -> upper(x))) ELSE [NULL] END) AS cve
        FROM flaw_records r {_OF_DEVICE} WHERE r.solved IS NOT TRUE""",
    )
    made(
        session,
        "flaws",
        f"""SELECT f.device, f.check_id, f.cve, max(f.title) AS title, arg_max(f.severity, {_RANK}) AS severity,
            bool_or({exploited}) AS known_exploited, max(k.due_on) AS due_on, bool_or(k.ransomware) AS ransomware,
            f.product, f.version, max(f.solution) AS solution, f.source
        FROM rz_found f LEFT JOIN rz_catalogue k USING (cve) GROUP BY f.device, f.source, f.check_id, f.cve, f.product, f.version""",
    )
    dropped(session, "found", "catalogue")


_RANK = "list_position(['info', 'low', 'medium', 'high', 'critical'], f.severity)"
