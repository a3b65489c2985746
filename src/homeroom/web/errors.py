"""The pages for what went wrong, in the frame; none says more than its reader may know."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import set_script_prefix


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django passes it
    """404; to somebody who is not in the district, links lead out of it."""
    if not hasattr(request, "visit"):
        set_script_prefix("/")
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the reason where the view gave one."""
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """500, without a word about what broke."""
    return render(request, "500.html", status=500)
