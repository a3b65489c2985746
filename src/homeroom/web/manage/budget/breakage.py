"""Breakage by model: the share that broke by age, with its interval, and how many break next year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.manage.breakage.loaded_devices import DistrictBreakage, NoAssetList, load_breakage
from homeroom.domain.manage.estimates.breakage import AGES, BrokenShare, ModelBreakage
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.navigation import NavItem

AREA_PAGE = NavItem(order=2, title=gettext_lazy("Breakage"), name="budget-breakage")
MAX_MODELS = 200
REASONS: Mapping[str, Any] = {
    "no model": gettext_lazy("no list has their model"),
    "no first day": gettext_lazy("no list has the day on which they were bought or enrolled"),
    "no day on which it left": gettext_lazy("they left, and no console saw them after their first day"),
}


@district_view(permission="budget.read")
def show_breakage(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the breakage of the models of the loaded devices."""
    breakage = None
    try:
        breakage = load_breakage(district=district, today=request.visit.today)
    except NoAssetList:
        return render(request, "budget/breakage.html", {"breakage": None})
    return render(request, "budget/breakage.html", {"breakage": breakage, **_build_tables(breakage)})


def _build_tables(breakage: DistrictBreakage) -> dict[str, Any]:
    estimated = [model for model in breakage.models if any(share.interval for share in model.by_age)]
    unknown = [model for model in breakage.models if not any(share.interval for share in model.by_age)]
    return {
        "ages": list(AGES),
        "models": [_build_line(model) for model in estimated[:MAX_MODELS]],
        "unknown": [(model, _describe_reason(model.by_age[0].why)) for model in unknown[:MAX_MODELS]],
        "more": max(0, len(estimated) - MAX_MODELS) + max(0, len(unknown) - MAX_MODELS),
        "left_out": [(count, REASONS[reason]) for reason, count in sorted(breakage.left_out.items())],
    }


def _build_line(model: ModelBreakage) -> dict[str, Any]:
    interval = model.expected_interval
    return {
        "model": model.model,
        "devices": model.devices,
        "broken": model.broken,
        "shares": [(share.years, *_format_share(share)) for share in model.by_age],
        "next_year": ""
        if interval is None or model.expected is None
        else gettext("%(expected).0f (%(low).0f to %(high).0f)")
        % {"expected": model.expected, "low": interval.low, "high": interval.high},
    }


def _format_share(share: BrokenShare) -> tuple[str, str]:
    """Return the share, and its interval or why it is unknown."""
    if share.interval is None or share.share is None:
        return "", _describe_reason(share.why)
    ends = {"low": 100 * share.interval.low, "high": 100 * share.interval.high}
    return f"{share.share:.0%}", gettext("%(low).0f to %(high).0f%%") % ends


def _describe_reason(reason: str) -> str:
    if reason.startswith("under 10 breakages"):
        return gettext("fewer than 10 broke")
    return gettext("never watched at that age")


urlpatterns = [path("budget/breakage", show_breakage, name="budget-breakage")]
