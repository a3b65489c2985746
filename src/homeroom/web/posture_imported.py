"""What other tools say: their verdicts by product and policy, and the same as a file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.audit.commands import record
from homeroom.apps.posture.imported import Verdict, imported
from homeroom.apps.posture.words import product_word
from homeroom.domain.spreadsheets import harmless
from homeroom.web.access import district_view
from homeroom.web.templatetags.homeroom import shown


@district_view()
def page(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Every verdict that stands, by tool, tenant and product, with how many had which word; one word alone where asked."""
    found = imported(district=district)
    asked = request.GET.get("result", "")
    given = {
        "any": bool(found.verdicts),
        "more": found.more,
        "counts": _counts(found.verdicts),
        "every": len(found.verdicts),
        "asked": asked,
        "parts": _parts([one for one in found.verdicts if asked in ("", one.result)]),
    }
    return render(request, "posture/imported.html", given)


@district_view()
def as_csv(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Every verdict with all that its tool said."""
    found = imported(district=district)
    visit: Any = request.visit  # type: ignore[attr-defined]
    record(
        district=district,
        at=visit.now,
        actor=visit.actor,
        action="export verdicts",
        subject_kind="verdicts",
        detail={"rows": len(found.verdicts)},
    )
    answer = HttpResponse(_file(found.verdicts), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="what-other-tools-say-{visit.today.isoformat()}.csv"'
    return answer


def _counts(verdicts: Sequence[Verdict]) -> list[tuple[str, int]]:
    """How many had each word of the tools, most first."""
    counted = Counter(one.result or "" for one in verdicts)
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


def _parts(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """The verdicts of one tool about one product of one tenant at a time, in the order that they stand in."""
    parts = []
    for (suite, tenant, product), some in groupby(verdicts, key=lambda one: (one.suite, one.tenant, one.product)):
        rows = list(some)
        days = [one.judged_at for one in rows if one.judged_at]
        parts.append({
            "suite": suite,
            "tenant": tenant,
            "product": product,
            "rows": rows,
            "counts": _counts(rows),
            "judged_at": max(days, default=None),
        })  # fmt: skip
    return parts


def _file(verdicts: Sequence[Verdict]) -> str:
    text = io.StringIO()
    writer: Any = csv.writer(text)
    writer.writerow([
        gettext("Tool"), gettext("Tenant"), gettext("Product"), gettext("Policy"), gettext("Unit"), gettext("Requirement"),
        gettext("Criticality"), gettext("Result"), gettext("Details"), gettext("Result before it was annotated"),
        gettext("Comment"), gettext("To be resolved by"), gettext("Judged on"),
    ])  # fmt: skip
    for one in verdicts:
        cells: list[Any] = [product_word(one.suite), one.tenant, one.product, one.policy, one.org_unit, one.requirement]
        cells += [
            one.criticality,
            one.result,
            one.details,
            one.original_result,
            one.comment,
            one.resolve_on,
            one.judged_at,
        ]
        writer.writerow([harmless(str(shown(cell))) for cell in cells])
    return text.getvalue()


urlpatterns = [
    path("verdicts", page, name="imported"),
    path("verdicts.csv", as_csv, name="imported-csv"),
]
