"""Results of ssh-audit's policy audits (-P with -j) into device, service and verdict records.

Source of the names: ssh-audit's JSON of policy audits, 2.3 and later (host, port, policy, passed, errors, warnings). An
error is an object with the field that differs, what the policy expects and what the server has, or a sentence.

A verdict is identified by the policy's name and by the server, which is stored in `org_unit`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import clean_text
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, build_scope, parse_port
from homeroom.ingest.values.ip_addresses import parse_ip
from homeroom.ingest.values.sanitize_text import sanitize_text

SUITE = "ssh-audit"
DEFAULT_PORT = "22"
RESULTS = {"true": "Pass", "false": "Fail"}


def read_policy_audits(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read the audit of each server; one without a host, or with neither of the verdicts, is rejected."""
    findings, scope = ScanReportBuilder(), set()
    for line, audit in enumerate(objects, start=first):
        host, policy = clean_text(audit.get("host")), clean_text(audit.get("policy"))
        port = parse_port(audit.get("port") or DEFAULT_PORT)
        result = RESULTS.get(str(audit.get("passed")).lower())
        if host is None or policy is None or port is None or result is None:
            values = {"host": host, "policy": policy, "port": port, "passed": result}
            field = next(name for name, value in values.items() if value is None)
            findings.reject_row(line=line, field=field, reason="missing or unreadable, so the audit says nothing")
            continue
        server = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        scope.add(server)
        findings.add_host(line=line, key=host, name=None if parse_ip(host) else host, addresses=[host])
        findings.add_service(line=line, device=host, ip_address=host, protocol="tcp", port=port, service="ssh")
        findings.records.put(
            "verdict_records",
            line=line,
            suite=SUITE,
            product="SSH",
            policy=sanitize_text(policy),
            org_unit=server,
            requirement=sanitize_text(policy),
            result=result,
            details=sanitize_text(
                "; ".join((*_iter_sentences(audit.get("errors")), *_iter_sentences(audit.get("warnings"))))
            ),
        )
    return findings.build_reading(
        "device_records", "service_records", "verdict_records", scope=build_scope("hosts", scope)
    )


def _iter_sentences(errors: object) -> Iterator[str]:
    """Yield what differs from the policy, a sentence for each error."""
    for error in errors if isinstance(errors, list) else ():
        if not isinstance(error, Mapping):
            if text := clean_text(error):
                yield text
            continue
        expected = _join_values(error.get("expected_required")) or _join_values(error.get("expected_optional"))
        actual = _join_values(error.get("actual"))
        yield f"{clean_text(error.get('mismatched_field')) or 'A field'}: expected {expected}, but has {actual}"


def _join_values(values: object) -> str:
    return ", ".join(
        text for value in (values if isinstance(values, list) else [values]) if (text := clean_text(value))
    )
