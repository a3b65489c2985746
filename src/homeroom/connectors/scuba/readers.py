"""ScubaResults into verdict records.

Source of the names: the tools' own page on the form of their output (docs/misc/tooloutputschema.md of ScubaGear and of
ScubaGoggles) and reports of ScubaGear 1.8 and ScubaGoggles 1.0. The tools spell some names differently from version to
version, so that only those in all versions are read; the verdict itself already reflects omissions and annotations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from homeroom.connectors.scuba.sheets import read_sheet as read_sheet
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.rows.record_builder import RecordBuilder, clean_text, get_by_path, parse_timestamp
from homeroom.ingest.values.sanitize_text import extract_plain_text

SUITES = {"scubagear": "scubagear", "scubagoggles": "scubagoggles"}
NOTHING = ("n/a", "none", "null", "system.object[]")
DROPPED_FIELDS = ("Raw",)
"""Fields that ingest drops already; dropped here too, so that no way in stores them."""


def read_results(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read every control of every product into `verdict_records`.

    Raise FileRefused where a result does not name the tool that made it.
    """
    records = RecordBuilder()
    for line, result in enumerate(objects, start=first):
        _add_report(result, line=line, records=records)
    return records.build_reading("verdict_records")


def _add_report(result: Mapping[str, Any], *, line: int, records: RecordBuilder) -> None:
    tool = clean_text(get_by_path(result, "MetaData.Tool")) or ""
    if tool.lower() not in SUITES:
        raise build_refusal(
            "", "says no known tool", field="MetaData.Tool", line=line, fits="ScubaGear or ScubaGoggles"
        )
    common = {
        "suite": SUITES[tool.lower()],
        "tenant": (clean_text(get_by_path(result, "MetaData.DomainName")) or "").lower() or None,
        "org_unit": clean_text(get_by_path(result, "MetaData.OrgUnitName")) or "",
        "judged_at": _parse_assessed_at(result, line=line, records=records),
    }
    for name in DROPPED_FIELDS:
        records.count_dropped(name, count=int(name in result))
    notes = result.get("AnnotatedFailedPolicies")
    for product, control in _iter_controls(result, line=line, records=records):
        policy = clean_text(control.get("Control ID"))
        if policy is None:
            reason = "a control without an id"
            records.reject(line=line, field="Control ID", value=None, reason=reason, row_lost=True)
            continue
        annotation = notes.get(policy) if isinstance(notes, Mapping) else None
        _add_verdict(
            control, policy=policy, product=product, annotation=annotation, common=common, line=line, records=records
        )


def _add_verdict(
    control: Mapping[str, Any],
    *,
    policy: str,
    product: str,
    annotation: Any,
    common: Mapping[str, Any],
    line: int,
    records: RecordBuilder,
) -> None:
    raw_resolution_date = _clean_text(control.get("ResolutionDate")) or _clean_text(
        get_by_path(annotation, "RemediationDate")
    )
    records.put(
        "verdict_records",
        line=line,
        **common,
        product=product,
        policy=policy,
        requirement=_clean_text(control.get("Requirement")),
        criticality=_clean_text(control.get("Criticality")),
        result=_clean_verdict(control.get("Result")),
        details=_clean_text(control.get("Details")),
        original_result=_clean_verdict(control.get("OriginalResult")),
        comment=_join_comments(control.get("Comments")) or _join_comments(get_by_path(annotation, "Comment")),
        resolve_on=_parse_day(raw_resolution_date, policy=policy, line=line, records=records),
    )


def _iter_controls(
    result: Mapping[str, Any], *, line: int, records: RecordBuilder
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    by_product = result.get("Results")
    for product, groups in by_product.items() if isinstance(by_product, Mapping) else ():
        for group in groups if isinstance(groups, list) else [groups]:
            controls = get_by_path(group, "Controls")
            if not isinstance(controls, list):
                reason = "a group without a list of controls"
                records.reject(line=line, field=f"Results.{product}", value=None, reason=reason, row_lost=True)
                continue
            yield from ((str(product), control) for control in controls if isinstance(control, Mapping))


def _parse_assessed_at(result: Mapping[str, Any], *, line: int, records: RecordBuilder) -> datetime | None:
    raw_time = clean_text(get_by_path(result, "MetaData.TimestampZulu"))
    at = parse_timestamp(raw_time)
    if raw_time and at is None:
        reason = "not a time; 2026-05-01T13:00:00Z fits"
        records.reject(line=line, field="MetaData.TimestampZulu", value=raw_time, reason=reason, row_lost=False)
    return at


def _parse_day(raw_day: str | None, *, policy: str, line: int, records: RecordBuilder) -> date | None:
    """Parse the day that somebody wrote into the configuration by hand: 2026-05-01, or with a time after it."""
    if raw_day is None:
        return None
    at = parse_timestamp(raw_day)
    if at is None:
        reason = "not a date; 2026-05-01 fits"
        records.reject(line=line, field=f"{policy} ResolutionDate", value=raw_day, reason=reason, row_lost=False)
        return None
    return at.date()


def _join_comments(value: object) -> str | None:
    """Join people's notes with semicolons; None if there are none."""
    notes = value if isinstance(value, list) else [value]
    return "; ".join(comment for note in notes if (comment := _clean_text(note))) or None


def _clean_verdict(value: object) -> str | None:
    """Clean a verdict; N/A is a verdict too."""
    return extract_plain_text(value) or None if isinstance(value, str) else None


def _clean_text(value: object) -> str | None:
    cleaned = _clean_verdict(value)
    return None if cleaned is None or cleaned.lower() in NOTHING else cleaned
