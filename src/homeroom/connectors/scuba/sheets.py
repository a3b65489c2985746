"""The CSVs beside ScubaResults: all results, and the plan for those that did not pass.

Source of the headings: ScubaGear's and ScubaGoggles's ScubaResults.csv and ActionPlan.csv. Which tool wrote one shows in
its policies: MS. of Microsoft 365, GWS. of Google Workspace. They name no tenant and no day, so that the JSON is better.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest.connector import Reading
from homeroom.ingest.lines import Line, lines_of
from homeroom.ingest.plaintext import plain_text
from homeroom.ingest.records import moment
from homeroom.ingest.weaknesses import Findings, scope_of

SUITES = {"MS": "scubagear", "GWS": "scubagoggles"}
NOTHING = ("n/a", "none", "null", "system.object[]", ",")


def sheet(frame: pl.DataFrame) -> Reading:
    """Rows of either CSV into `verdict_records`, one a policy."""
    found, suites = Findings(), set()
    for row in lines_of(frame):
        policy = row.get("Control ID") or ""
        suite, product = SUITES.get(policy.partition(".")[0]), [*policy.split("."), ""][1]
        if suite is None or not product:
            reason = "not the id of a policy; MS.AAD.3.1v1 fits"
            found.lost(line=row.number, field="Control ID", value=policy, reason=reason)
            continue
        suites.add(suite)
        _verdict(row, policy=policy, suite=suite, product=product, found=found)
    return found.reading("verdict_records", scope=scope_of("suite", suites))


def _verdict(row: Line, *, policy: str, suite: str, product: str, found: Findings) -> None:
    promised = moment(row.get("ResolutionDate") or row.get("Remediation Completion Date"))
    found.records.put(
        "verdict_records",
        line=row.number,
        suite=suite,
        product=product if suite == "scubagear" else product.lower(),
        policy=policy,
        org_unit="",
        requirement=_said(row.get("Requirement")),
        criticality=_said(row.get("Criticality")),
        result=plain_text(row.get("Result") or "") or None,
        details=_said(row.get("Details")),
        original_result=plain_text(row.get("OriginalResult") or "") or None,
        comment=_said(row.get("Comments")) or _said(row.get("Justification")),
        resolve_on=promised.date() if promised else None,
    )


def _said(value: str | None) -> str | None:
    found = plain_text(value or "")
    return None if not found or found.lower() in NOTHING else found
