"""One device, person or account: its resolved values, and its records from every source side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext

from homeroom.apps.know.inventory.list_definitions import LISTINGS
from homeroom.apps.know.inventory.masked_lists import list_named_devices
from homeroom.apps.know.inventory.queries import InventoryRow
from homeroom.apps.know.inventory.source_records import RecordComparison, SourceRecord, compare_records
from homeroom.apps.know.inventory.subjects import (
    InventorySubject,
    find_merge_target,
    find_subject,
    find_subject_row,
    list_belongings,
)
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.apps.protect.posture.published.subject_findings import list_subject_findings
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import SchoolScope
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.web.know.inventory.list_addresses import PLURAL, TITLE
from homeroom.web.know.inventory.list_rows import (
    build_lines,
    build_subject_url,
    convert_for_display,
    mask_rows,
    mask_values,
    select_default_columns,
)
from homeroom.web.know.inventory.record_cells import format_record_cell
from homeroom.web.know.inventory.record_links import list_subject_links
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.inventory_labels import format_field_value, get_field_label


@district_view(permission="inventory.read")
def show_subject(
    request: DistrictRequest, *, district: District, schools: SchoolScope, kind: str, public: str
) -> HttpResponse:
    """Show the page of one subject; a merged id redirects to its successor, and a student's page is logged."""
    subject_details = find_subject(district=district, public=public, schools=schools)
    if subject_details is None or subject_details.kind != kind:
        into = find_merge_target(district=district, public=public)
        is_seen = into is not None and find_subject(district=district, public=into, schools=schools) is not None
        if into is None or subject_details is not None or not is_seen:
            raise Http404
        return redirect(build_subject_url(kind, into))
    _log_student(request, subject_details)
    masked = not request.visit.may_read_private
    context = _build_subject_context(district, subject_details, schools, masked=masked)
    return render(request, "inventory/subject.html", context)


def _log_student(request: DistrictRequest, subject: InventorySubject) -> None:
    if _is_student(subject):
        visit = request.visit
        record_audit_entry(
            district=visit.district,
            at=visit.now,
            actor=visit.actor,
            action="opened-student",
            subject_kind=subject.kind,
            subject=subject.public,
        )


def _is_student(subject: InventorySubject) -> bool:
    return subject.values.get("kind") == "student" and subject.kind in ("person", "account")


def _build_subject_context(
    district: District, subject: InventorySubject, schools: SchoolScope, *, masked: bool
) -> dict[str, Any]:
    """Return what the page shows; with `masked`, what is masked in the list of the subject's kind is masked too."""
    listing, is_student = LISTINGS[subject.kind], _is_student(subject)
    if masked:
        is_named = subject.public in list_named_devices([subject.public], district=district)
        masked_values = mask_values(listing, subject.values, public=subject.public, is_named=is_named)
        subject = replace(subject, values=masked_values, is_holder_hidden=subject.is_holder_hidden or not is_named)
    values = subject.values
    names = ("name", "serial", "asset_tag") if subject.kind == "device" else ("name", "email")
    return {
        "subject": subject,
        "student": is_student,
        "title": next((values[name] for name in names if values.get(name)), subject.public),
        "list_title": TITLE[subject.kind],
        "list_url": reverse(PLURAL[subject.kind]),
        "summary": _summarize_subject(subject),
        "facts": [
            (column.label, _format_fact(column.name, values[column.name]))
            for column in listing.columns
            if column.name != "name"
        ],
        "left": not masked and (values.get("left") or values.get("holder_left")),
        "related": _list_related(district, subject, schools, masked=masked),
        "console_links": list_subject_links(district, subject, schools, masked=masked),
        "findings": list_subject_findings(district=district, subject_kind=subject.kind, subject=subject.id),
        **_load_records(district, subject, schools, masked=masked),
    }


def _format_fact(name: str, value: Any) -> Any:
    if name == "sources":
        return [product_word(source) for source in value.split()] or None
    return format_field_value(name, convert_for_display(name, value))


def _summarize_subject(subject: InventorySubject) -> str:
    """Summarize the subject in one line: its kind, its model, and where it belongs."""
    fields_by_kind = {
        "device": ("model", "status"),
        "person": ("kind", "title", "grade_band"),
        "account": ("directory", "role"),
    }
    labels = [format_field_value(name, subject.values.get(name)) for name in (*fields_by_kind[subject.kind], "school")]
    return " · ".join(str(label) for label in labels if label and label != gettext("masked"))


def _load_records(
    district: District, subject: InventorySubject, schools: SchoolScope, *, masked: bool
) -> dict[str, Any]:
    store = get_evidence_store(district=district)
    try:
        side = compare_records(store=store, derived=subject.derived, kind=subject.kind, subject=subject.id)
    except QueryTimeout:
        return {"slow": True}
    is_partial = masked or (subject.kind == "device" and schools.is_limited)
    return {
        "side": side,
        "headings": [_build_heading(record, masked=is_partial) for record in side.records],
        "lines": _build_record_lines(side, masked=is_partial, is_holder_masked=subject.is_holder_hidden),
        "roles": () if masked else side.roles,
        "deciding": [
            (account, build_subject_url("account", format_public_id("account", account.id)), masked)
            for account in side.deciding
            if find_subject_row(district=district, kind="account", subject=account.id, schools=schools) is not None
        ],
    }


def _build_heading(source_record: SourceRecord, *, masked: bool) -> dict[str, Any]:
    """Return the heading of a record; its rule quotes the value that joined it, such as an address, if not `masked`."""
    return {
        "rule": "" if masked and source_record.rule != "anchor" else source_record.rule,
        "record": source_record,
        "named": source_record.instance if source_record.instance != source_record.connector else "",
    }


def _build_record_lines(side: RecordComparison, *, masked: bool, is_holder_masked: bool) -> list[dict[str, Any]]:
    """Return one row per field, one cell per record; differing values are marked.

    With `masked`, columns about students show that they are masked: a device's records name people of any school.
    """
    return [
        {
            "name": line.column.name,
            "word": get_field_label(line.column.name),
            "meaning": line.column.meaning,
            "differs": line.differs,
            "cells": [
                format_record_cell(line.column, value, masked=masked, is_holder_masked=is_holder_masked)
                for value in line.values
            ],
        }
        for line in side.lines
    ]


def _list_related(
    district: District, subject: InventorySubject, schools: SchoolScope, *, masked: bool
) -> list[dict[str, Any]]:
    """Return what belongs to a person, or the person that a device or account belongs to."""
    if subject.kind == "person":
        rows_by_kind = list_belongings(district=district, person=subject.id, schools=schools)
        return [
            {
                "title": TITLE[kind],
                "lines": _build_masked_lines(district, kind, rows, masked=masked),
            }
            for kind, rows in rows_by_kind.items()
            if rows
        ]
    person = subject.values.get("holder" if subject.kind == "device" else "person")
    title = gettext("Held by") if subject.kind == "device" else gettext("Belongs to")
    lines = [] if person is None else _build_person_lines(district, person, schools, masked=masked)
    return [{"title": title, "lines": lines}] if lines else []


def _build_person_lines(district: District, person: int, schools: SchoolScope, *, masked: bool) -> list[dict[str, Any]]:
    row = find_subject_row(district=district, kind="person", subject=person, schools=schools)
    if row is None and schools.is_limited:
        return []
    if row is None:
        return [{"name": format_public_id("person", person), "url": "", "heads": [], "cells": ""}]
    return _build_masked_lines(district, "person", [row], masked=masked)


def _build_masked_lines(
    district: District, kind: str, rows: Sequence[InventoryRow], *, masked: bool
) -> list[dict[str, Any]]:
    listing = LISTINGS[kind]
    rows = mask_rows(listing, rows, district=district) if masked else rows
    return build_lines(listing, rows, select_default_columns(listing))


urlpatterns = [
    path(f"{plural}/<str:public>", show_subject, {"kind": kind}, name=kind) for kind, plural in PLURAL.items()
]
