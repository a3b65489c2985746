"""Prowler's results into verdict records.

Source of the names: Prowler's CSV (42 columns in capitals, other ones in version 3), its OCSF detection findings
(metadata.event_code, finding_info, resources, cloud.account) and the JSON of version 3 (CheckID, ResourceArn). A cloud
resource is no device: a verdict is identified by the check and by its subject, account and resource, which are stored
in `org_unit`. Several results of one check for one resource are numbered. A muted result carries its word, as
`FAIL (muted)`. The account's name, address and tags are dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.rows.record_builder import clean_text, get_by_path
from homeroom.ingest.rows.row_iterator import iter_rows
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, build_scope, parse_scan_time
from homeroom.ingest.values.sanitize_text import sanitize_text

SUITE = "prowler"

OCSF = "1"
"""The version of the Open Cybersecurity Schema Framework whose findings are read."""


class _VerdictCollector:
    """Verdicts of one file, numbered where a check reports one resource twice."""

    def __init__(self) -> None:
        self.findings = ScanReportBuilder()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._accounts: set[str] = set()

    def put(
        self,
        *,
        line: int,
        provider: str | None,
        account: str | None,
        policy: str | None,
        resource: str | None,
        result: str | None,
        muted: bool,
        title: object,
        severity: object,
        details: object,
        at: datetime | None,
    ) -> None:
        if policy is None or result is None:
            field = "CHECK_ID" if policy is None else "STATUS"
            self.findings.reject_row(line=line, field=field, reason="missing, so the row says nothing")
            return
        self._accounts.add(" ".join(part for part in (provider, account) if part))
        resource_id = resource or ""
        unit = (
            resource_id
            if account is None or account in resource_id
            else "/".join(part for part in (account, resource_id) if part)
        )
        self._counts[policy, unit] += 1
        count = self._counts[policy, unit]
        self.findings.records.put(
            "verdict_records",
            line=line,
            suite=SUITE,
            tenant=account,
            product=provider,
            policy=policy,
            org_unit=sanitize_text(unit if count == 1 else f"{unit} ({count})") or "",
            requirement=sanitize_text(title),
            criticality=sanitize_text(severity),
            result=f"{result} (muted)" if muted else result,
            details=sanitize_text(details),
            judged_at=at,
        )

    def build_reading(self) -> Reading:
        """Build the reading; the scope is the assessed accounts."""
        return self.findings.build_reading("verdict_records", scope=build_scope("accounts", self._accounts))


def read_sheet(frame: pl.DataFrame) -> Reading:
    """Read rows of the CSV."""
    verdicts = _VerdictCollector()
    for row in iter_rows(frame):
        verdicts.put(
            line=row.number,
            provider=row.get("PROVIDER"),
            account=row.get("ACCOUNT_UID", "ACCOUNT_ID", "SUBSCRIPTION", "PROJECT_ID", "TENANT_DOMAIN"),
            policy=row.get("CHECK_ID"),
            resource=row.get("RESOURCE_UID", "RESOURCE_ARN", "RESOURCE_ID", "RESOURCE_NAME", "REGION", "LOCATION"),
            result=sanitize_text(row.get("STATUS")),
            muted=(row.get("MUTED") or "").lower() == "true",
            title=row.get("CHECK_TITLE"),
            severity=row.get("SEVERITY"),
            details=row.get("STATUS_EXTENDED"),
            at=parse_scan_time(row.get("TIMESTAMP", "ASSESSMENT_START_TIME")),
        )
    return verdicts.build_reading()


def read_own_findings(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read findings of Prowler 3's own JSON, of any provider; each names account and resource in its own words."""
    verdicts = _VerdictCollector()
    for line, finding in enumerate(objects, start=first):
        verdicts.put(
            line=line,
            provider=clean_text(finding.get("Provider")),
            account=_find_text(finding, "AccountId", "Subscription", "ProjectId", "Tenant_Domain"),
            policy=clean_text(finding.get("CheckID")),
            resource=_find_text(finding, "ResourceArn", "ResourceId", "ResourceName", "Region", "Location"),
            result=sanitize_text(finding.get("Status")),
            muted=False,
            title=finding.get("CheckTitle"),
            severity=finding.get("Severity"),
            details=finding.get("StatusExtended"),
            at=parse_scan_time(finding.get("AssessmentStartTime")),
        )
    return verdicts.build_reading()


def _find_text(finding: Mapping[str, Any], *names: str) -> str | None:
    return next((text for name in names if (text := clean_text(finding.get(name)))), None)


def read_findings(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read OCSF detection findings; one without the check's code is identified by the finding's own id.

    Raise FileRefused where a finding states another OCSF version than 1.
    """
    verdicts = _VerdictCollector()
    for line, finding in enumerate(objects, start=first):
        version = clean_text(get_by_path(finding, "metadata.version")) or OCSF
        if version.partition(".")[0] != OCSF:
            reason = "a version whose files nobody here can read"
            raise build_refusal(
                "", reason, line=line, field="metadata.version", value=version[:20], fits="OCSF, version 1"
            )
        resources = finding.get("resources")
        first_resource = resources[0] if isinstance(resources, list) and resources else {}
        resource_names = (
            get_by_path(first_resource, "uid"),
            get_by_path(first_resource, "name"),
            get_by_path(finding, "cloud.region"),
        )
        policy = (get_by_path(finding, "metadata.event_code"), get_by_path(finding, "finding_info.uid"))
        verdicts.put(
            line=line,
            provider=clean_text(get_by_path(finding, "cloud.provider")),
            account=clean_text(get_by_path(finding, "cloud.account.uid")),
            policy=next((value for name in policy if (value := clean_text(name))), None),
            resource=next((value for name in resource_names if (value := clean_text(name))), None),
            result=sanitize_text(finding.get("status_code")),
            muted=(clean_text(finding.get("status")) or "").lower() == "suppressed",
            title=get_by_path(finding, "finding_info.title") or finding.get("message"),
            severity=finding.get("severity"),
            details=finding.get("status_detail"),
            at=parse_scan_time(finding.get("time_dt")) or parse_scan_time(finding.get("time")),
        )
    return verdicts.build_reading()
