"""One finding: its rows of evidence, the remedy, its life; accepting it, taking that back, and its rows as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext

from homeroom.apps.audit.commands import record
from homeroom.apps.districts.queries import DIRECTOR, members
from homeroom.apps.posture.accepted import acceptance, acceptances
from homeroom.apps.posture.accepting import accept, withdraw
from homeroom.apps.posture.evidence import every_finding_row, finding_rows
from homeroom.apps.posture.queries import (
    Judgement,
    OpenFinding,
    events,
    finding,
    judgement,
    result,
)
from homeroom.apps.posture.rows import Rows
from homeroom.apps.posture.shelf import SETTINGS, control_of
from homeroom.domain.spreadsheets import harmless
from homeroom.domain.states import Severity
from homeroom.evidence.asking import TooSlow
from homeroom.web.access import CHANGERS, district_view
from homeroom.web.posture import key_of, pages, record_pupils, wants_all
from homeroom.web.templatetags.homeroom import shown

LONGEST_DAYS = 366
IN_MEMORY = 8 << 20
TECHNICIANS_LEVEL = (Severity.MEDIUM, Severity.LOW)


@district_view()
def show(request: HttpRequest, *, district: Any, role: str, public: str) -> HttpResponse:
    """The finding and a page of its members."""
    of, one = found_finding(district=district, public=public)
    after, whole = key_of(request, "after"), wants_all(request)
    rows = _rows(request, district, of, one, after=after, whole=whole)
    judged = result(district=district, of=of, control=one.control.id)
    given = {
        "judgement": of,
        "finding": one,
        "result": judged,
        "rows": rows,
        **pages(request, reverse("finding", args=[public]), rows, after=after),
        "events": events(district=district, of=of, finding_id=one.id),
        "accepted": [
            a
            for a in acceptances(district=district, today=_visit(request).today, control=one.control.id)
            if a.group == one.group
        ],
        "may_accept": may_accept(role, one),
    }
    return render(request, "posture/finding.html", given)


@district_view(methods=("GET", "POST"))
def accepting(request: HttpRequest, *, district: Any, role: str, public: str) -> HttpResponse:
    """The form to live with a finding for a while: why, who answers for it, and until when."""
    _, one = found_finding(district=district, public=public)
    if not may_accept(role, one):
        raise PermissionDenied(gettext("Your role may accept findings of medium and low severity; ask your director."))
    people = members(district=district)
    given = {name: request.POST.get(name, "").strip() for name in ("reason", "owner", "expires_on", "private")}
    wrong = (
        wrong_in(given, owners=[name for name, _, _ in people], today=_visit(request).today)
        if request.method == "POST"
        else {}
    )
    if request.method != "POST" or wrong:
        shown_form = {"finding": one, "people": people, "given": given, "wrong": wrong}
        return render(request, "posture/accept.html", shown_form, status=422 if wrong else 200)
    visit = _visit(request)
    accept(
        district=district,
        at=visit.now,
        today=visit.today,
        actor=visit.actor,
        control=one.control.id,
        group=one.group,
        subject=None,
        reason=given["reason"],
        owner=given["owner"],
        expires_on=date.fromisoformat(given["expires_on"]),
        private=given["private"] == "1",
    )
    messages.success(
        request,
        gettext("Accepted. The numbers count it from the next judgement; it comes back when the date has passed."),
        extra_tags="good",
    )
    return redirect("finding", public=public)


@district_view(methods=("POST",))
def withdrawing(request: HttpRequest, *, district: Any, role: str, number: int) -> HttpResponse:
    """Takes an acceptance back."""
    one = acceptance(district=district, number=number)
    if one is None:
        raise Http404
    visit = _visit(request)
    if role != DIRECTOR and one.made_by != visit.actor:
        raise PermissionDenied(gettext("Only a director, or who accepted it, may withdraw this."))
    withdraw(district=district, at=visit.now, actor=visit.actor, acceptance=number)
    messages.success(request, gettext("Withdrawn. The next judgement counts it again."), extra_tags="good")
    if control_of(one.control).area == SETTINGS:
        return redirect("setting-of-tenants", policy=one.control)
    return redirect("control", control=one.control)


@district_view()
def rows_csv(request: HttpRequest, *, district: Any, role: str, public: str) -> HttpResponse | FileResponse:
    """Every open member as CSV; cells that a spreadsheet would run are made text, an auditor's say nothing of pupils.

    The file is written whole before its first byte is sent, so that nobody ever holds half of one.
    """
    of, one = found_finding(district=district, public=public)
    hidden = role not in CHANGERS
    file = _file(every_finding_row(district=district, of=of, finding=one), hide_pupils=hidden)
    visit = _visit(request)
    record(
        district=district,
        at=visit.now,
        actor=visit.actor,
        action="export finding",
        subject_kind="finding",
        subject=one.public,
        detail={"control": one.control.id, "rows": one.members, "masked": hidden},
    )
    name = f"{one.control.id}-{of.today.isoformat()}.csv"
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def may_accept(role: str, one: OpenFinding) -> bool:
    """A director accepts anything; a technician what is of medium or low severity; an auditor nothing."""
    return may_accept_severity(role, one.control.severity)


def may_accept_severity(role: str, severity: Severity) -> bool:
    """Whether that role accepts what is that severe."""
    return role == DIRECTOR or (role == "technician" and severity in TECHNICIANS_LEVEL)


def _file(pages: Iterator[Rows], *, hide_pupils: bool) -> IO[bytes]:
    """The pages as a CSV file that is gone when it is closed; beyond 8 MB it stands in the data folder."""
    file: Any = SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(settings.DATA))  # noqa: SIM115 (the answer closes it)
    text = TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer: Any = csv.writer(text)
    for place, page in enumerate(pages):
        if place == 0:
            writer.writerow(["id", *page.titles, gettext("Open since"), gettext("Not seen since")])
        writer.writerows(_page_lines(page, hide_pupils=hide_pupils))
    text.detach()
    file.seek(0)
    return file  # type: ignore[no-any-return]


def _page_lines(page: Rows, *, hide_pupils: bool) -> Iterator[list[str]]:
    for row in page.rows:
        hide = page.private if hide_pupils and row.pupil else (False,) * len(row.cells)
        told = [
            gettext("masked") if private and cell not in (None, "") else shown(cell)
            for private, cell in zip(hide, row.cells, strict=True)
        ]
        cells = [row.public, *told, row.since, row.not_seen_since or ""]
        yield [harmless(str(cell)) for cell in cells]


def wrong_in(given: dict[str, str], *, owners: list[str], today: date) -> dict[str, str]:
    """What does not fit in the form, by field, saying what would."""
    wrong = {}
    if len(given["reason"]) < 10:
        wrong["reason"] = gettext("Say in a sentence why, so that an auditor understands it next year.")
    if given["owner"] not in owners:
        wrong["owner"] = gettext("Choose somebody of this district.")
    day = _day(given["expires_on"])
    if day is None or not 0 < (day - today).days <= LONGEST_DAYS:
        wrong["expires_on"] = gettext("Choose a day from tomorrow to a year from now.")
    return wrong


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _rows(
    request: HttpRequest, district: Any, of: Judgement, one: OpenFinding, *, after: int, whole: bool
) -> Rows | None:
    """A page of members; None where evidence took too long."""
    try:
        rows = finding_rows(district=district, of=of, finding=one, after=after, whole=whole)
    except TooSlow:
        return None
    record_pupils(request, rows, action="list subjects", subject=one.control.id)
    return rows


def found_finding(*, district: Any, public: str) -> tuple[Judgement, OpenFinding]:
    """The published judgement, and one finding by its public id; there is nothing (404) where either is missing."""
    of = judgement(district=district)
    one = finding(district=district, of=of, public=public) if of else None
    if of is None or one is None:
        raise Http404
    return of, one


def _visit(request: HttpRequest) -> Any:
    return request.visit  # type: ignore[attr-defined]


urlpatterns = [
    path("findings/<str:public>", show, name="finding"),
    path("findings/<str:public>/accept", accepting, name="accept"),
    path("findings/<str:public>/rows.csv", rows_csv, name="finding_csv"),
    path("acceptances/<int:number>/withdraw", withdrawing, name="withdraw"),
]
