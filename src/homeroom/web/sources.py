"""Sources: what stands and how old it is, what waits for a person, one load, and taking one back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.text import slugify
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.districts.stores import store_of
from homeroom.apps.sources import commands
from homeroom.apps.sources.queries import held, one_load, recent_jobs, standing
from homeroom.apps.sources.rejected import as_csv, rejects_of
from homeroom.evidence.store import NoSuchLoad, StoreBusy
from homeroom.web.access import district_view
from homeroom.web.areas import Place

PLACE = Place(order=5, title=gettext_lazy("Sources"), name="sources")


@district_view()
def sources(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Every source, with what waits for a person first."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    store = store_of(district=district)
    given = {
        "standing": standing(store=store, today=visit.today, zone=ZoneInfo(district.timezone)),
        "held": held(store=store),
        "jobs": recent_jobs(district=district),
    }
    return render(request, "sources/sources.html", given)


@district_view()
def load(request: HttpRequest, *, district: Any, load_id: str) -> HttpResponse:
    """One load: its files, its rejects and what changed."""
    found = one_load(store=store_of(district=district), load_id=load_id)
    if found is None:
        raise Http404
    return render(request, "sources/load.html", {"one": found})


@district_view()
def rejects(_request: HttpRequest, *, district: Any, load_id: str) -> HttpResponse:
    """Everything that a load rejected, as CSV; values were masked at the door."""
    try:
        found = rejects_of(store=store_of(district=district), load_id=load_id)
    except NoSuchLoad as missing:
        raise Http404 from missing
    answer = HttpResponse(as_csv(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="rejects-{slugify(load_id)}.csv"'
    return answer


@district_view(methods=("GET", "POST"))
def undo(request: HttpRequest, *, district: Any, load_id: str) -> HttpResponse:
    """Asks once more, then takes a load back whole."""
    found = one_load(store=store_of(district=district), load_id=load_id)
    if found is None or found.state not in ("stands", "replaced"):
        raise Http404
    if request.method != "POST":
        return render(request, "sources/undo.html", {"one": found})
    return _decided(
        request, district, load_id, commands.undo, gettext("Taken back. The next judgement no longer sees it.")
    )


@district_view(methods=("POST",))
def approve(request: HttpRequest, *, district: Any, load_id: str) -> HttpResponse:
    """Publishes a load that waited."""
    return _decided(request, district, load_id, commands.approve, gettext("Approved. It stands now."))


@district_view(methods=("POST",))
def discard(request: HttpRequest, *, district: Any, load_id: str) -> HttpResponse:
    """Drops a load that waited."""
    return _decided(request, district, load_id, commands.discard, gettext("Discarded. Nothing of it was kept."))


def _decided(request: HttpRequest, district: Any, load_id: str, command: Callable[..., Any], said: str) -> HttpResponse:
    """Carries a decision out (the command writes the audit entry), and says what came of it."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    try:
        command(district=district, store=store_of(district=district), load_id=load_id, actor=visit.actor, at=visit.now)
    except NoSuchLoad:
        messages.warning(request, gettext("Somebody decided this before you."), extra_tags="warn")
    except StoreBusy:
        messages.warning(request, gettext("Another load is being written. Try again in a minute."), extra_tags="warn")
    except ValueError:
        messages.warning(
            request, gettext("The source was loaded again since. Take the newer load back first."), extra_tags="warn"
        )
    else:
        messages.success(request, said, extra_tags="good")
    return redirect("sources")


urlpatterns = [
    path("sources", sources, name="sources"),
    path("sources/loads/<str:load_id>", load, name="load"),
    path("sources/loads/<str:load_id>/rejects.csv", rejects, name="load-rejects"),
    path("sources/loads/<str:load_id>/undo", undo, name="undo-load"),
    path("sources/loads/<str:load_id>/approve", approve, name="approve-load"),
    path("sources/loads/<str:load_id>/discard", discard, name="discard-load"),
]
