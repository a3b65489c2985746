"""Answers of the API in JSON: documents, and the reason of each refusal and failure."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpResponse

from homeroom.apps.know.sources.failures import DAMAGED, DAMAGED_DATABASE, FULL, LOCKED, UNREACHABLE, classify_failure

_log = logging.getLogger(__name__)
_REASONS = {
    FULL: "there is no room left on the server's disk; nothing was changed",
    LOCKED: "the database is busy with something else; try again in a minute",
    UNREACHABLE: "the database cannot be reached; nothing was changed",
    DAMAGED_DATABASE: "the database cannot be read; run homeroom doctor on the server",
    DAMAGED: "a file of the evidence is damaged; run homeroom doctor --deep on the server",
}
_UNKNOWN = "something went wrong on the server; its log has more under the X-Request-ID of this answer"


def build_answer(document: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return a document as JSON; bytes are JSON already."""
    content = document if isinstance(document, bytes) else msgspec.json.encode(document)
    response = HttpResponse(content, content_type="application/json", status=status)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def build_refusal(reason: str, *, status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return the reason why a call is refused."""
    text = reason.encode("utf-8", "backslashreplace").decode("utf-8")  # JSON has no lone surrogates
    return build_answer({"error": text}, status=status, headers=headers)


def build_failure(error: Exception) -> HttpResponse:
    """Return what a call is answered that failed; what is no fault of the caller is in the log."""
    if isinstance(error, RequestDataTooBig):
        return build_refusal("the call is too large", status=413)
    if isinstance(error, (SuspiciousOperation, BadRequest)):
        return build_refusal("the call cannot be read", status=400)
    _log.error("A call of the API failed.", exc_info=error)
    kind = classify_failure(error) or ""
    status = 500 if kind == DAMAGED or kind not in _REASONS else 503
    return build_refusal(_REASONS.get(kind, _UNKNOWN), status=status)
