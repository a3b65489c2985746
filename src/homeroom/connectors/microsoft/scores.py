"""Microsoft's Secure Score into verdict records: how far each improvement action is done, on the newest day given.

Source of the fields: Microsoft Graph v1.0, resources secureScore and controlScore. Microsoft gives a percentage and a
sentence; whole is Pass, nothing Fail, anything between Partial, with the sentence as the details.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

from homeroom.ingest.connector import Reading
from homeroom.ingest.nested import objects_in, plain
from homeroom.ingest.records import Records, moment, text

SUITE = "securescore"
_TAG = re.compile(r"<[^>]{0,2000}>")


def scores(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """The actions of each tenant's newest score into `verdict_records`; older days are read over."""
    records = Records()
    newest: dict[str, tuple[str, int]] = {}
    for line, one in enumerate(found, start=first):
        tenant, day = plain(one.get("azureTenantId")) or "", plain(one.get("createdDateTime")) or ""
        newest[tenant] = max(newest.get(tenant, ("", 0)), (day, line))
    for line in sorted(line for _, line in newest.values()):
        _score(found[line - first], line=line, records=records)
    return records.reading("verdict_records")


def _score(found: Mapping[str, Any], *, line: int, records: Records) -> None:
    judged = moment(found.get("createdDateTime"))
    for control in objects_in(found.get("controlScores")) or ():
        policy = text(control.get("controlName"))
        if policy is None:
            reason = "an improvement action without a name"
            records.reject(line=line, field="controlScores.controlName", value=None, reason=reason, row_lost=True)
            continue
        records.put(
            "verdict_records",
            line=line,
            suite=SUITE,
            tenant=plain(found.get("azureTenantId")),
            product=text(control.get("controlCategory")),
            policy=policy,
            org_unit="",
            requirement=_words(control.get("description")),
            result=_result(control),
            details=_words(control.get("implementationStatus")),
            judged_at=judged,
        )


def _result(control: Mapping[str, Any]) -> str | None:
    written = plain(control.get("scoreInPercentage"))
    try:
        share = float(written or "")
    except ValueError:
        return None
    return "Pass" if share >= 100 else "Fail" if share <= 0 else "Partial"


def _words(value: object) -> str | None:
    """Plain text of what Microsoft writes with tags in it."""
    return text(unescape(_TAG.sub(" ", value))) if isinstance(value, str) else None
