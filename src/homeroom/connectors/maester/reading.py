"""Maester's tests into verdict records.

Source of the names: Maester's test results (Tests[].Id, Title, Severity, Result, Block, ResultDetail). Many of its tests
of Active Directory pass as soon as the data could be read, so that Passed is its word and no more. What a test found
(ResultDetail.TestResult) lists people of the tenant: it is counted and left out, as is the account that ran the tests.

A verdict is known by the test's id, several of one id by their number; a test without an id by its title.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from homeroom.ingest.connector import Reading
from homeroom.ingest.plaintext import plain_text
from homeroom.ingest.records import inside, text
from homeroom.ingest.weaknesses import Findings, scope_of, when

SUITE = "maester"
NOT_CONNECTED = "(not connected"
LEFT = ("TestResult", "TestDescription")


def results(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Every test of a run. The scope is the tenant, so that a run over a directory does not stand for one over a cloud."""
    found, scope = Findings(), set()
    for line, run in enumerate(objects, start=first):
        tenant = _tenant(run)
        scope.add(tenant or "")
        tests = run.get("Tests")
        again: Counter[str] = Counter()
        for test in tests if isinstance(tests, list) else ():
            if isinstance(test, Mapping):
                _test(test, tenant=tenant, at=when(run.get("ExecutedAt")), line=line, again=again, found=found)
    return found.reading("verdict_records", scope=scope_of("tenants", scope))


def _tenant(run: Mapping[str, Any]) -> str | None:
    said = (text(run.get(name)) for name in ("TenantId", "TenantName"))
    return next((one for one in said if one and NOT_CONNECTED not in one), None)


def _test(
    test: Mapping[str, Any], *, tenant: str | None, at: datetime | None, line: int, again: Counter[str], found: Findings
) -> None:
    name = text(test.get("Title")) or text(test.get("Name"))
    policy, result = _id(test) or name, text(test.get("Result"))
    if policy is None or result is None:
        found.lost(line=line, field="Tests", reason="a test without an id and a name, or without a result")
        return
    for left in LEFT:
        found.records.left(f"ResultDetail.{left}", count=int(bool(inside(test, f"ResultDetail.{left}"))))
    again[policy] += 1
    found.records.put(
        "verdict_records",
        line=line,
        suite=SUITE,
        tenant=tenant,
        product=_said(test.get("Block")),
        policy=policy if again[policy] == 1 else f"{policy} ({again[policy]})",
        org_unit="",
        requirement=_said(name),
        criticality=_said(test.get("Severity")) or _said(inside(test, "ResultDetail.Severity")),
        result=_said(result),
        details=_said(inside(test, "ResultDetail.SkippedReason")),
        judged_at=at,
    )


def _id(test: Mapping[str, Any]) -> str | None:
    """The test's id, which older versions wrote only before the colon of its name."""
    head, colon, _ = (text(test.get("Name")) or "").partition(":")
    return text(test.get("Id")) or (head if colon and " " not in head else None)


def _said(value: object) -> str | None:
    return plain_text(value) or None if isinstance(value, str) else None
