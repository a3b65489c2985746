"""Verdicts of other tools by product and policy, and the same as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.apps.protect.posture.published.external_verdicts import ImportedVerdict, load_imported_verdicts
from homeroom.domain.platform.district import District
from homeroom.domain.spreadsheets import escape_formula, iterate_csv_lines
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import name_download
from homeroom.web.templatetags.homeroom import shown


@district_view(permission="posture.read", change="posture.accept")
def show_external_verdicts(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show every current verdict by tool, tenant and product, with counts per result; optionally only one result."""
    external = load_imported_verdicts(district=district)
    result_filter = request.GET.get("result", "")
    context = {
        "any": bool(external.verdicts),
        "more": external.more,
        "counts": _count_by_result(external.verdicts),
        "every": len(external.verdicts),
        "asked": result_filter,
        "parts": _group_verdicts([verdict for verdict in external.verdicts if result_filter in ("", verdict.result)]),
    }
    return render(request, "posture/imported.html", context)


@district_view(permission="posture.read")
def export_external_verdicts_csv(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Export every verdict with all that its tool reported."""
    external = load_imported_verdicts(district=district)
    visit = request.visit
    record_audit_entry(
        district=district,
        at=visit.now,
        actor=visit.actor,
        action="export verdicts",
        subject_kind="verdicts",
        detail={"rows": len(external.verdicts)},
    )
    lines = iterate_csv_lines(_iter_csv_rows(external.verdicts))
    response = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    return name_download(response, f"what-other-tools-say-{visit.today.isoformat()}.csv")


def _count_by_result(verdicts: Sequence[ImportedVerdict]) -> list[tuple[str, int]]:
    """Count the verdicts by the tools' result, largest count first."""
    counts = Counter(entry.result or "" for entry in verdicts)
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def _group_verdicts(verdicts: Sequence[ImportedVerdict]) -> list[dict[str, Any]]:
    """Group the verdicts by tool, tenant and product, in their order."""
    parts = []
    for (suite, tenant, product), group_verdicts in groupby(
        verdicts, key=lambda verdict: (verdict.suite, verdict.tenant, verdict.product)
    ):
        rows = list(group_verdicts)
        days = [verdict.judged_at for verdict in rows if verdict.judged_at]
        parts.append({
            "suite": suite,
            "tenant": tenant,
            "product": product,
            "rows": rows,
            "counts": _count_by_result(rows),
            "judged_at": max(days, default=None),
        })  # fmt: skip
    return parts


def _iter_csv_rows(verdicts: Sequence[ImportedVerdict]) -> Iterator[list[str]]:
    yield [
        gettext("Tool"),
        gettext("Tenant"),
        gettext("Product"),
        gettext("Policy"),
        gettext("Unit"),
        gettext("Requirement"),
        gettext("Criticality"),
        gettext("Result"),
        gettext("Details"),
        gettext("Result before it was annotated"),
        gettext("Comment"),
        gettext("To be resolved by"),
        gettext("Judged on"),
    ]
    for verdict in verdicts:
        cells: list[Any] = [
            product_word(verdict.suite),
            verdict.tenant,
            verdict.product,
            verdict.policy,
            verdict.org_unit,
            verdict.requirement,
        ]
        cells += [
            verdict.criticality,
            verdict.result,
            verdict.details,
            verdict.original_result,
            verdict.comment,
            verdict.resolve_on,
            verdict.judged_at,
        ]
        yield [escape_formula(str(shown(cell))) for cell in cells]


urlpatterns = [
    path("verdicts", show_external_verdicts, name="imported"),
    path("verdicts.csv", export_external_verdicts_csv, name="imported-csv"),
]
