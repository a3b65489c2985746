"""The address of the privacy area, which leads to the first page that the visitor's role sees."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext

from homeroom.web.shared.access import DistrictRequest, district_view


@district_view(permission="duties.read")
def show_privacy(request: DistrictRequest) -> HttpResponse:
    """Lead to the first page of the area. Raise PermissionDenied if the role sees none."""
    pages = request.visit.pages
    if not pages:
        raise PermissionDenied(
            gettext("Your role is %(role)s, which has no page here.") % {"role": request.visit.role_title}
        )
    return redirect(pages[0]["url"])


urlpatterns = [path("privacy", show_privacy, name="privacy")]
