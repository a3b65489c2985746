"""Error pages in the site's frame; none reveals more than its reader may know."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import set_script_prefix
from django.utils.translation import gettext


def render_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django passes it
    """Render 404; for a visitor outside the district, links lead out of it."""
    if not hasattr(request, "visit"):
        set_script_prefix("/")
    return render(request, "404.html", status=404)


def render_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render 400, or 413 for too many bytes, with the sentence of the exception, if it has one."""
    is_too_large = isinstance(exception, RequestDataTooBig)
    sentence = gettext("That is more than this page takes.") if is_too_large else getattr(exception, "sentence", "")
    return render(request, "400.html", {"sentence": sentence}, status=413 if is_too_large else 400)


def render_forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render 403, with the reason if the view gave one."""
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def render_server_error(request: HttpRequest) -> HttpResponse:
    """Render 500, without any detail of the error."""
    return render(request, "500.html", status=500)
