"""Policies that staff sign, for the office: new ones and new versions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.teach.courses.policies import PolicyForm, add_policy_version, find_policy, list_policy_versions
from homeroom.domain.platform.district import District
from homeroom.domain.teach.courses.course_forms import CourseRefused
from homeroom.web.shared.access import DistrictRequest, district_view

AREA_PAGE_OF = "courses"
FIELDS = ("title", "title_es", "text", "text_es")


@district_view(permission="awareness.read", change="awareness.change", methods=("GET", "POST"))
def make_policy(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the form of a new policy; posting adds it."""
    return _edit(request, district, "")


@district_view(permission="awareness.read", change="awareness.change", methods=("GET", "POST"))
def edit_policy(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show a policy with its versions; posting a changed text adds a version."""
    return _edit(request, district, public)


def _edit(request: DistrictRequest, district: District, public: str) -> HttpResponse:
    policy = find_policy(district=district, public=public) if public else None
    if public and policy is None:
        raise Http404
    values: dict[str, Any] = {name: getattr(policy, name, "") for name in FIELDS}
    wrong: dict[str, str] = {}
    if request.method == "POST":
        visit, values = request.visit, {name: request.POST.get(name, "") for name in FIELDS}
        try:
            saved = add_policy_version(
                district=district, form=PolicyForm(**values), public=public, actor=visit.actor, at=visit.now
            )
        except CourseRefused as error:
            wrong = {error.field: str(error)}
        else:
            messages.success(request, gettext("Saved. Assign it so that staff sign it."), extra_tags="good")
            return redirect("awareness-policy", public=saved)
    context = {
        "policy": policy,
        "given": values,
        "wrong": wrong,
        "versions": list_policy_versions(district=district, public=public) if public else (),
    }
    return render(request, "awareness/policy.html", context, status=422 if wrong else 200)


urlpatterns = [
    path("awareness/courses/policies/new", make_policy, name="awareness-policy-new"),
    path("awareness/courses/policies/<str:public>", edit_policy, name="awareness-policy"),
]
