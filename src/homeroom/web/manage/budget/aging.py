"""Aging by school: devices and network gear in support, what breaks first, and what devices cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.manage.budget.aging import DistrictAging, load_aging
from homeroom.apps.manage.budget.aging_rows import NothingResolved
from homeroom.domain.manage.aging.ownership import CostPart, OwnershipPart
from homeroom.domain.manage.aging.schools import MissingItem, NetworkGear, SchoolAging, ShownCount
from homeroom.domain.platform.district import District
from homeroom.web.manage.budget.labels import format_number, get_kind_label
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.navigation import NavItem

AREA_PAGE = NavItem(order=3, title=gettext_lazy("Aging"), name="budget-aging")
MAX_MODELS = 200
SCENARIOS: Mapping[str, Any] = {
    "testing": gettext_lazy("If testing moves online"),
    "more students": gettext_lazy("If 5% more students come"),
}
ITEMS: Mapping[str, Any] = {
    "devices": gettext_lazy("Devices"),
    "switch": gettext_lazy("Switches"),
    "access_point": gettext_lazy("Access points"),
    "megabits": gettext_lazy("Megabits"),
}
PARTS: Mapping[CostPart, Any] = {
    CostPart.PRICE: gettext_lazy("Price"),
    CostPart.REPAIRS: gettext_lazy("Repairs so far"),
    CostPart.LICENSES: gettext_lazy("Licenses a year"),
    CostPart.MINUTES: gettext_lazy("Minutes of a visit"),
}
REASONS: Mapping[str, Any] = {
    "fewer than ten": gettext_lazy("fewer than ten students or staff are not counted here"),
    "no roster lists students of this school": gettext_lazy("no roster lists students of this school"),
    "no roster lists staff of this school": gettext_lazy("no roster lists staff of this school"),
    "no list has the megabits of its line": gettext_lazy("no list has the megabits of its line"),
    "no list has any of this school": gettext_lazy("no list has any of this school"),
}


@district_view(permission="budget.read")
def show_aging(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the aging of each school, and the cost of ownership."""
    try:
        aging = load_aging(district=district, today=request.visit.today)
    except NothingResolved:
        return render(request, "budget/aging.html", {"aging": None})
    return render(request, "budget/aging.html", {"aging": aging, **_build_tables(aging)})


def _build_tables(aging: DistrictAging) -> dict[str, Any]:
    models = aging.ownership.models
    return {
        "schools": [_build_school(item) for item in aging.schools],
        "scenarios": [(title, _build_scenario(aging.schools, name)) for name, title in SCENARIOS.items()],
        "unknown": _list_unknown(aging.schools),
        "part_titles": list(PARTS.values()),
        "models": [
            (get_kind_label(model.kind), model.model, model.devices, _build_parts(model.parts))
            for model in models[:MAX_MODELS]
        ],
        "more_models": max(0, len(models) - MAX_MODELS),
        "per_student": _build_parts(aging.ownership.per_student),
    }


def _build_school(item: SchoolAging) -> dict[str, Any]:
    devices = item.devices
    return {
        "name": item.school,
        "students": _format_count(item.students),
        "in_support": devices.in_support,
        "per_student": _format_ratio(devices.per_student),
        "spare": devices.spare,
        "spare_per_student": _format_ratio(devices.spare_per_student),
        "past_support": devices.past_support,
        "unknown": devices.unknown,
        "gear": [(ITEMS[kind], _format_gear(gear)) for kind, gear in item.gear.items()],
        "megabits": format_number(item.line.megabits),
        "needed": format_number(item.line.needed),
    }


def _build_scenario(schools: Sequence[SchoolAging], name: str) -> list[dict[str, Any]]:
    lines = []
    for item in schools:
        parts = [part for part in item.missing if part.scenario == name]
        first = item.first[name]
        lines.append(
            {
                "school": item.school,
                "cells": [(ITEMS[part.item], _format_missing(part)) for part in parts],
                "first": ITEMS[first] if first else "",
            }
        )
    return lines


def _list_unknown(schools: Sequence[SchoolAging]) -> list[tuple[str, list[str]]]:
    """Return by reason the schools where it makes something unknown."""
    by_reason: dict[str, dict[str, None]] = {}
    for item in schools:
        for part in item.missing:
            if part.missing is None:
                reason = f"{ITEMS[part.item]}: {REASONS.get(part.why, part.why)}"
                by_reason.setdefault(reason, {})[item.school] = None
    return [(reason, list(names)) for reason, names in sorted(by_reason.items())]


def _build_parts(parts: Sequence[OwnershipPart]) -> list[tuple[Any, list[str], str]]:
    """Return title, amounts and a note for each part, in the order of PARTS."""
    cells = []
    for kind, title in PARTS.items():
        own = [part for part in parts if part.part is kind]
        amounts = [_format_amount(part) for part in own if part.amount is not None]
        notes = [_describe_part(part) for part in own[:1]]
        cells.append((title, amounts, " ".join(note for note in notes if note)))
    return cells


def _format_amount(part: OwnershipPart) -> str:
    amount = float(part.amount or 0)
    if part.part is CostPart.MINUTES:
        return f"{amount:,.0f}"
    return f"${amount / 100:,.2f}" if part.currency == "USD" else f"{amount / 100:,.2f} {part.currency}"


def _describe_part(part: OwnershipPart) -> str:
    if part.amount is None:
        return gettext("not recorded")
    if part.recorded < part.of and part.part is not CostPart.REPAIRS:
        return gettext("recorded for %(recorded)s of %(of)s") % {
            "recorded": f"{part.recorded:,}",
            "of": f"{part.of:,}",
        }
    return ""


def _format_count(shown: ShownCount) -> str:
    if shown.count is not None:
        return f"{shown.count:,}"
    return gettext("fewer than ten") if shown.why == "fewer than ten" else gettext("Unknown")


def _format_ratio(ratio: Fraction | None) -> str:
    return "–" if ratio is None else f"{float(ratio):.2f}"


def _format_gear(gear: NetworkGear) -> str:
    if not gear.total:
        return "–"
    text = gettext("%(past)s of %(total)s") % {"past": f"{gear.past_support:,}", "total": f"{gear.total:,}"}
    if gear.unknown:
        text += gettext(", %(unknown)s unknown") % {"unknown": f"{gear.unknown:,}"}
    return text


def _format_missing(part: MissingItem) -> str:
    if part.missing is None:
        return gettext("Unknown")
    return f"{part.missing:,}"


urlpatterns = [path("budget/aging", show_aging, name="budget-aging")]
