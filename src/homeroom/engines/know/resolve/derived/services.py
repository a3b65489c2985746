"""The derived tables `services` and `vulnerabilities_found`: what scans found on each device."""

from __future__ import annotations

from homeroom.evidence.query.steps import Step

_NODES = "(SELECT connector, instance, key, id FROM rz_device_nodes WHERE NOT gone)"
_JOIN_DEVICE = f"JOIN {_NODES} n ON n.key = r.device_key AND n.instance = r.instance AND n.connector = r.connector"
# A filtered port answers nobody; where a scanner cannot distinguish it from an open one, the value is null.
_OPEN_SQL = "CASE lower(r.state) WHEN 'open' THEN true WHEN 'closed' THEN false WHEN 'filtered' THEN false END"


def list_service_steps() -> tuple[Step, ...]:
    """Build rz_services and rz_vulnerabilities_found with the columns of `services` and `vulnerabilities_found`.

    Needs rz_devices and the numbered device nodes.
    """
    newest_first = """row_number() OVER (PARTITION BY n.id, r.address, r.protocol, r.port
        ORDER BY coalesce(r.scanned_at, r.seen_at) DESC, r.connector, r.instance, r.device_key)"""
    detail_columns = ", ".join(f"arg_min({name}, place) AS {name}" for name in _DETAIL_COLUMNS)
    return (
        Step(
            name="describe services",
            reads=("device_nodes", "devices"),
            writes=("services",),
            sql=f"""WITH every AS (SELECT n.id AS device, r.* EXCLUDE (device_key), {newest_first} AS place
            FROM service_records r {_JOIN_DEVICE}),
        learnt AS (SELECT device, address, protocol, port, {detail_columns} FROM every GROUP BY ALL)
        SELECT r.device, r.address, r.public, r.protocol, r.port, {_OPEN_SQL} AS open, r.service, r.product, r.version,
            coalesce(r.scanned_at, r.seen_at) AS scanned_at, d.known, d.kind,
                {", ".join(f"l.{name}" for name in _DETAIL_COLUMNS)}
        FROM every r JOIN rz_devices d ON d.id = r.device JOIN learnt l ON l.device = r.device AND l.port = r.port
            AND l.address IS NOT DISTINCT FROM r.address AND l.protocol IS NOT DISTINCT FROM r.protocol
        WHERE r.place = 1""",
        ),
        *_list_vulnerability_steps(),
    )


_DETAIL_COLUMNS = (
    "tls_versions", "weak_ciphers", "certificate_until", "self_signed", "smb_versions", "signing_required", "sign_in",
    "page_title",
)  # fmt: skip
"""Columns that only a deeper scan fills: the newest deep scan counts, even if a newer scan saw the port."""


def _list_vulnerability_steps() -> tuple[Step, ...]:
    """Build rz_vulnerabilities_found: one row for each CVE of a check.

    A scanner's feed may be older than the catalog, so a vulnerability is exploited where either one reports it.
    """
    loaded = "(SELECT count(*) FROM rz_catalog) > 0"
    exploited = (
        f"CASE WHEN f.known_exploited OR k.cve IS NOT NULL THEN true WHEN f.known_exploited = false OR "
        f"{loaded} THEN false END"
    )
    return (
        Step(
            name="list exploited vulnerabilities",
            reads=(),
            writes=("catalog",),
            sql="""SELECT upper(cve) AS cve, max(due_on) AS due_on, bool_or(ransomware) AS ransomware FROM
            known_exploited GROUP BY ALL""",
        ),
        Step(
            name="list vulnerabilities that scans report",
            reads=("device_nodes",),
            writes=("found",),
            sql=f"""SELECT n.id AS device, r.connector AS source, r.check_id, r.product, r.version, r.known_exploited,
            r.title, r.severity, r.solution,
            unnest(CASE WHEN len(r.cves) > 0 THEN list_distinct(list_transform(r.cves, x -> upper(x)))
                ELSE [NULL] END) AS cve
        FROM vulnerability_records r {_JOIN_DEVICE} WHERE r.solved IS NOT TRUE""",
        ),
        Step(
            name="describe vulnerabilities",
            reads=("catalog", "found"),
            writes=("vulnerabilities_found",),
            sql=f"""SELECT f.device, f.check_id, f.cve, max(f.title) AS title, arg_max(f.severity,
            {_SEVERITY_RANK_SQL}) AS severity,
            bool_or({exploited}) AS known_exploited, max(k.due_on) AS due_on, bool_or(k.ransomware) AS ransomware,
            f.product, f.version, max(f.solution) AS solution, f.source
        FROM rz_found f LEFT JOIN rz_catalog k USING (cve) GROUP BY f.device, f.source, f.check_id, f.cve,
            f.product, f.version""",
        ),
    )


_SEVERITY_RANK_SQL = "list_position(['info', 'low', 'medium', 'high', 'critical'], f.severity)"
