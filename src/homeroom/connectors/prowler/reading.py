"""Prowler's results into verdict records.

Source of the names: Prowler's CSV (42 columns in capitals) and its OCSF detection findings (metadata.event_code,
finding_info, resources, cloud.account). A cloud resource is no device: a verdict is known by the check and by what it was
made of, account and resource, which stand in `org_unit`. Several results of one check for one resource are numbered. What
is muted keeps its word, as `FAIL (muted)`. The account's name, address and tags are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from homeroom.ingest.connector import Reading
from homeroom.ingest.lines import lines_of
from homeroom.ingest.plaintext import inert
from homeroom.ingest.problems import refused
from homeroom.ingest.records import inside, text
from homeroom.ingest.weaknesses import Findings, scope_of, when

SUITE = "prowler"

OCSF = "1"
"""The version of the Open Cybersecurity Schema Framework whose findings are read."""


class _Verdicts:
    """Verdicts of one file, told apart where a check speaks of one resource twice."""

    def __init__(self) -> None:
        self.found = Findings()
        self._again: Counter[tuple[str, str]] = Counter()
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
            self.found.lost(line=line, field=field, reason="missing, so the row says nothing")
            return
        self._accounts.add(" ".join(part for part in (provider, account) if part))
        held = resource or ""
        unit = held if account is None or account in held else "/".join(part for part in (account, held) if part)
        self._again[policy, unit] += 1
        times = self._again[policy, unit]
        self.found.records.put(
            "verdict_records",
            line=line,
            suite=SUITE,
            tenant=account,
            product=provider,
            policy=policy,
            org_unit=inert(unit if times == 1 else f"{unit} ({times})") or "",
            requirement=inert(title),
            criticality=inert(severity),
            result=f"{result} (muted)" if muted else result,
            details=inert(details),
            judged_at=at,
        )

    def reading(self) -> Reading:
        """The scope is the accounts that were looked at."""
        return self.found.reading("verdict_records", scope=scope_of("accounts", self._accounts))


def sheet(frame: pl.DataFrame) -> Reading:
    """Rows of the CSV."""
    verdicts = _Verdicts()
    for row in lines_of(frame):
        verdicts.put(
            line=row.number,
            provider=row.get("PROVIDER"),
            account=row.get("ACCOUNT_UID"),
            policy=row.get("CHECK_ID"),
            resource=row.get("RESOURCE_UID", "RESOURCE_NAME", "REGION"),
            result=inert(row.get("STATUS")),
            muted=(row.get("MUTED") or "").lower() == "true",
            title=row.get("CHECK_TITLE"),
            severity=row.get("SEVERITY"),
            details=row.get("STATUS_EXTENDED"),
            at=when(row.get("TIMESTAMP")),
        )
    return verdicts.reading()


def findings(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """OCSF detection findings. One without the check's code is known by the finding's own id.

    Raises Refused where one says that it is of another version than 1 of OCSF.
    """
    verdicts = _Verdicts()
    for line, one in enumerate(objects, start=first):
        version = text(inside(one, "metadata.version")) or OCSF
        if version.partition(".")[0] != OCSF:
            reason = "a version whose files nobody here can read"
            raise refused("", reason, line=line, field="metadata.version", value=version[:20], fits="OCSF, version 1")
        resources = one.get("resources")
        about = resources[0] if isinstance(resources, list) and resources else {}
        named = (inside(about, "uid"), inside(about, "name"), inside(one, "cloud.region"))
        policy = (inside(one, "metadata.event_code"), inside(one, "finding_info.uid"))
        verdicts.put(
            line=line,
            provider=text(inside(one, "cloud.provider")),
            account=text(inside(one, "cloud.account.uid")),
            policy=next((said for name in policy if (said := text(name))), None),
            resource=next((said for name in named if (said := text(name))), None),
            result=inert(one.get("status_code")),
            muted=(text(one.get("status")) or "").lower() == "suppressed",
            title=inside(one, "finding_info.title") or one.get("message"),
            severity=one.get("severity"),
            details=one.get("status_detail"),
            at=when(one.get("time_dt")) or when(one.get("time")),
        )
    return verdicts.reading()
