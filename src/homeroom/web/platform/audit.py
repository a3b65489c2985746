"""The audit trail: changes and opened records, newest first, as a page and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.audit.queries import (
    HOMEROOM,
    AuditFilter,
    AuditLine,
    iterate_audit_lines,
    list_audit_entries,
)
from homeroom.apps.platform.audit.trail_status import get_trail_status
from homeroom.domain.platform.district import District
from homeroom.domain.spreadsheets import escape_formula, iterate_csv_lines
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import name_download
from homeroom.web.templatetags.homeroom import STATE_LABELS
from homeroom.web.templatetags.trails import action_words, done_to, find_actions, told_details

FIELDS = ("actor", "action", "record", "since", "until")


@district_view(permission="audit.read")
def show_audit_trail(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the audit trail, filtered by what its table shows and by date."""
    form = _read_form(request)
    page = list_audit_entries(
        district=district,
        before=_parse_key(request, "before"),
        after=_parse_key(request, "after"),
        shown=_build_filter(form, district),
    )
    context = {
        "page": page,
        "status": get_trail_status(district=district, at=request.visit.now),
        "form": form,
        "csv_url": _build_url("audit-csv", form.parameters),
        "newer": page.newer and _build_url("audit", form.parameters | {"after": page.newer}),
        "older": page.older and _build_url("audit", form.parameters | {"before": page.older}),
    }
    return render(request, "audit/trail.html", context, status=422 if form.wrong else 200)


@district_view(permission="audit.read")
def export_audit_csv(request: DistrictRequest, *, district: District) -> HttpResponse | StreamingHttpResponse:
    """Export every entry that the filter shows."""
    form, visit = _read_form(request), request.visit
    if form.wrong:
        return HttpResponse(form.wrong, status=422, content_type="text/plain; charset=utf-8")
    record_audit_entry(
        district=district,
        at=visit.now,
        actor=visit.actor,
        action="export audit trail",
        detail={name: str(value) for name, value in form.parameters.items()},
    )
    lines = iterate_audit_lines(district=district, shown=_build_filter(form, district))
    response = StreamingHttpResponse(
        iterate_csv_lines(_iterate_rows(lines, zone=ZoneInfo(district.timezone))),
        content_type="text/csv; charset=utf-8",
    )
    return name_download(response, f"audit-trail-{visit.today.isoformat()}.csv")


@dataclass(frozen=True, kw_only=True)
class TrailForm:
    """The filter as it was typed; `wrong` is the message for a date that is none."""

    actor: str = ""
    action: str = ""
    record: str = ""
    since: date | None = None
    until: date | None = None
    wrong: str = ""

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the fields that have a value, as parameters of an address."""
        values = {name: getattr(self, name) for name in FIELDS}
        return {name: value for name, value in values.items() if value}


def _read_form(request: HttpRequest) -> TrailForm:
    texts = {name: request.GET.get(name, "").strip() for name in FIELDS}
    dates = {name: _parse_day(texts[name]) for name in ("since", "until")}
    wrong = next((texts[name] for name, day in dates.items() if texts[name] and day is None), "")
    return TrailForm(
        actor=texts["actor"],
        action=texts["action"],
        record=texts["record"],
        wrong=gettext("“%(text)s” is not a date. Use a date such as 2026-01-31.") % {"text": wrong[:20]}
        if wrong
        else "",
        **dates,
    )


def _build_filter(form: TrailForm, district: District) -> AuditFilter:
    """Return the filter; both days count in full, in the district's time zone."""
    zone = ZoneInfo(district.timezone)
    after = form.until + timedelta(days=1) if form.until and form.until < date.max else None
    return AuditFilter(
        actor=form.actor,
        action=form.action,
        labeled=find_actions(form.action) if form.action else (),
        record=_convert_state_label(form.record),
        since=datetime.combine(form.since, time.min, zone) if form.since else None,
        until=datetime.combine(after, time.min, zone) if after else None,
    )


def _convert_state_label(record: str) -> str:
    """Return what is stored for a record as the table shows it: "staff-second-factor, Failing" has a slash."""
    head, comma, label = record.rpartition(", ")
    states = [state for state, state_label in STATE_LABELS.items() if str(state_label).casefold() == label.casefold()]
    return f"{head}/{states[0]}" if comma and states else record


def _iterate_rows(lines: Iterator[AuditLine], *, zone: ZoneInfo) -> Iterator[list[str]]:
    yield [gettext("When"), gettext("Who"), gettext("Action"), gettext("Target"), gettext("Details")]
    for line in lines:
        record = f"{action_words(line.subject_kind)} {done_to(line.subject)}".strip() if line.subject else ""
        details = "; ".join(f"{name}: {words}" for name, words in told_details(line.detail))
        cells = (line.actor or HOMEROOM, action_words(line.action), record, details)
        yield [line.at.astimezone(zone).isoformat(timespec="seconds"), *map(escape_formula, cells)]


def _parse_day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _parse_key(request: HttpRequest, name: str) -> int | None:
    """Return the key of a neighboring entry, or None if it is missing or not a number."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _build_url(name: str, parameters: dict[str, Any]) -> str:
    return f"{reverse(name)}?{urlencode(parameters)}" if parameters else reverse(name)


urlpatterns = [
    path("audit", show_audit_trail, name="audit"),
    path("audit.csv", export_audit_csv, name="audit-csv"),
]
