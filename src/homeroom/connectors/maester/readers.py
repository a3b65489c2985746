"""Maester's tests into verdict records.

Source of the names: Maester's test results (Tests[].Id, Title, Severity, Result, Block, ResultDetail). Many of its
tests of Active Directory pass as soon as the data could be read, so that Passed is its word and no more. A test's
output (ResultDetail.TestResult) lists people of the tenant: it is counted and dropped, as is the account that ran the
tests.

A verdict is identified by the test's id, several of one id by their number; a test without an id by its title.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import clean_text, get_by_path
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, build_scope, parse_scan_time
from homeroom.ingest.values.sanitize_text import extract_plain_text

SUITE = "maester"
NOT_CONNECTED = "(not connected"
DROPPED_FIELDS = ("TestResult", "TestDescription")


def read_results(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read every test of a run.

    The scope is the tenant, so that a run over a directory does not replace one over a cloud tenant.
    """
    findings, scope = ScanReportBuilder(), set()
    for line, run in enumerate(objects, start=first):
        tenant = _find_tenant(run)
        scope.add(tenant or "")
        tests = run.get("Tests")
        counts: Counter[str] = Counter()
        for test in tests if isinstance(tests, list) else ():
            if isinstance(test, Mapping):
                _add_verdict(
                    test,
                    tenant=tenant,
                    at=parse_scan_time(run.get("ExecutedAt")),
                    line=line,
                    counts=counts,
                    findings=findings,
                )
    return findings.build_reading("verdict_records", scope=build_scope("tenants", scope))


def _find_tenant(run: Mapping[str, Any]) -> str | None:
    candidates = (clean_text(run.get(name)) for name in ("TenantId", "TenantName"))
    return next((tenant for tenant in candidates if tenant and NOT_CONNECTED not in tenant), None)


def _add_verdict(
    test: Mapping[str, Any],
    *,
    tenant: str | None,
    at: datetime | None,
    line: int,
    counts: Counter[str],
    findings: ScanReportBuilder,
) -> None:
    name = clean_text(test.get("Title")) or clean_text(test.get("Name"))
    policy, result = _get_test_id(test) or name, clean_text(test.get("Result"))
    if policy is None or result is None:
        findings.reject_row(line=line, field="Tests", reason="a test without an id and a name, or without a result")
        return
    for field_name in DROPPED_FIELDS:
        findings.records.count_dropped(
            f"ResultDetail.{field_name}", count=int(bool(get_by_path(test, f"ResultDetail.{field_name}")))
        )
    counts[policy] += 1
    findings.records.put(
        "verdict_records",
        line=line,
        suite=SUITE,
        tenant=tenant,
        product=_clean_text(test.get("Block")),
        policy=policy if counts[policy] == 1 else f"{policy} ({counts[policy]})",
        org_unit="",
        requirement=_clean_text(name),
        criticality=_clean_text(test.get("Severity")) or _clean_text(get_by_path(test, "ResultDetail.Severity")),
        result=_clean_text(result),
        details=_clean_text(get_by_path(test, "ResultDetail.SkippedReason")),
        judged_at=at,
    )


def _get_test_id(test: Mapping[str, Any]) -> str | None:
    """Return the test's id, which older versions wrote only before the colon of its name."""
    head, colon, _ = (clean_text(test.get("Name")) or "").partition(":")
    return clean_text(test.get("Id")) or (head if colon and " " not in head else None)


def _clean_text(value: object) -> str | None:
    return extract_plain_text(value) or None if isinstance(value, str) else None
