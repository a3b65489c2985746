"""Fix files: choosing an action for a finding, reviewing every row, taking the zip, and seeing which rows worked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext

from homeroom.apps.audit.commands import record
from homeroom.apps.fixes.commands import NotFixed, discard, drop, hand_out, prepare, review
from homeroom.apps.fixes.gathering import Asked
from homeroom.apps.fixes.queries import Fix, fix_of, fixes, flags_of, lines, offers, sample_of, schools_of
from homeroom.apps.posture.queries import Judgement, OpenFinding, judgement
from homeroom.domain.remedies import FIX, UNDO
from homeroom.web.access import CHANGERS, district_view
from homeroom.web.fixes_words import FLAGS, OUTCOMES, left_words, outcome_words
from homeroom.web.posture import key_of
from homeroom.web.posture_findings import found_finding

MOST_PLACES = 2_000


@district_view()
def every(request: HttpRequest, *, district: Any) -> HttpResponse:
    """The fix files, newest first, with what became of their rows."""
    named = request.GET.get("finding", "")
    found = [(one, outcome_words(one)) for one in fixes(district=district, finding=named)]
    return render(request, "fixes/fixes.html", {"fixes": found, "filtered": bool(named)})


@district_view(roles=CHANGERS, methods=("GET", "POST"))
def preparing(request: HttpRequest, *, district: Any, public: str) -> HttpResponse:
    """The form that chooses an action and whom to leave out; sending it prepares the file."""
    of, one = found_finding(district=district, public=public)
    given = {name: request.POST.get(name, "").strip() for name in ("action", "target", "school", "quiet", "ordinary")}
    wrong = ""
    try:
        if request.method == "POST":
            return _prepared(request, district, of, one, given)
    except NotFixed as why:
        wrong = str(why)
    return _form(request, district, of, one, given, wrong)


def _prepared(
    request: HttpRequest, district: Any, of: Judgement, one: OpenFinding, given: dict[str, str]
) -> HttpResponse:
    visit = _visit(request)
    target = (
        given["target"]
        if any(o.action.id == given["action"] and o.action.asks for o in offers(district=district, of=of, finding=one))
        else ""
    )
    asked = Asked(target=target, school=given["school"], quiet=bool(given["quiet"]), ordinary=bool(given["ordinary"]))
    public = prepare(
        district=district,
        of=of,
        finding=one,
        action=given["action"],
        asked=asked,
        actor=visit.actor,
        at=visit.now,
        today=visit.today,
    )
    return redirect("fix", public=public)


def _form(
    request: HttpRequest, district: Any, of: Judgement, one: OpenFinding, given: dict[str, str], wrong: str
) -> HttpResponse:
    offered = offers(district=district, of=of, finding=one)
    schools = schools_of(district=district, of=of, finding=one)
    if not offered:
        raise Http404
    shown = {
        "finding": one,
        "offers": offered,
        "units": sorted({unit for offer in offered for unit in offer.units}),
        "asks": {offer.action.asks for offer in offered} - {""},
        "schools": schools,
        "given": given | {"action": given["action"] or offered[0].action.id},
        "wrong": wrong,
    }
    return render(request, "fixes/prepare.html", shown, status=422 if wrong else 200)


@district_view()
def show(request: HttpRequest, *, district: Any, role: str, public: str) -> HttpResponse:
    """One fix file: what it changes, what stands out, every row, and where it stands."""
    one = _fix(district, public)
    of = judgement(district=district)
    if of is None or one.action is None:
        raise Http404
    only, outcome = request.GET.get("only", ""), request.GET.get("outcome")
    only, outcome = only if only in FLAGS else "", outcome if outcome in OUTCOMES else None
    after = key_of(request, "after")
    page, following = lines(district=district, of=of, fix=one, after=after, only=only, outcome=outcome)
    _record_pupils(request, one, sum("pupil" in line.flags for line in page))
    flags = flags_of(district=district, public=public)
    name, sample = sample_of(district=district, fix=one)
    kept = "".join(
        f"&{key}={value}" for key, value in (("only", only), ("outcome", outcome)) if value is not None and value != ""
    )
    here = reverse("fix", args=[public])
    given = {
        "fix": one,
        "summary": outcome_words(one),
        "left": left_words(one),
        "flags": [(word, FLAGS[word], number) for word, number in flags],
        "flag_words": FLAGS,
        "outcome_list": [(word, title, _number(one, word)) for word, title in OUTCOMES.items()],
        "only": only,
        "outcome": outcome,
        "lines": page,
        "first": f"{here}?{kept[1:]}" if after >= 0 else "",
        "next": f"{here}?after={following}{kept}" if following is not None else "",
        "sample": sample,
        "sample_name": name,
        "stand_ins": one.action.subject == "account" and any(word == "pupil" for word, _ in flags),
        "command": one.action.command(one.action, FIX),
        "undo_command": one.action.command(one.action, UNDO) if one.action.before else "",
        "open": one.state in ("prepared", "reviewed"),
        "may": role in CHANGERS,
    }
    return render(request, "fixes/fix.html", given)


@district_view(methods=("POST",))
def dropping(request: HttpRequest, *, district: Any, public: str) -> HttpResponse:
    """Takes the ticked rows out."""
    ticked = [int(word) for word in request.POST.getlist("place") if word.isdecimal() and len(word) < 10][:MOST_PLACES]
    visit = _visit(request)
    gone = _step(
        request, lambda: drop(district=district, public=public, places=ticked, actor=visit.actor, at=visit.now)
    )
    if gone:
        said = ngettext("%(count)d row left out.", "%(count)d rows left out.", gone) % {"count": gone}
        messages.success(request, said, extra_tags="good")
    return redirect("fix", public=public)


@district_view(methods=("POST",))
def reviewing(request: HttpRequest, *, district: Any, public: str) -> HttpResponse:
    """Says that somebody looked and stands by it."""
    visit = _visit(request)
    if not request.POST.get("looked"):
        messages.error(request, gettext("Tick that you looked at the rows, then review."), extra_tags="bad")
        return redirect("fix", public=public)
    _step(request, lambda: review(district=district, public=public, actor=visit.actor, at=visit.now))
    return redirect("fix", public=public)


@district_view(methods=("POST",))
def taking(request: HttpRequest, *, district: Any, public: str) -> HttpResponseBase:
    """The zip."""
    visit = _visit(request)
    try:
        zipped = hand_out(district=district, public=public, actor=visit.actor, at=visit.now)
    except NotFixed as why:
        raise PermissionDenied(gettext("This fix file cannot leave: %(why)s.") % {"why": why}) from why
    except LookupError as why:
        raise Http404 from why
    return FileResponse(zipped.file, as_attachment=True, filename=zipped.name, content_type="application/zip")


@district_view(methods=("POST",))
def discarding(request: HttpRequest, *, district: Any, public: str) -> HttpResponse:
    """Gives up a file that never left."""
    one, visit = _fix(district, public), _visit(request)
    _step(request, lambda: discard(district=district, public=public, actor=visit.actor, at=visit.now))
    return redirect("finding", public=one.finding)


def _step(request: HttpRequest, take: Any) -> Any:
    """What the step gives; where it does not hold together the page says why."""
    try:
        return take()
    except NotFixed as why:
        messages.error(request, gettext("That did not work: %(why)s.") % {"why": why}, extra_tags="bad")
        return None
    except LookupError as why:
        raise Http404 from why


def _number(one: Fix, outcome: str) -> int:
    return {"worked": one.worked, "did not": one.did_not}.get(outcome, one.not_seen)


def _record_pupils(request: HttpRequest, one: Fix, pupils: int) -> None:
    """A list that shows pupils is logged as its question and how many it showed."""
    if pupils:
        visit = _visit(request)
        record(
            district=visit.district,
            at=visit.now,
            actor=visit.actor,
            action="list subjects",
            subject_kind="fix",
            subject=one.public,
            detail={"pupils": pupils},
        )


def _fix(district: Any, public: str) -> Fix:
    one = fix_of(district=district, public=public)
    if one is None:
        raise Http404
    return one


def _visit(request: HttpRequest) -> Any:
    return request.visit  # type: ignore[attr-defined]


urlpatterns = [
    path("fixes", every, name="fixes"),
    path("fixes/<str:public>", show, name="fix"),
    path("fixes/<str:public>/drop", dropping, name="fix_drop"),
    path("fixes/<str:public>/review", reviewing, name="fix_review"),
    path("fixes/<str:public>/take", taking, name="fix_take"),
    path("fixes/<str:public>/discard", discarding, name="fix_discard"),
    path("findings/<str:public>/fix", preparing, name="fix_prepare"),
]
