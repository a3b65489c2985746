"""One tool, and the rows of its records."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, register_converter
from django.urls.converters import StringConverter

from homeroom.apps.manage.tools.record_rows import find_record_rows
from homeroom.apps.manage.tools.renewal_sheet import is_about_people
from homeroom.apps.manage.tools.tool_detail import MAX_NAMES, ToolDetail, find_tool
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.posture.catalog.columns import get_column_title
from homeroom.apps.protect.posture.published.subject_findings import list_subject_findings
from homeroom.domain.platform.district import District
from homeroom.web.comply.privacy.vendors import STATES
from homeroom.web.manage.tools.renewals import build_records_url
from homeroom.web.shared.access import district_view
from homeroom.web.templatetags.homeroom import counted
from homeroom.web.templatetags.tools import format_people

AREA_PAGE_OF = "portfolio"


class ToolIdConverter(StringConverter):
    """The id of a tool in an address, which no name of another page is."""

    regex = "k-[0-9a-z]+"


register_converter(ToolIdConverter, "tool")


@district_view(permission="tools.read")
def show_tool(request: HttpRequest, *, district: District, public: str) -> HttpResponse:
    """Show what is known of one tool; each of its records opens to its rows."""
    detail = find_tool(store=get_evidence_store(district=district), public=public)
    if detail is None:
        raise Http404
    findings = list_subject_findings(district=district, subject_kind="tool", subject=detail.tool.id)
    return render(request, "tools/tool.html", {**_build_context(detail), "findings": findings})


@district_view(permission="tools.read")
def show_records(request: HttpRequest, *, district: District, public: str, table: str) -> HttpResponse:
    """Show the rows of one record of a tool; people in them are counted."""
    key = request.GET.get("key", "")
    records = find_record_rows(store=get_evidence_store(district=district), public=public, table=table, key=key)
    if records is None:
        raise Http404
    context = {"records": records, "titles": [get_column_title(name) for name in records.columns]}
    return render(request, "tools/records.html", context)


def _build_context(detail: ToolDetail) -> dict[str, Any]:
    tool, hollow = detail.tool, detail.hollow
    return {
        "detail": detail,
        "tool": tool,
        "state": STATES[detail.agreement.state] if detail.agreement else "",
        "records": [
            (
                table,
                [(key, build_records_url(tool.public, table, key)) for key in keys[:MAX_NAMES]],
                max(0, len(keys) - MAX_NAMES),
            )
            for table, keys in detail.records.items()
        ],
        "contracts": [
            (
                contract,
                contract.is_running(detail.today),
                build_records_url(tool.public, "contract_records", contract.key),
            )
            for contract in detail.contracts
        ],
        "others": [(entry, entry.second if entry.first.id == tool.id else entry.first) for entry in detail.overlaps],
        "working": (format_people(hollow.working) if is_about_people(hollow) else counted(hollow.working))
        if hollow
        else "",
    }


urlpatterns = [
    path("tools/<tool:public>", show_tool, name="tool"),
    path("tools/<tool:public>/records/<str:table>", show_records, name="tool-records"),
]
