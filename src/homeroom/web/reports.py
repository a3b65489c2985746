"""Reports: which there are, each as a page, and each to take away."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.posture.queries import judgement
from homeroom.apps.reports.asking import NothingJudged
from homeroom.apps.reports.commands import handed, looked_at
from homeroom.apps.reports.pages import body
from homeroom.apps.reports.queries import report as report_of
from homeroom.apps.reports.queries import report_kinds
from homeroom.apps.reports.report import Report
from homeroom.evidence.asking import TooSlow
from homeroom.web.access import CHANGERS, district_view
from homeroom.web.areas import Place

PLACE = Place(order=6, title=gettext_lazy("Reports"), name="reports")
TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}


@district_view()
def reports(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Every kind of report."""
    given = {"kinds": list(report_kinds().values()), "judgement": judgement(district=district)}
    return render(request, "reports/reports.html", given)


@district_view()
def report(request: HttpRequest, *, district: Any, role: str, name: str) -> HttpResponse:
    """One report as a page. Auditors see no pupil's name."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    if name not in report_kinds():
        raise Http404
    try:
        made = report_of(district=district, name=name, today=visit.today)
    except NothingJudged as why:
        raise Http404 from why
    except TooSlow:
        return render(request, "reports/slow.html", {"kind": report_kinds()[name]}, status=503)
    looked_at(district=district, made=made, at=visit.now, actor=visit.actor)
    given = {**body(made, hide_pupils=role not in CHANGERS), "linked": True, "forms": _forms(made)}
    return render(request, "reports/report.html", given)


@district_view()
def report_file(request: HttpRequest, *, district: Any, role: str, name: str, form: str) -> HttpResponse:
    """One report to take away."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    if name not in report_kinds():
        raise Http404
    try:
        file, data = handed(
            district=district,
            name=name,
            form=form,
            today=visit.today,
            at=visit.now,
            actor=visit.actor,
            hide_pupils=role not in CHANGERS,
        )
    except (NothingJudged, KeyError) as why:
        raise Http404 from why
    except TooSlow:
        return render(request, "reports/slow.html", {"kind": report_kinds()[name]}, status=503)
    answer = HttpResponse(data, content_type=TYPES[file.rpartition(".")[2]])
    answer["Content-Disposition"] = f'attachment; filename="{visit.today.isoformat()}-{file}"'
    return answer


def _forms(made: Report) -> list[tuple[str, str]]:
    """What can be taken away: the word of its address, and what its button says; each table is a CSV of its own."""
    others = [(one.name, gettext("CSV: %(table)s") % {"table": one.title}) for one in made.sections[1:]]
    return [("html", "HTML"), ("pdf", "PDF"), ("csv", "CSV"), *others, ("figures", gettext("Figures (CSV)"))]


urlpatterns = [
    path("reports", reports, name="reports"),
    path("reports/<slug:name>", report, name="report"),
    path("reports/<slug:name>.<slug:form>", report_file, name="report-file"),
]
