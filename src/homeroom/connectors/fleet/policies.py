"""Fleet's policies into verdict records.

Source of the fields: Fleet's REST API documentation, "List policies" and "List team policies" (name, resolution, critical,
passing_host_count, failing_host_count, team_id). Fleet counts hosts and judges each: a policy fails where one host fails,
passes where some pass and none fails, and is unknown where none has answered. Who wrote a policy is left out.

A verdict is known by the policy's id; of a team's policy the team is its unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from homeroom.ingest.connector import Reading
from homeroom.ingest.nested import plain
from homeroom.ingest.plaintext import inert
from homeroom.ingest.records import Records, moment, text, whole

SUITE = "fleet"


def policies(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Policies, global or of teams, into `verdict_records`."""
    records = Records()
    for line, policy in enumerate(found, start=first):
        key = text(policy.get("id")) or text(policy.get("name"))
        passing, failing = (whole(policy.get(f"{word}_host_count")) for word in ("passing", "failing"))
        if key is None or passing is None or failing is None:
            reason = "a policy without an id or without counts of hosts"
            records.reject(line=line, field="failing_host_count", value=None, reason=reason, row_lost=True)
            continue
        team = text(policy.get("team_id"))
        fix = inert(policy.get("resolution"))
        counted = f"{failing:,} of {passing + failing:,} hosts fail"
        records.put(
            "verdict_records",
            line=line,
            suite=SUITE,
            product=inert(policy.get("platform")),
            policy=key,
            org_unit=f"/team {team}" if team else "",
            requirement=inert(policy.get("name")),
            criticality="critical" if plain(policy.get("critical")) == "true" else None,
            result="fail" if failing else ("pass" if passing else "unknown"),
            details=f"{counted}. {fix}" if fix else counted,
            judged_at=moment(policy.get("host_count_updated_at")),
        )
    return records.reading("verdict_records")
