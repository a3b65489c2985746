"""One resource of the district that is not a person, an account or a device: its values and their sources."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from homeroom.apps.know.inventory.resources import ResourceDetail, find_resource
from homeroom.apps.know.inventory.subjects import find_merge_target
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.posture.catalog.columns import get_column_title
from homeroom.apps.protect.posture.published.subject_findings import list_subject_findings
from homeroom.domain.platform.district import District
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.evidence.tables import RESOURCE_TABLES
from homeroom.web.shared.access import district_view
from homeroom.web.shared.inventory_labels import format_field_value

_HIDDEN_FIELDS = ("id", "sources")
OWN_PAGES = {"need": "tool-gaps", "renewal": "tool-renewals"}
"""The lists that have the resources of a kind; as a tool's own page, they hide small counts of people."""


@district_view(permission="inventory.read_all")
def show_resource(request: HttpRequest, *, district: District, public: str) -> HttpResponse:
    """Show the page of one resource; an id that was merged into another redirects there."""
    store = get_evidence_store(district=district)
    try:
        resource = find_resource(district=district, store=store, public=public)
    except QueryTimeout:
        return render(request, "inventory/resource.html", {"slow": True, "title": public})
    if resource is None:
        into = find_merge_target(district=district, public=public)
        if into is None:
            raise Http404
        return redirect("resource", public=into)
    if resource.kind == "tool":
        return redirect("tool", public=public)
    if resource.kind in OWN_PAGES:
        return redirect(OWN_PAGES[resource.kind])
    return render(request, "inventory/resource.html", _build_resource_context(district, resource))


def _build_resource_context(district: District, resource: ResourceDetail) -> dict[str, Any]:
    label = resource.table.label
    columns = [
        column for column in RESOURCE_TABLES[resource.kind].columns if column.name not in (*_HIDDEN_FIELDS, label)
    ]
    return {
        "resource": resource,
        "title": resource.name,
        "facts": [
            (
                get_column_title(column.name),
                column.meaning,
                format_field_value(column.name, resource.values[column.name]),
            )
            for column in columns
        ],
        "findings": list_subject_findings(district=district, subject_kind=resource.kind, subject=resource.id),
    }


urlpatterns = [path("things/<str:public>", show_resource, name="resource")]
