"""Error pages in the site's frame; none reveals more than its reader may know."""

from __future__ import annotations

import sys

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.urls import set_script_prefix
from django.utils import translation
from django.utils.translation import gettext_lazy

from homeroom.apps.know.sources.failures import DAMAGED, DAMAGED_DATABASE, FULL, LOCKED, UNREACHABLE, classify_failure
from homeroom.web.shared.languages.choice import get_language, render_in_own_language
from homeroom.web.shared.request_ids import build_error_context

_TOO_LARGE = gettext_lazy("That is more than this page takes.")
_REASONS = {
    FULL: gettext_lazy("There is no room left on the server's disk. Nothing was changed."),
    LOCKED: gettext_lazy("The database is busy with something else. Wait a minute and try again."),
    UNREACHABLE: gettext_lazy("The database cannot be reached. Nothing was changed."),
    DAMAGED_DATABASE: gettext_lazy("The database cannot be read. Run “homeroom doctor” on the server."),
    DAMAGED: gettext_lazy("A file of the evidence is damaged. Run “homeroom doctor --deep” on the server."),
}


def render_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django passes it
    """Render 404; for a visitor outside the district, links lead out of it."""
    if not hasattr(request, "visit"):
        set_script_prefix("/")
    return render_in_own_language(request, "404.html", status=404)


def render_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render 400, or 413 for too many bytes, with the sentence of the exception, if it has one."""
    is_too_large = isinstance(exception, RequestDataTooBig)
    sentence = _TOO_LARGE if is_too_large else getattr(exception, "sentence", "")
    context = build_error_context(sentence=sentence)
    return render_in_own_language(request, "400.html", context, status=413 if is_too_large else 400)


def render_forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render 403, with the reason if the view gave one."""
    with translation.override(get_language(request)):
        return render(request, "403.html", build_error_context(reason=str(exception)), status=403)


def render_expired_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  Django passes it
    """Render 403 for a form whose token is missing or old (Django's setting CSRF_FAILURE_VIEW)."""
    return render_in_own_language(request, "403_csrf.html", status=403)


def render_server_error(request: HttpRequest) -> HttpResponse:
    """Render 500, or 503 if a database or the disk is what fails, without any detail of the error.

    The page is rendered without the request's context then, which would ask the database.
    """
    kind = _find_kind(sys.exception())
    if kind not in _REASONS:
        return render_in_own_language(request, "500.html", build_error_context(reason=""), status=500)
    with translation.override(get_language(request)):
        content = get_template("500.html").render(build_error_context(reason=_REASONS[kind]))
    return HttpResponse(content, status=500 if kind == DAMAGED else 503)


def _find_kind(error: BaseException | None) -> str:
    """Return the kind of a failure as the error itself names it: a page cannot wait for a check of the evidence."""
    if error is None or (kind := classify_failure(error)) is None:
        return ""
    return kind
