"""Downloads: the names of files, calendars, and entries of the audit trail about files with people in them."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, quote_etag

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.web.shared.access import DistrictRequest


def record_download(request: DistrictRequest, action: str, *, subject_kind: str = "", subject: object = "") -> None:
    """Record that a visitor takes a file: `action` is a verb phrase such as `export disclosures`."""
    visit = request.visit
    record_audit_entry(
        district=visit.district,
        at=visit.now,
        actor=visit.actor,
        action=action,
        subject_kind=subject_kind,
        subject=str(subject)[:80],
    )


def name_download[Response: HttpResponseBase](response: Response, name: str) -> Response:
    """Return the response as a file that browsers save under this name, which is quoted or encoded (RFC 6266)."""
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def build_calendar_response(request: HttpRequest, content: bytes, *, digest: str, changed_at: datetime) -> HttpResponse:
    """Return a calendar as iCalendar; 304 without content to a program that has it already."""
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["ETag"] = quote_etag(digest)
    modified = int(changed_at.timestamp())
    response["Last-Modified"] = http_date(modified)
    answer = get_conditional_response(request, response["ETag"], modified, response)
    return answer if isinstance(answer, HttpResponse) else response
