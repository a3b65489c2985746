"""The devices of a rollout: those that its product blocks, with the remedy, and those that lack a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.manage.rollouts.compatibility import (
    CompatibilityView,
    DeviceGroup,
    get_needs_title,
    judge_devices,
    list_known_products,
    set_product,
)
from homeroom.apps.manage.rollouts.queries import RolloutView
from homeroom.domain.platform.district import District
from homeroom.engines.manage.compatibility.judge import Reason, Verdict
from homeroom.web.manage.rollouts.command_messages import run_command
from homeroom.web.manage.rollouts.labels import get_rollout_or_404
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file
from homeroom.web.shared.downloads import record_download
from homeroom.web.shared.inventory_labels import format_field_value

MAX_NAMED = 40
REASONS: Mapping[Reason, Any] = {
    Reason.NO_PLATFORM: gettext_lazy("It does not run on their system"),
    Reason.OLD_SYSTEM: gettext_lazy("Their system is too old"),
    Reason.NO_UPDATES: gettext_lazy("Their updates end too early"),
    Reason.UNKNOWN_PLATFORM: gettext_lazy("Their system is not known"),
    Reason.UNKNOWN_VERSION: gettext_lazy("The version of their system is not known"),
    Reason.UNKNOWN_EXPIRY: gettext_lazy("The end of their updates is not known"),
    Reason.UNKNOWN_MEMORY: gettext_lazy("Their memory is not known"),
    Reason.UNKNOWN_DISK: gettext_lazy("The size of their disk is not known"),
    Reason.UNKNOWN_ARCHITECTURE: gettext_lazy("Their processor is not known"),
    Reason.UNKNOWN_NEEDS: gettext_lazy("What it needs on their system is not known"),
    Reason.OLD_NEEDS: gettext_lazy("What is known of the product’s needs is old"),
}
REMEDIES: Mapping[Reason, Any] = {
    Reason.NO_PLATFORM: gettext_lazy("Leave them out, or use other devices."),
    Reason.OLD_SYSTEM: gettext_lazy("Update their system before the rollout; replace those that cannot be updated."),
    Reason.NO_UPDATES: gettext_lazy("Replace them."),
    Reason.UNKNOWN_PLATFORM: gettext_lazy("A console that manages them would tell: Google, Intune, Jamf or Mosyle."),
    Reason.UNKNOWN_VERSION: gettext_lazy("A console that manages them would tell: Google, Intune, Jamf or Mosyle."),
    Reason.UNKNOWN_EXPIRY: gettext_lazy("The list of ChromeOS devices of the Google Admin console would tell."),
    Reason.UNKNOWN_MEMORY: gettext_lazy("No source of Homeroom has it; look at one device of each model."),
    Reason.UNKNOWN_DISK: gettext_lazy("No source of Homeroom has it; look at one device of each model."),
    Reason.UNKNOWN_ARCHITECTURE: gettext_lazy("No source of Homeroom has it; look at one device of each model."),
    Reason.UNKNOWN_NEEDS: gettext_lazy("The maker’s page would tell."),
    Reason.OLD_NEEDS: gettext_lazy("They pass what the maker asked for then; the maker’s page tells what it is now."),
}
HEADER = (
    "device", "school", "kind", "model", "platform", "os version", "updates end", "verdict", "reasons",
)  # fmt: skip


@district_view(permission="rollouts.read", change="rollouts.change", methods=("GET", "POST"))
def show_devices(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show the devices in the rollout's schools by what its product needs; posting names the product."""
    rollout = get_rollout_or_404(district, public)
    if request.method == "POST":
        _set_product(request, district, public)
        return redirect("rollout-devices", public=public)
    view = _judge(request, district, rollout)
    context = {
        "rollout": rollout,
        "view": view,
        "title": get_needs_title(view.product) if view.product else "",
        "products": [(item.id, get_needs_title(item)) for item in list_known_products()],
        "blocked": [_describe_group(group) for group in view.blocked_groups],
        "unknown": [_describe_group(group) for group in view.unknown_groups],
        "is_current": bool(view.product and view.product.needs and view.product.needs.is_current(request.visit.today)),
    }
    return render(request, "rollouts/devices.html", context)


def _judge(request: DistrictRequest, district: District, rollout: RolloutView) -> CompatibilityView:
    return judge_devices(district=district, public=rollout.public, rules=rollout.rules, today=request.visit.today)


def _describe_group(group: DeviceGroup) -> dict[str, Any]:
    named = [device.name or f"#{device.id}" for device in group.devices]
    shown: dict[str, Any] = {
        "reason": REASONS[group.reason],
        "remedy": REMEDIES[group.reason],
        "kind": format_field_value("kind", group.kind),
        "count": len(named),
        "named": named[:MAX_NAMED],
        "more": max(0, len(named) - MAX_NAMED),
    }
    if group.price and group.reason is Reason.NO_UPDATES:
        shown |= {
            "each": format_field_value("cost_minor", group.price.cost_minor),
            "all": format_field_value("cost_minor", group.cost_minor),
            "currency": group.price.currency,
            "on": group.price.on,
        }
    return shown


def _set_product(request: DistrictRequest, district: District, public: str) -> None:
    visit, form = request.visit, request.POST
    try:
        until = date.fromisoformat(form.get("until", ""))
    except ValueError:
        messages.error(request, gettext("A day would fit, such as 2026-06-05."), extra_tags="bad")
        return
    run_command(
        request,
        lambda: set_product(
            district=district,
            public=public,
            product=form.get("product", ""),
            until=until,
            actor=visit.actor,
            at=visit.now,
        ),
    )


@district_view(permission="rollouts.read")
def export_devices(request: DistrictRequest, *, district: District, public: str) -> HttpResponseBase:
    """Return the devices with their verdicts as CSV, blocked ones first."""
    rollout = get_rollout_or_404(district, public)
    file = write_csv_file(_iter_rows(_judge(request, district, rollout)))
    name = f"rollout-devices-{request.visit.today.isoformat()}.csv"
    record_download(request, "export rollout devices", subject_kind="rollout", subject=public)
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def _iter_rows(view: CompatibilityView) -> Iterator[tuple[Any, ...]]:
    yield HEADER
    order = [Verdict.BLOCKED, Verdict.UNKNOWN, Verdict.FITS]
    for item in sorted(view.verdicts, key=lambda item: order.index(item.verdict)):
        device = item.device
        yield (
            device.name,
            device.school,
            device.kind,
            device.model,
            device.platform,
            device.os_version,
            device.expires_on.isoformat() if device.expires_on else "",
            "cannot tell" if item.verdict is Verdict.UNKNOWN else str(item.verdict),
            "; ".join(str(REASONS[reason]) for reason in item.reasons),
        )


urlpatterns = [
    path("rollouts/<str:public>/devices", show_devices, name="rollout-devices"),
    path("rollouts/<str:public>/devices.csv", export_devices, name="rollout-devices-csv"),
]
