"""ScubaResults into verdict records.

Source of the names: the tools' own page on the form of their output (docs/misc/tooloutputschema.md of ScubaGear and of
ScubaGoggles) and reports of ScubaGear 1.8 and ScubaGoggles 1.0. The tools spell some names differently from version to
version, so that only those are read which all have; the verdict itself already holds what was omitted or annotated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from homeroom.connectors.scuba.sheets import sheet as sheet
from homeroom.ingest.connector import Reading
from homeroom.ingest.plaintext import plain_text
from homeroom.ingest.problems import refused
from homeroom.ingest.records import Records, inside, moment, text

SUITES = {"scubagear": "scubagear", "scubagoggles": "scubagoggles"}
NOTHING = ("n/a", "none", "null", "system.object[]")
UNREAD = ("Raw",)
"""Left by the door already; looked for here too, so that it is kept by no way in."""


def results(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Every control of every product into `verdict_records`. Raises Refused where a result does not say which tool made it."""
    records = Records()
    for line, found in enumerate(objects, start=first):
        _report(found, line=line, records=records)
    return records.reading("verdict_records")


def _report(found: Mapping[str, Any], *, line: int, records: Records) -> None:
    tool = text(inside(found, "MetaData.Tool")) or ""
    if tool.lower() not in SUITES:
        raise refused("", "says no known tool", field="MetaData.Tool", line=line, fits="ScubaGear or ScubaGoggles")
    common = {
        "suite": SUITES[tool.lower()],
        "tenant": (text(inside(found, "MetaData.DomainName")) or "").lower() or None,
        "org_unit": text(inside(found, "MetaData.OrgUnitName")) or "",
        "judged_at": _judged(found, line=line, records=records),
    }
    for name in UNREAD:
        records.left(name, count=int(name in found))
    notes = found.get("AnnotatedFailedPolicies")
    for product, control in _controls(found, line=line, records=records):
        policy = text(control.get("Control ID"))
        if policy is None:
            reason = "a control without an id"
            records.reject(line=line, field="Control ID", value=None, reason=reason, row_lost=True)
            continue
        noted = notes.get(policy) if isinstance(notes, Mapping) else None
        _verdict(control, policy=policy, product=product, noted=noted, common=common, line=line, records=records)


def _verdict(
    control: Mapping[str, Any],
    *,
    policy: str,
    product: str,
    noted: Any,
    common: Mapping[str, Any],
    line: int,
    records: Records,
) -> None:
    promised = _said(control.get("ResolutionDate")) or _said(inside(noted, "RemediationDate"))
    records.put(
        "verdict_records",
        line=line,
        **common,
        product=product,
        policy=policy,
        requirement=_said(control.get("Requirement")),
        criticality=_said(control.get("Criticality")),
        result=_word(control.get("Result")),
        details=_said(control.get("Details")),
        original_result=_word(control.get("OriginalResult")),
        comment=_comment(control.get("Comments")) or _comment(inside(noted, "Comment")),
        resolve_on=_day(promised, policy=policy, line=line, records=records),
    )


def _controls(found: Mapping[str, Any], *, line: int, records: Records) -> Iterator[tuple[str, Mapping[str, Any]]]:
    by_product = found.get("Results")
    for product, groups in by_product.items() if isinstance(by_product, Mapping) else ():
        for group in groups if isinstance(groups, list) else [groups]:
            controls = inside(group, "Controls")
            if not isinstance(controls, list):
                reason = "a group without a list of controls"
                records.reject(line=line, field=f"Results.{product}", value=None, reason=reason, row_lost=True)
                continue
            yield from ((str(product), control) for control in controls if isinstance(control, Mapping))


def _judged(found: Mapping[str, Any], *, line: int, records: Records) -> datetime | None:
    written = text(inside(found, "MetaData.TimestampZulu"))
    at = moment(written)
    if written and at is None:
        reason = "not a time; 2026-05-01T13:00:00Z fits"
        records.reject(line=line, field="MetaData.TimestampZulu", value=written, reason=reason, row_lost=False)
    return at


def _day(written: str | None, *, policy: str, line: int, records: Records) -> date | None:
    """The day that somebody wrote into the configuration by hand: 2026-05-01, or with a time after it."""
    if written is None:
        return None
    at = moment(written)
    if at is None:
        reason = "not a date; 2026-05-01 fits"
        records.reject(line=line, field=f"{policy} ResolutionDate", value=written, reason=reason, row_lost=False)
        return None
    return at.date()


def _comment(value: object) -> str | None:
    """What people noted; several notes with a semicolon between."""
    notes = value if isinstance(value, list) else [value]
    return "; ".join(said for note in notes if (said := _said(note))) or None


def _word(value: object) -> str | None:
    """A verdict: N/A is one too."""
    return plain_text(value) or None if isinstance(value, str) else None


def _said(value: object) -> str | None:
    found = _word(value)
    return None if found is None or found.lower() in NOTHING else found
