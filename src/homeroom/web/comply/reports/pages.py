"""Reports: the list of kinds, each report as a page, and each as a download."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext

from homeroom.apps.comply.reports.commands import export_report, log_report_view
from homeroom.apps.comply.reports.html import build_context
from homeroom.apps.comply.reports.queries import NoSuchLanguage, list_report_kinds
from homeroom.apps.comply.reports.queries import build_report as report_of
from homeroom.apps.comply.reports.report import ENGLISH, LANGUAGES, DistrictReport
from homeroom.apps.comply.reports.report_data import NotAssessed
from homeroom.apps.protect.posture.published.queries import get_published_assessment
from homeroom.domain.platform.district import District
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import name_download

CONTENT_TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}


@district_view(permission="reports.read")
def list_reports(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List every kind of report."""
    context = {"kinds": list(list_report_kinds().values()), "judgment": get_published_assessment(district=district)}
    return render(request, "reports/reports.html", context)


@district_view(permission="reports.read")
def show_report(request: DistrictRequest, *, district: District, name: str) -> HttpResponse:
    """Show one report as a page; auditors see no student's name."""
    visit, language = request.visit, request.GET.get("language", ENGLISH)
    if name not in list_report_kinds():
        raise Http404
    try:
        document = report_of(district=district, name=name, today=visit.today, language=language)
    except (NotAssessed, NoSuchLanguage) as error:
        raise Http404 from error
    except QueryTimeout:
        return render(request, "reports/slow.html", {"kind": list_report_kinds()[name]}, status=503)
    log_report_view(district=district, viewed_report=document, at=visit.now, actor=visit.actor)
    with translation.override(document.language):
        context = {
            **build_context(document, hide_students=not request.visit.may_read_private),
            "linked": True,
            "forms": _list_formats(document),
            "languages": _list_languages(name),
        }
        return render(request, "reports/report.html", context)


@district_view(permission="reports.read")
def download_report(request: DistrictRequest, *, district: District, name: str, form: str) -> HttpResponse:
    """Download one report."""
    visit = request.visit
    if name not in list_report_kinds():
        raise Http404
    try:
        file, data = export_report(
            district=district,
            name=name,
            form=form,
            today=visit.today,
            at=visit.now,
            actor=visit.actor,
            hide_students=not request.visit.may_read_private,
            language=request.GET.get("language", ENGLISH),
        )
    except (NotAssessed, NoSuchLanguage, KeyError) as error:
        raise Http404 from error
    except QueryTimeout:
        return render(request, "reports/slow.html", {"kind": list_report_kinds()[name]}, status=503)
    response = HttpResponse(data, content_type=CONTENT_TYPES[file.rpartition(".")[2]])
    return name_download(response, f"{visit.today.isoformat()}-{file}")


def _list_languages(name: str) -> list[tuple[str, str]]:
    """Return the languages that a report is made in, with their names; none where there is no choice."""
    languages = list_report_kinds()[name].languages
    return [(code, title) for code, title in LANGUAGES if code in languages] if len(languages) > 1 else []


def _list_formats(document: DistrictReport) -> list[tuple[str, str]]:
    """Return the available downloads: the address segment and the button's label; each table is its own CSV."""
    table_formats = [
        (section.name, gettext("CSV: %(table)s") % {"table": section.title}) for section in document.sections[1:]
    ]
    return [("html", "HTML"), ("pdf", "PDF"), ("csv", "CSV"), *table_formats, ("figures", gettext("Figures (CSV)"))]


urlpatterns = [
    path("reports", list_reports, name="reports"),
    path("reports/<slug:name>", show_report, name="report"),
    path("reports/<slug:name>.<slug:form>", download_report, name="report-file"),
]
