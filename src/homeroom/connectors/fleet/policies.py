"""Fleet's policies into verdict records.

Source of the fields: Fleet's REST API documentation, "List policies" and "List team policies" (name, resolution,
critical, passing_host_count, failing_host_count, team_id). Fleet counts hosts and assesses each: a policy fails where
one host fails, passes where some pass and none fails, and is unknown where no host has reported. The author of a policy
is omitted.

A verdict is identified by the policy's id; for a team's policy the team is its unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import format_plain_value
from homeroom.ingest.rows.record_builder import RecordBuilder, clean_text, parse_timestamp, parse_whole_number
from homeroom.ingest.values.sanitize_text import sanitize_text

SUITE = "fleet"


def read_policies(policies: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read policies, global or of teams, into `verdict_records`."""
    records = RecordBuilder()
    for line, policy in enumerate(policies, start=first):
        key = clean_text(policy.get("id")) or clean_text(policy.get("name"))
        passing, failing = (
            parse_whole_number(policy.get(f"{outcome}_host_count")) for outcome in ("passing", "failing")
        )
        if key is None or passing is None or failing is None:
            reason = "a policy without an id or without counts of hosts"
            records.reject(line=line, field="failing_host_count", value=None, reason=reason, row_lost=True)
            continue
        team = clean_text(policy.get("team_id"))
        fix = sanitize_text(policy.get("resolution"))
        summary = f"{failing:,} of {passing + failing:,} hosts fail"
        records.put(
            "verdict_records",
            line=line,
            suite=SUITE,
            product=sanitize_text(policy.get("platform")),
            policy=key,
            org_unit=f"/team {team}" if team else "",
            requirement=sanitize_text(policy.get("name")),
            criticality="critical" if format_plain_value(policy.get("critical")) == "true" else None,
            result="fail" if failing else ("pass" if passing else "unknown"),
            details=f"{summary}. {fix}" if fix else summary,
            judged_at=parse_timestamp(policy.get("host_count_updated_at")),
        )
    return records.build_reading("verdict_records")
