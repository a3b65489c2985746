"""Fix files: choose an action for a finding, review every row, download the zip, and see which rows worked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.fixes.collect import FixOptions
from homeroom.apps.protect.fixes.commands import (
    REVIEWED,
    FixNotPossible,
    choose_rows,
    discard_fix,
    prepare_fix,
    release,
    review_fix,
)
from homeroom.apps.protect.fixes.queries import (
    FixSummary,
    count_flags,
    count_members_by_school,
    find_fix,
    list_fix_rows,
    list_fixes,
    list_offers,
    render_sample,
)
from homeroom.apps.protect.posture.published.queries import AssessmentRef, OpenFinding, get_published_assessment
from homeroom.domain.platform.district import District
from homeroom.domain.protect.remedies import FIX, UNDO
from homeroom.web.protect.fixes.labels import FLAGS, OUTCOMES, describe_left_out, describe_outcome
from homeroom.web.protect.posture.findings import get_finding_or_404
from homeroom.web.protect.posture.overview import parse_row_key
from homeroom.web.shared.access import DistrictRequest, district_view

MAX_CHOSEN_ROWS = 2_000


@district_view(permission="fixes.read", change="fixes.review")
def list_fix_files(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List the fix files, newest first, with the outcomes of their rows."""
    finding_id = request.GET.get("finding", "")
    summaries = [(fix, describe_outcome(fix)) for fix in list_fixes(district=district, finding=finding_id)]
    return render(request, "fixes/fixes.html", {"fixes": summaries, "filtered": bool(finding_id)})


@district_view(permission="fixes.prepare", methods=("GET", "POST"))
def prepare_fix_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show the form that chooses an action and what to leave out; posting it prepares the file."""
    assessment, finding = get_finding_or_404(district=district, public=public)
    form = {name: request.POST.get(name, "").strip() for name in ("action", "target", "school", "quiet", "ordinary")}
    wrong = ""
    try:
        if request.method == "POST":
            return _prepare_and_redirect(request, district, assessment, finding, form)
    except FixNotPossible as error:
        wrong = str(error)
    return _render_form(request, district, assessment, finding, form, wrong)


def _prepare_and_redirect(
    request: DistrictRequest, district: District, assessment: AssessmentRef, finding: OpenFinding, form: dict[str, str]
) -> HttpResponse:
    visit = request.visit
    target = (
        form["target"]
        if any(
            offer.action.id == form["action"] and offer.action.asks
            for offer in list_offers(district=district, assessment=assessment, finding=finding)
        )
        else ""
    )
    options = FixOptions(
        target=target,
        school=form["school"],
        quiet=bool(form["quiet"]),
        ordinary=bool(form["ordinary"]),
        careful=True,
    )
    public = prepare_fix(
        district=district,
        assessment=assessment,
        finding=finding,
        action=form["action"],
        options=options,
        actor=visit.actor,
        at=visit.now,
        today=visit.today,
    )
    return redirect("fix", public=public)


def _render_form(
    request: DistrictRequest,
    district: District,
    assessment: AssessmentRef,
    finding: OpenFinding,
    form: dict[str, str],
    wrong: str,
) -> HttpResponse:
    offered = list_offers(district=district, assessment=assessment, finding=finding)
    schools = count_members_by_school(district=district, assessment=assessment, finding=finding)
    if not offered:
        raise Http404
    context = {
        "finding": finding,
        "offers": offered,
        "units": sorted({unit for offer in offered for unit in offer.units}),
        "asks": {offer.action.asks for offer in offered} - {""},
        "schools": schools,
        "given": form | {"action": form["action"] or offered[0].action.id},
        "wrong": wrong,
    }
    return render(request, "fixes/prepare.html", context, status=422 if wrong else 200)


@district_view(permission="fixes.read", change="fixes.review")
def show_fix(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show one fix file: what it changes, its flags, every row, and its state."""
    fix = _get_fix_or_404(district, public)
    assessment = get_published_assessment(district=district)
    if fix.action is None or (assessment is None and not fix.incident):
        raise Http404
    only, outcome = request.GET.get("only", ""), request.GET.get("outcome")
    only, outcome = only if only in FLAGS else "", outcome if outcome in OUTCOMES else None
    after = parse_row_key(request, "after")
    page, following = list_fix_rows(
        district=district,
        assessment=assessment,
        fix=fix,
        after=after,
        only=only,
        outcome=outcome,
        show_students=request.visit.may_read_private,
    )
    _record_students(request, fix, sum("student" in line.flags for line in page))
    flags = count_flags(district=district, public=public)
    name, sample = render_sample(district=district, fix=fix)
    filter_query = "".join(
        f"&{key}={value}" for key, value in (("only", only), ("outcome", outcome)) if value is not None and value != ""
    )
    page_url = reverse("fix", args=[public])
    context = {
        "fix": fix,
        "summary": describe_outcome(fix),
        "left": describe_left_out(fix),
        "flags": [(word, FLAGS[word], number) for word, number in flags],
        "flag_words": FLAGS,
        "outcome_list": [(word, title, _count_outcome(fix, word)) for word, title in OUTCOMES.items()],
        "only": only,
        "outcome": outcome,
        "lines": page,
        "first": f"{page_url}?{filter_query[1:]}" if after >= 0 else "",
        "next": f"{page_url}?after={following}{filter_query}" if following is not None else "",
        "sample": sample,
        "sample_name": name,
        "stand_ins": fix.action.subject == "account" and any(word == "student" for word, _ in flags),
        "command": fix.action.command(fix.action, FIX),
        "undo_command": fix.action.command(fix.action, UNDO) if fix.action.before else "",
        "open": fix.state in ("prepared", "reviewed"),
        "may": request.visit.may_change,
        "may_take_alone": _may_take_alone(request),
        "may_take": fix.reviewed_by != request.visit.actor or request.visit.holds("fixes.take_alone"),
    }
    return render(request, "fixes/fix.html", context)


@district_view(permission="fixes.review", methods=("POST",))
def choose_rows_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Have the ticked rows of the page in the file, and its other rows not."""
    visit = request.visit
    changed = _run_step(
        request,
        lambda: choose_rows(
            district=district,
            public=public,
            shown=_parse_positions(request, "shown"),
            ticked=_parse_positions(request, "place"),
            actor=visit.actor,
            at=visit.now,
        ),
    )
    added, left_out = changed or (0, 0)
    if added:
        text = ngettext("%(count)d row added.", "%(count)d rows added.", added)
        messages.success(request, text % {"count": added}, extra_tags="good")
    if left_out:
        text = ngettext("%(count)d row left out.", "%(count)d rows left out.", left_out)
        messages.success(request, text % {"count": left_out}, extra_tags="good")
    return redirect("fix", public=public)


def _parse_positions(request: DistrictRequest, name: str) -> list[int]:
    words = request.POST.getlist(name)[:MAX_CHOSEN_ROWS]
    return [int(word) for word in words if word.isascii() and word.isdecimal() and len(word) < 10]


@district_view(permission="fixes.review", methods=("POST",))
def review_fix_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponseBase:
    """Record that somebody reviewed the rows and approves them; who may take a file alone can get it at once."""
    visit = request.visit
    if not request.POST.get("looked"):
        messages.error(request, gettext("Check the box to confirm you reviewed the rows."), extra_tags="bad")
        return redirect("fix", public=public)
    shown, ticked = _parse_positions(request, "shown"), _parse_positions(request, "place")
    _run_step(
        request,
        lambda: review_fix(
            district=district, public=public, actor=visit.actor, at=visit.now, shown=shown, ticked=ticked
        ),
    )
    wants_file = bool(request.POST.get("download")) and _may_take_alone(request)
    if wants_file and _get_fix_or_404(district, public).state == REVIEWED:
        return _send_archive(request, district, public)
    return redirect("fix", public=public)


@district_view(permission="fixes.take", methods=("POST",))
def download_fix_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponseBase:
    """Return the zip file."""
    return _send_archive(request, district, public)


def _may_take_alone(request: DistrictRequest) -> bool:
    return request.visit.holds("fixes.take") and request.visit.holds("fixes.take_alone")


def _send_archive(request: DistrictRequest, district: District, public: str) -> HttpResponseBase:
    visit = request.visit
    try:
        archive = release(
            district=district,
            public=public,
            actor=visit.actor,
            at=visit.now,
            may_take_alone=visit.holds("fixes.take_alone"),
        )
    except FixNotPossible as error:
        raise PermissionDenied(gettext("This fix file can’t be downloaded: %(why)s.") % {"why": error}) from error
    except LookupError as error:
        raise Http404 from error
    return FileResponse(archive.file, as_attachment=True, filename=archive.name, content_type="application/zip")


@district_view(permission="fixes.prepare", methods=("POST",))
def discard_fix_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Discard a file that was never handed out."""
    fix, visit = _get_fix_or_404(district, public), request.visit
    _run_step(request, lambda: discard_fix(district=district, public=public, actor=visit.actor, at=visit.now))
    return redirect("finding", public=fix.finding)


def _run_step(request: DistrictRequest, action: Any) -> Any:
    """Return the result of the action; if it is not possible, add an error message and return None."""
    try:
        return action()
    except FixNotPossible as error:
        messages.error(request, gettext("That failed: %(why)s.") % {"why": error}, extra_tags="bad")
        return None
    except LookupError as error:
        raise Http404 from error


def _count_outcome(fix: FixSummary, outcome: str) -> int:
    return {"worked": fix.worked, "did not": fix.did_not}.get(outcome, fix.not_seen)


def _record_students(request: DistrictRequest, fix: FixSummary, students: int) -> None:
    """Log a list that shows students with its subject and how many students it showed."""
    if students:
        visit = request.visit
        record_audit_entry(
            district=visit.district,
            at=visit.now,
            actor=visit.actor,
            action="list subjects",
            subject_kind="fix",
            subject=fix.public,
            detail={"students": students},
        )


def _get_fix_or_404(district: District, public: str) -> FixSummary:
    fix = find_fix(district=district, public=public)
    if fix is None:
        raise Http404
    return fix


urlpatterns = [
    path("fixes", list_fix_files, name="fixes"),
    path("fixes/<str:public>", show_fix, name="fix"),
    path("fixes/<str:public>/rows", choose_rows_view, name="fix_rows"),
    path("fixes/<str:public>/review", review_fix_view, name="fix_review"),
    path("fixes/<str:public>/take", download_fix_view, name="fix_take"),
    path("fixes/<str:public>/discard", discard_fix_view, name="fix_discard"),
    path("findings/<str:public>/fix", prepare_fix_view, name="fix_prepare"),
]
