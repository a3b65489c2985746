"""The demo's next exports, to try a fix from the finding to the proof."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.protect.fixes.demo_exports import build_demo_exports, list_taken_fixes
from homeroom.domain.platform.district import District
from homeroom.library.protect.remedies import find_action
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import name_download, record_download


@district_view(permission="sources.read", change="sources.load", methods=("GET", "POST"))
def show_demo_exports(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the fix files that were taken; a POST returns the exports of the consoles after them."""
    if not settings.DEMO:
        raise Http404
    if request.method != "POST":
        fixes = [(fix, find_action(fix.action)) for fix in list_taken_fixes(district=district)]
        return render(
            request, "sources/demo_exports.html", {"fixes": fixes, "can_run": any(f.can_run for f, _ in fixes)}
        )
    content = build_demo_exports(district=district)
    if not content:
        messages.error(request, gettext("Download a fix file first."), extra_tags="bad")
        return redirect("demo-exports")
    record_download(request, "export demo")
    return name_download(HttpResponse(content, content_type="application/zip"), "exports-after-the-fix.zip")


urlpatterns = [path("sources/demo-exports", show_demo_exports, name="demo-exports")]
