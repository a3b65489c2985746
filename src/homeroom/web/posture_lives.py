"""The life of flaws on pages: since when a device lacks a remedy, what of it is let stand, and when a flaw was here before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from homeroom.apps.districts.stores import store_of
from homeroom.apps.vulnerabilities.behind import Affected, Some
from homeroom.apps.vulnerabilities.due import due_days
from homeroom.apps.vulnerabilities.excepted import suppressions
from homeroom.apps.vulnerabilities.tallies import lives, sightings
from homeroom.domain.controls import Control
from homeroom.domain.excepting import Scope, Suppression
from homeroom.engines.posture.questions import by_flaws
from homeroom.library.software import products


def lets_of(request: HttpRequest, district: Any, flaws: Iterable[tuple[str, str]]) -> list[Suppression]:
    """What is let stand today of these flaws (thing, cve), on whatever devices."""
    every = suppressions(district=district, today=request.visit.today)  # type: ignore[attr-defined]
    named = list(flaws)
    return [one for one in every if any(one.speaks_of(thing=thing, cve=cve) for thing, cve in named)]


def let_stand(lets: Iterable[Suppression], thing: str, cve: str) -> str:
    """Whether a flaw is let stand on `all` devices or on `some`; empty where it is on none."""
    scopes = {one.scope for one in lets if one.speaks_of(thing=thing, cve=cve)}
    return "all" if Scope.EVERYWHERE in scopes else "some" if scopes else ""


def device_lines(
    district: Any, thing: str, devices: Some[Affected], *, lets: list[Suppression], cves: set[str]
) -> list[dict[str, Any]]:
    """Each device with its life under a remedy, its day, and whether `all` or `some` of its flaws are let stand there. Raises TooSlow."""
    due = due_days(district=district, store=store_of(district=district), thing=thing, devices=devices.rows, lets=lets)
    known = lives(district=district, thing=thing, devices=[one.id for one in devices.rows])
    lines = []
    for one in devices.rows:
        about = {"school": one.school or "", "unit": one.org_unit or "", "cart": one.cart or "", "kind": one.kind}
        here = [each for each in lets if each.holds_for(device=one.id, **about)]
        let = {cve for cve in cves if any(each.speaks_of(thing=thing, cve=cve) for each in here)}
        state = "all" if cves and let == cves else "some" if let else ""
        lines.append({"one": one, "life": known.get(one.id), "due": due.get(one.id), "let": state})
    return lines


def named_sightings(district: Any, cve: str, titles: dict[str, str]) -> list[tuple[str, date, date | None]]:
    """Each time a flaw was here: (what people call the thing, since, until)."""
    told = sightings(district=district, cve=cve)
    return [(titles.get(thing) or title_of(thing), since, until) for thing, since, until in told]


def title_of(thing: str) -> str:
    """What people call a thing that no snapshot names any more: the product's title, or the thing itself."""
    return next((one.title for one in products() if one.id == thing.split("@")[0]), thing)


def lets_under(request: HttpRequest, district: Any, control: Control) -> list[dict[str, Any]]:
    """What is let stand today, where the control asks about flaws: a device that fails by those alone is excepted."""
    if not by_flaws(control):
        return []
    return [line_of(one) for one in suppressions(district=district, today=request.visit.today)]  # type: ignore[attr-defined]


def line_of(one: Suppression) -> dict[str, Any]:
    """A suppression with what it is about in words, and where that stands."""
    return {"let": one, "title": one.cve or title_of(one.thing), "url": page_of(one.thing, one.cve)}


def page_of(thing: str, cve: str) -> str:
    """The page of what is suppressed."""
    return reverse("flaw", args=[cve]) if cve else reverse("remedy", args=[thing])
