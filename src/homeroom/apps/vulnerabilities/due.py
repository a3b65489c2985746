"""By when each device of a page is to have closed its flaws of one thing: the day that the review counts by, device by device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from homeroom.apps.vulnerabilities.behind import Affected
from homeroom.apps.vulnerabilities.models import Gap, Release, Reviewed
from homeroom.apps.vulnerabilities.queries import newest_of
from homeroom.apps.vulnerabilities.terms import days_of
from homeroom.domain.excepting import Suppression
from homeroom.engines.vulnerabilities.gaps import UNRATED
from homeroom.evidence.by_device import on_devices
from homeroom.evidence.by_word import by_word
from homeroom.evidence.store import Store
from homeroom.evidence.tables.vulnerabilities import VULNERABILITIES, VULNERABLE_INSTALLS

_Same = tuple[str, str | None, date | None]
"""Of flaws of one item that fall due together: the version that closes them, their severity, and the day of a catalogue."""


def due_days(
    *, district: Any, store: Store, thing: str, devices: Sequence[Affected], lets: Sequence[Suppression]
) -> Mapping[int, date]:
    """By device, the earliest day among its flaws of that thing that nobody let stand there; those without one are missing.

    The day of a catalogue of exploited flaws, else the days of the severity from the first day on which that device was known to
    lack the remedy. Raises NothingDerived and TooSlow.
    """
    by_id = {one.id: one for one in devices}
    if not by_id:
        return {}
    snapshot = newest_of(store).id
    flaws = _flaws(store, snapshot, thing)
    installs = on_devices(store, derived=snapshot, table=VULNERABLE_INSTALLS.name).of(list(by_id), ("item",))
    known, days = _since(district, thing, list(by_id)), days_of(district=district)
    due: dict[int, date] = {}
    for device, item in installs:
        for (fix, severity, named), cves in flaws.get(item, {}).items():
            since = known.get((device, fix))
            if since is None or all(_let(by_id[device], thing, cve, lets) for cve in cves):
                continue
            day = named or since + timedelta(days=days[severity or UNRATED])
            due[device] = min(day, due.get(device, day))
    return due


def _flaws(store: Store, snapshot: str, thing: str) -> Mapping[int, Mapping[_Same, list[str]]]:
    """By item of that thing, its flaws by what makes them due."""
    rows = by_word(store, derived=snapshot, table=VULNERABILITIES.name)
    columns = ("item", "cve", "fixed_in", "severity", "exploited", "due_on")
    found: dict[int, dict[_Same, list[str]]] = {}
    for item, cve, fix, severity, exploited, due_on in rows.cells(rows.where("thing", thing), columns):
        same = (fix or "", severity, due_on if exploited else None)
        found.setdefault(item, {}).setdefault(same, []).append(cve)
    return found


def _let(one: Affected, thing: str, cve: str, lets: Sequence[Suppression]) -> bool:
    about = {"school": one.school or "", "unit": one.org_unit or "", "cart": one.cart or "", "kind": one.kind}
    return any(each.speaks_of(thing=thing, cve=cve) and each.holds_for(device=one.id, **about) for each in lets)


def _since(district: Any, thing: str, devices: Sequence[int]) -> dict[tuple[int, str], date]:
    """(device, fix): since when the device lacks the remedy of which that version is a release, in the published review."""
    number = Reviewed.objects.filter(district=district).values_list("review", flat=True).first() or 0
    releases = list(Release.objects.of(district).filter(thing=thing).values_list("remedy_id", "fix"))
    gaps = Gap.objects.of(district).filter(device__in=devices)
    open_now = {
        (device, remedy): since
        for device, remedy, since, opened, closed in gaps.values_list(
            "device", "remedy_id", "since", "opened", "closed"
        )
        if opened <= number and (closed is None or closed > number)
    }
    return {
        (device, fix): open_now[device, remedy]
        for remedy, fix in releases
        for device in devices
        if (device, remedy) in open_now
    }
