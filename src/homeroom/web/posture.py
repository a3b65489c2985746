"""Posture: every control with its numbers, one control, and the rows behind each number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy

from homeroom.apps.audit.commands import record
from homeroom.apps.posture.accepted import acceptances
from homeroom.apps.posture.frameworks import satisfied
from homeroom.apps.posture.overall import met, overall
from homeroom.apps.posture.queries import (
    SEVERITIES,
    Judgement,
    Result,
    history,
    judgement,
    open_findings,
    result,
    results,
)
from homeroom.apps.posture.raising import raises
from homeroom.apps.posture.rows import Rows
from homeroom.apps.posture.shelf import shelf
from homeroom.apps.posture.states import rows_in_state
from homeroom.apps.posture.words import area_word
from homeroom.domain.states import State
from homeroom.evidence.asking import TooSlow
from homeroom.web.access import district_view
from homeroom.web.areas import Place
from homeroom.web.charts import bar, interval, trend
from homeroom.web.posture_lives import lets_under

PLACE = Place(order=4, title=gettext_lazy("Posture"), name="posture")
FIRST = 5
"""How many of the controls that would raise the standing most are shown."""
DAY_SECONDS = 24 * 3600
STATES = tuple(
    str(state) for state in (State.FAIL, State.CANNOT_TELL, State.PASS, State.EXCEPTED, State.NOT_APPLICABLE)
)


@district_view()
def posture(request: HttpRequest, *, district: Any) -> HttpResponse:
    """All controls by area, with filters."""
    of = judgement(district=district)
    every = results(district=district, of=of) if of else ()
    asked = {name: request.GET.get(name, "") for name in ("severity", "area", "show")}
    stood = overall(district=district, of=of) if of else None
    given = {
        "judgement": of,
        **kept_rows(request, of),
        "areas": lambda: _by_area((one for one in every if _fits(one, asked)), whole=not any(asked.values())),
        "all_areas": sorted({one.control.area for one in every if one.control.area}, key=area_word),
        "severities": SEVERITIES,
        "asked": asked,
        "any": bool(every),
        "filtered": any(asked.values()),
        "failing": sum(one.numbers.failing > 0 for one in every),
        "controls": len(every),
        "overall": stood,
        "interval": interval(stood.low, stood.high) if stood else (),
        "raises": lambda: raises(every)[:FIRST] if stood and not any(asked.values()) else (),
    }
    return render(request, "posture/posture.html", given)


def kept_rows(request: HttpRequest, of: Judgement | None) -> dict[str, Any]:
    """What `{% cache %}` keeps rows of a page by that say of one judgement alone and nothing of who looks: they never change.

    The address has the district and what was asked, and times on the page are told as of the day.
    """
    visit: Any = request.visit  # type: ignore[attr-defined]
    judged = (of.number, of.derived, of.at) if of else ()
    language = getattr(request, "LANGUAGE_CODE", "")
    return {
        "cache_seconds": DAY_SECONDS,
        "cache_key": (str(settings.DATA), visit.district.pk, request.get_full_path(), *judged, visit.today, language),
    }


@district_view()
def control(request: HttpRequest, *, district: Any, control: str) -> HttpResponse:
    """One control: what it asks, where the district stands, how that went, and what to do."""
    of, one = _judged(district, control)
    past = history(district=district, of=of, control=control)
    given = {
        "judgement": of,
        "result": one,
        "bar": bar(one.numbers),
        "states": [(state, one.numbers.of(state)) for state in STATES],
        "history": past[::-1],
        "trend": trend(past) if len(past) > 1 else None,
        "findings": open_findings(district=district, of=of, control=control),
        "satisfies": satisfied(one.control),
        "accepted": acceptances(district=district, today=request.visit.today, control=control),  # type: ignore[attr-defined]
        "lets": lets_under(request, district, one.control),
    }
    return render(request, "posture/control.html", given)


@district_view()
def state(request: HttpRequest, *, district: Any, control: str, state: str) -> HttpResponse:
    """The subjects that stand in one state under one control."""
    of, one = _judged(district, control)
    if state not in STATES:
        raise Http404
    after, whole, school = key_of(request, "after"), wants_all(request), request.GET.get("school")
    rows = None
    with suppress(TooSlow):
        rows = rows_in_state(
            district=district, of=of, control=one.control, state=state, after=after, whole=whole, school=school
        )
    if rows is not None:
        record_pupils(request, rows, action="list subjects", subject=f"{control}/{state}")
    given = {
        "known": one.control.id in shelf(),
        "judgement": of,
        "result": one,
        "state": state,
        "states": [(word, one.numbers.of(word)) for word in STATES],
        "number": one.numbers.of(state),
        "rows": rows,
        "one_school": school is not None,
        "school": school,
        **pages(request, reverse("state", args=[control, state]), rows, after=after),
    }
    return render(request, "posture/state.html", given)


def key_of(request: HttpRequest, name: str) -> int:
    """The key of the row before the page; -1 where it is not given or not a number."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 20 else -1


def wants_all(request: HttpRequest) -> bool:
    """Whether every column of the rows is asked for."""
    return request.GET.get("columns") == "all"


def pages(request: HttpRequest, address: str, rows: Rows | None, *, after: int) -> dict[str, str]:
    """The addresses of the first page and the next, and of this one with more columns or fewer; empty where there is none."""
    kept = {"school": request.GET["school"]} if "school" in request.GET else {}
    whole = kept | ({"columns": "all"} if wants_all(request) else {})
    here = kept | ({"after": after} if after >= 0 else {})
    fewer, more = wants_all(request), rows is not None and rows.more > 0
    return {
        "first": _with(address, whole) if after >= 0 else "",
        "next": "" if rows is None or rows.after is None else _with(address, {"after": rows.after} | whole),
        "more_columns": _with(address, here | {"columns": "all"}) + "#rows" if more else "",
        "fewer_columns": _with(address, here) + "#rows" if fewer else "",
    }


def _with(address: str, asked: dict[str, Any]) -> str:
    return f"{address}?{urlencode(asked)}" if asked else address


def record_pupils(request: HttpRequest, rows: Rows, *, action: str, subject: str) -> None:
    """A list that shows pupils is logged as its question and how many it showed."""
    if rows.pupils:
        visit: Any = request.visit  # type: ignore[attr-defined]
        record(
            district=visit.district,
            at=visit.now,
            actor=visit.actor,
            action=action,
            subject_kind="control",
            subject=subject,
            detail={"pupils": rows.pupils},
        )


def _judged(district: Any, control: str) -> tuple[Judgement, Result]:
    of = judgement(district=district)
    one = result(district=district, of=of, control=control) if of else None
    if of is None or one is None:
        raise Http404
    return of, one


def _by_area(found: Iterable[Result], *, whole: bool) -> list[dict[str, Any]]:
    """Each area with its controls; where it is `whole`, how many have something failing, and the mean of their intervals as a bar."""
    areas: dict[str, list[Result]] = defaultdict(list)
    for one in found:
        areas[one.control.area].append(one)
    return [
        {
            "area": area,
            "lines": [{"result": one, "bar": bar(one.numbers)} for one in inside],
            **(_sum([one for one in inside if one.numbers.population]) if whole else {}),
        }
        for area, inside in sorted(areas.items(), key=lambda pair: area_word(pair[0]))
    ]


def _sum(measured: Sequence[Result]) -> dict[str, Any]:
    if not measured:
        return {}
    stood = met(measured)
    failing = sum(one.numbers.failing > 0 for one in measured)
    return {"controls": len(measured), "failing": failing, "met": stood, "bar": interval(stood.low, stood.high)}


def _fits(one: Result, asked: dict[str, str]) -> bool:
    return (
        asked["severity"] in ("", one.control.severity)
        and asked["area"] in ("", one.control.area)
        and (asked["show"] != "failing" or one.numbers.failing > 0)
        and (asked["show"] != "unknown" or one.numbers.cannot_tell > 0)
    )


urlpatterns = [
    path("posture", posture, name="posture"),
    path("posture/<slug:control>", control, name="control"),
    path("posture/<slug:control>/<slug:state>", state, name="state"),
]
