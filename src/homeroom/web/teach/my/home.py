"""The home page of everybody who works in the district: what waits for this person."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from homeroom.apps.platform.people_sign_in.queries import MyPerson
from homeroom.domain.platform.district import District
from homeroom.web.teach.my.access import MyRequest, my_view
from homeroom.web.teach.my.sections import build_sections


@my_view()
def show_my_page(request: HttpRequest, *, district: District, person: MyPerson) -> HttpResponse:
    """Show the sections that have something for the person."""
    own = cast("MyRequest", request)
    sections = build_sections(district=district, person=person, today=own.visit.today, language=own.language)
    return render(request, "my/home.html", {"person": person, "sections": sections})


urlpatterns = [path("my", show_my_page, name="my")]
