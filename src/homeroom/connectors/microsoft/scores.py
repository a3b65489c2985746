"""Microsoft's Secure Score into verdict records: how far each improvement action is done, on the newest day.

Source of the fields: Microsoft Graph v1.0, resources secureScore and controlScore. Microsoft gives a percentage and a
sentence; 100 percent is Pass, 0 is Fail, anything between Partial, with the sentence as the details.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import format_plain_value, list_objects
from homeroom.ingest.rows.record_builder import RecordBuilder, clean_text, parse_timestamp

SUITE = "securescore"
_TAG = re.compile(r"<[^>]{0,2000}>")


def read_scores(scores: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read the actions of each tenant's newest score into `verdict_records`; older days are skipped."""
    records = RecordBuilder()
    newest: dict[str, tuple[str, int]] = {}
    for line, score in enumerate(scores, start=first):
        tenant, day = (
            format_plain_value(score.get("azureTenantId")) or "",
            format_plain_value(score.get("createdDateTime")) or "",
        )
        newest[tenant] = max(newest.get(tenant, ("", 0)), (day, line))
    for line in sorted(line for _, line in newest.values()):
        _add_score(scores[line - first], line=line, records=records)
    return records.build_reading("verdict_records")


def _add_score(score: Mapping[str, Any], *, line: int, records: RecordBuilder) -> None:
    assessed_at = parse_timestamp(score.get("createdDateTime"))
    for control in list_objects(score.get("controlScores")) or ():
        policy = clean_text(control.get("controlName"))
        if policy is None:
            reason = "an improvement action without a name"
            records.reject(line=line, field="controlScores.controlName", value=None, reason=reason, row_lost=True)
            continue
        records.put(
            "verdict_records",
            line=line,
            suite=SUITE,
            tenant=format_plain_value(score.get("azureTenantId")),
            product=clean_text(control.get("controlCategory")),
            policy=policy,
            org_unit="",
            requirement=_strip_tags(control.get("description")),
            result=_derive_result(control),
            details=_strip_tags(control.get("implementationStatus")),
            judged_at=assessed_at,
        )


def _derive_result(control: Mapping[str, Any]) -> str | None:
    percentage = format_plain_value(control.get("scoreInPercentage"))
    try:
        share = float(percentage or "")
    except ValueError:
        return None
    return "Pass" if share >= 100 else "Fail" if share <= 0 else "Partial"


def _strip_tags(value: object) -> str | None:
    """Strip the tags from Microsoft's text; None if it is not text."""
    return clean_text(unescape(_TAG.sub(" ", value))) if isinstance(value, str) else None
