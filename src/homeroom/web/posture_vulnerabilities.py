"""Vulnerabilities: what to update first and why, the flaws and devices behind it, ends of support, and what nobody compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.encoding import escape_uri_path

from homeroom.apps.audit.commands import record
from homeroom.apps.districts.stores import store_of
from homeroom.apps.vulnerabilities.behind import Affected, Some, affected, ending, silent
from homeroom.apps.vulnerabilities.queries import MOST, Ending, NothingDerived, Remedy, flaws
from homeroom.apps.vulnerabilities.standing import standing
from homeroom.apps.vulnerabilities.tallies import times
from homeroom.apps.vulnerabilities.terms import days_of
from homeroom.domain.states import Severity
from homeroom.web.access import district_view
from homeroom.web.charts import Piece
from homeroom.web.posture import key_of
from homeroom.web.posture_lives import device_lines, let_stand, lets_of, named_sightings, title_of

PAGE = 25
SHOWS = ("exploited", "update", "none", "excepted")
COLOURS = {"exploited": "fail", "update": "cannot_tell", "none": "not_applicable", "excepted": "excepted"}
OVERDUE = "overdue"
FIRST_ENDINGS = 5


@district_view()
def page(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Every remedy, the heaviest first, with how many close what; one kind or one severity alone where asked."""
    stands = standing(district=district)
    every = stands.remedies if stands else ()
    asked = {name: request.GET.get(name, "") for name in ("show", "severity")}
    fitting = [one for one in every if _fits(one, asked)]
    rows, later = _after(fitting, request.GET.get("after", ""), named=lambda one: one.thing)
    most = max((one.devices for one in every), default=1)
    counted = [(kind, sum(_kind(one) == kind for one in every)) for kind in SHOWS]
    given = {
        "stands": stands,
        "lines": [{"remedy": one, "bar": _share(one.devices, most)} for one in rows],
        "every": len(every),
        "counted": [(kind, COLOURS[kind], count) for kind, count in counted],
        "bar": _pieces([(COLOURS[kind], count) for kind, count in counted]),
        "overdue": sum(bool(one.overdue) for one in every),
        "overdue_colour": COLOURS["exploited"],
        "days": days_of(district=district),
        "times": times(district=district, today=request.visit.today),  # type: ignore[attr-defined]
        "severities": [str(one) for one in Severity],
        "asked": asked,
        "endings": stands.endings[:FIRST_ENDINGS] if stands else (),
        "every_ending": len(stands.endings) if stands else 0,
        "ended": sum(one.ended for one in stands.endings) if stands else 0,
        "away": [(title_of(thing), many) for thing, many in stands.away] if stands else [],
        "silent": sum(one.installs for one in stands.unmatched) if stands else 0,
        **_turning(request, later=later),
    }
    return render(request, "posture/vulnerabilities.html", given)


@district_view()
def one_remedy(request: HttpRequest, thing: str, *, district: Any) -> HttpResponse:
    """One thing to do: the flaws that it closes and the devices that have them."""
    found = remedy_of(district, thing)
    ranked = flaws(store=store_of(district=district), thing=thing, limit=MOST)
    devices = affected(store=store_of(district=district), thing=thing, after=key_of(request, "device"))
    lets = lets_of(request, district, [(thing, one.cve) for one in ranked])
    lines = device_lines(district, thing, devices, lets=lets, cves={one.cve for one in ranked})
    rows, later = _after(ranked, request.GET.get("after", ""), named=lambda one: one.cve)
    record_pupils(request, devices, subject=thing)
    given = {
        "remedy": found,
        "flaws": [{"one": one, "let": let_stand(lets, thing, one.cve)} for one in rows],
        "lets": lets,
        "lines": lines,
        "lived": True,
        "suppress_url": f"{reverse('suppress')}?{urlencode({'thing': thing})}",
        "all_flaws": len(ranked),
        "devices": devices,
        **_turning(request, later=later),
        **_turning_devices(request, devices),
    }
    return render(request, "posture/vulnerabilities_remedy.html", given)


@district_view()
def one_flaw(request: HttpRequest, cve: str, *, district: Any) -> HttpResponse:
    """One flaw in everything that has it: how bad, who says so, what closes it, and on which devices it is."""
    try:
        found = flaws(store=store_of(district=district), cve=cve, limit=MOST)
        devices = affected(store=store_of(district=district), cve=cve, after=key_of(request, "device"))
    except NothingDerived:
        raise Http404 from None
    if not found:
        raise Http404
    record_pupils(request, devices, subject=cve)
    given = {
        "cve": cve,
        "flaw": found[0],
        "things": found,
        "devices": devices,
        "lines": [{"one": one} for one in devices.rows],
        "suppress_url": f"{reverse('suppress')}?{urlencode({'cve': cve})}",
        "lets": lets_of(request, district, [(one.thing, cve) for one in found]),
        "sightings": named_sightings(district, cve, {one.thing: one.title for one in found}),
        **_turning_devices(request, devices),
    }
    return render(request, "posture/vulnerabilities_flaw.html", given)


@district_view()
def ends(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Every end of support that passed or will come, the earliest first; or the one that is asked for, with its devices."""
    if "of" in request.GET:
        return _one_ending(request, district)
    stands = standing(district=district)
    every = stands.endings if stands else ()
    rows, later = _after(every, request.GET.get("after", ""), named=lambda one: " ".join(_ending(one)))
    given = {"stands": stands, "lines": rows, "every": len(every), "ended": sum(one.ended for one in every)}
    return render(request, "posture/vulnerabilities_endings.html", {**given, **_turning(request, later=later)})


def _one_ending(request: HttpRequest, district: Any) -> HttpResponse:
    """One end of support, which the question names by what it is about, its release, its first day and longer support; with its devices."""
    asked = tuple(request.GET.get(name, "") for name in ("of", "release", "day", "longer"))
    stands = standing(district=district)
    found = next((one for one in stands.endings if _ending(one) == asked), None) if stands else None
    if found is None:
        raise Http404
    devices = ending(store=store_of(district=district), of=found, after=key_of(request, "device"))
    record_pupils(request, devices, subject=" ".join(asked).strip())
    given = {
        "ending": found,
        "devices": devices,
        "lines": [{"one": one} for one in devices.rows],
        **_turning_devices(request, devices),
    }
    return render(request, "posture/vulnerabilities_ending.html", given)


@district_view()
def not_compared(request: HttpRequest, *, district: Any) -> HttpResponse:
    """How much software was compared with nothing and why; the names for one reason where asked."""
    reason = request.GET.get("reason", "")
    try:
        stands = standing(district=district)
        names = silent(store=store_of(district=district), reason=reason, after=max(0, key_of(request, "after")))
    except NothingDerived:
        stands, names = None, Some(rows=(), after=None)
    every = stands.unmatched if stands else ()
    most = max((one.installs for one in every), default=1)
    given = {
        "stands": stands,
        "lines": [{"one": one, "bar": _share(one.installs, most)} for one in every],
        "reason": reason,
        "names": names.rows,
        **_turning(request, later=None if names.after is None else str(names.after)),
    }
    return render(request, "posture/vulnerabilities_unmatched.html", given)


def remedy_of(district: Any, thing: str) -> Remedy:
    """One remedy of the newest snapshot; there is nothing (404) where it has none. Raises TooSlow."""
    stands = standing(district=district)
    found = next((one for one in stands.remedies if one.thing == thing), None) if stands else None
    if found is None:
        raise Http404
    return found


def _ending(one: Ending) -> tuple[str, ...]:
    """What names an end of support."""
    return (one.thing, one.cycle, one.ends_on.isoformat() if one.ends_on else "", one.longer)


def record_pupils(request: HttpRequest, devices: Some[Affected], *, subject: str) -> None:
    """A list that shows pupils' devices is logged as its question and how many it showed."""
    pupils = sum(one.holder_kind == "student" for one in devices.rows)
    if pupils:
        visit: Any = request.visit  # type: ignore[attr-defined]
        record(
            district=visit.district,
            at=visit.now,
            actor=visit.actor,
            action="list vulnerable devices",
            subject_kind="vulnerability",
            subject=subject[:80],
            detail={"pupils": pupils},
        )


def _kind(one: Remedy) -> str:
    """Which of SHOWS a remedy is counted as: what is excepted whole, then what is known to be exploited before all else."""
    if not one.devices and one.excepted:
        return "excepted"
    return "exploited" if one.exploited else "update" if one.closes else "none"


def _fits(one: Remedy, asked: dict[str, str]) -> bool:
    shown = bool(one.overdue) if asked["show"] == OVERDUE else asked["show"] in ("", _kind(one))
    return shown and asked["severity"] in ("", one.worst)


def _after[T](rows: Sequence[T], key: str, *, named: Callable[[T], str]) -> tuple[list[T], str | None]:
    """A page of the rows that come after the one of that key, and the key of the next page; from the top for a key that none has."""
    begin = next((place for place, one in enumerate(rows, 1) if key and named(one) == key), 0)
    shown = list(rows[begin : begin + PAGE])
    return shown, named(shown[-1]) if begin + PAGE < len(rows) else None


def _share(count: int, most: int) -> tuple[Piece, ...]:
    """One count as a bar beside the greatest of its list."""
    return (Piece(state="fail", x=0, width=max(1.0, round(100 * count / max(1, most), 2))),)


def _pieces(counts: Sequence[tuple[str, int]]) -> tuple[Piece, ...]:
    total, x, made = sum(count for _, count in counts) or 1, 0.0, []
    for state, count in counts:
        if count:
            made.append(Piece(state=state, x=round(x, 2), width=round(100 * count / total, 2)))
        x += 100 * count / total
    return tuple(made)


def _turning(request: HttpRequest, *, later: str | None) -> dict[str, str]:
    """The addresses of the first page and the next, with all else that was asked."""
    return {
        "first": _with(request, after="") if request.GET.get("after") else "",
        "next": "" if later is None else _with(request, after=later),
    }


def _turning_devices(request: HttpRequest, devices: Some[Affected]) -> dict[str, str]:
    """The same for the list of devices, which a page has beside another."""
    return {
        "first_devices": _with(request, device="") + "#devices" if request.GET.get("device") else "",
        "next_devices": "" if devices.after is None else _with(request, device=str(devices.after)) + "#devices",
    }


def _with(request: HttpRequest, **changed: str) -> str:
    """This page's address with some of what was asked changed, or left out where it is empty."""
    asked: dict[str, Any] = {**request.GET.dict(), **changed}
    rest = urlencode({name: value for name, value in asked.items() if value})
    return escape_uri_path(request.path) + (f"?{rest}" if rest else "")


urlpatterns = [
    path("vulnerabilities", page, name="vulnerabilities"),
    path("vulnerabilities/endings", ends, name="endings"),
    path("vulnerabilities/unmatched", not_compared, name="unmatched"),
    path("vulnerabilities/remedies/<path:thing>", one_remedy, name="remedy"),
    path("vulnerabilities/flaws/<path:cve>", one_flaw, name="flaw"),
]
