"""One thing of the district that is neither a person, nor an account, nor a device: what Homeroom holds of it, and from where."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from homeroom.apps.districts.stores import store_of
from homeroom.apps.inventory.subjects import merged_into
from homeroom.apps.inventory.things import ThingFound, thing_of
from homeroom.apps.posture.columns import title_of
from homeroom.apps.posture.subjects import open_findings_of
from homeroom.evidence.asking import TooSlow
from homeroom.evidence.tables import THINGS
from homeroom.web.access import district_view
from homeroom.web.inventory_words import value_word

_UNSAID = ("id", "sources")


@district_view()
def one(request: HttpRequest, *, district: Any, public: str) -> HttpResponse:
    """The page of one thing. An id that was merged into another leads there."""
    store = store_of(district=district)
    try:
        found = thing_of(district=district, store=store, public=public)
    except TooSlow:
        return render(request, "inventory/thing.html", {"slow": True, "title": public})
    if found is None:
        into = merged_into(district=district, public=public)
        if into is None:
            raise Http404
        return redirect("thing", public=into)
    return render(request, "inventory/thing.html", _given(district, found))


def _given(district: Any, found: ThingFound) -> dict[str, Any]:
    label = found.table.label
    columns = [column for column in THINGS[found.kind].columns if column.name not in (*_UNSAID, label)]
    return {
        "thing": found,
        "title": found.name,
        "facts": [
            (title_of(column.name), column.meaning, value_word(column.name, found.values[column.name]))
            for column in columns
        ],
        "findings": open_findings_of(district=district, subject_kind=found.kind, subject=found.id),
    }


urlpatterns = [path("things/<str:public>", one, name="thing")]
