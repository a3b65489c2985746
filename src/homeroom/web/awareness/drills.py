"""Drills: what people reported and missed, and what was taken out of the counts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy

from homeroom.web.shared.access import district_view
from homeroom.web.shared.navigation import NavItem

AREA_PAGE = NavItem(order=1, title=gettext_lazy("Drills"), name="awareness")


@district_view()
def show_drills(request: HttpRequest) -> HttpResponse:
    """Show the drills by lure."""
    return render(request, "awareness/drills.html", {"lures": ()})


urlpatterns = [path("awareness", show_drills, name="awareness")]
