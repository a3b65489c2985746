"""The CSVs beside ScubaResults: all results, and the plan for those that did not pass.

Source of the headings: ScubaGear's and ScubaGoggles's ScubaResults.csv and ActionPlan.csv. The ids of its policies show
which tool wrote a file: MS. of Microsoft 365, GWS. of Google Workspace. They name no tenant and no day, so that the
JSON is better.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import parse_timestamp
from homeroom.ingest.rows.row_iterator import TextRow, iter_rows
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, build_scope
from homeroom.ingest.values.sanitize_text import extract_plain_text

SUITES = {"MS": "scubagear", "GWS": "scubagoggles"}
NOTHING = ("n/a", "none", "null", "system.object[]", ",")


def read_sheet(frame: pl.DataFrame) -> Reading:
    """Read rows of either CSV into `verdict_records`, one per policy."""
    findings, suites = ScanReportBuilder(), set()
    for row in iter_rows(frame):
        policy = row.get("Control ID") or ""
        suite, product = SUITES.get(policy.partition(".")[0]), [*policy.split("."), ""][1]
        if suite is None or not product:
            reason = "not the id of a policy; MS.AAD.3.1v1 fits"
            findings.reject_row(line=row.number, field="Control ID", value=policy, reason=reason)
            continue
        suites.add(suite)
        _add_verdict(row, policy=policy, suite=suite, product=product, findings=findings)
    return findings.build_reading("verdict_records", scope=build_scope("suite", suites))


def _add_verdict(row: TextRow, *, policy: str, suite: str, product: str, findings: ScanReportBuilder) -> None:
    resolution_date = parse_timestamp(row.get("ResolutionDate") or row.get("Remediation Completion Date"))
    findings.records.put(
        "verdict_records",
        line=row.number,
        suite=suite,
        product=product if suite == "scubagear" else product.lower(),
        policy=policy,
        org_unit="",
        requirement=_clean_text(row.get("Requirement")),
        criticality=_clean_text(row.get("Criticality")),
        result=extract_plain_text(row.get("Result") or "") or None,
        details=_clean_text(row.get("Details")),
        original_result=extract_plain_text(row.get("OriginalResult") or "") or None,
        comment=_clean_text(row.get("Comments")) or _clean_text(row.get("Justification")),
        resolve_on=resolution_date.date() if resolution_date else None,
    )


def _clean_text(value: str | None) -> str | None:
    cleaned = extract_plain_text(value or "")
    return None if not cleaned or cleaned.lower() in NOTHING else cleaned
