"""Permissions: what each role may do in the district, and what the director grants beside that."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.platform.districts.queries import ROLES
from homeroom.apps.platform.permissions.commands import GrantRefused, grant_permission, revoke_permission
from homeroom.apps.platform.permissions.queries import PermissionLine, list_permission_lines
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.roles import ROLE_NAMES
from homeroom.web.shared.access import DistrictRequest, district_view

AREAS = {
    "own": gettext_lazy("Own pages"),
    "outbox": gettext_lazy("Own pages"),
    "today": gettext_lazy("Today and the plan"),
    "plan": gettext_lazy("Today and the plan"),
    "sources": gettext_lazy("Sources"),
    "consoles": gettext_lazy("Sources"),
    "agents": gettext_lazy("Sources"),
    "setup": gettext_lazy("Sources"),
    "inventory": gettext_lazy("Inventory"),
    "students": gettext_lazy("Inventory"),
    "posture": gettext_lazy("Posture and fixes"),
    "attestations": gettext_lazy("Posture and fixes"),
    "vulnerabilities": gettext_lazy("Posture and fixes"),
    "fixes": gettext_lazy("Posture and fixes"),
    "alerts": gettext_lazy("Alerts and incidents"),
    "canaries": gettext_lazy("Alerts and incidents"),
    "incidents": gettext_lazy("Alerts and incidents"),
    "rollouts": gettext_lazy("Rollouts, budget and tools"),
    "budget": gettext_lazy("Rollouts, budget and tools"),
    "tools": gettext_lazy("Rollouts, budget and tools"),
    "tool_requests": gettext_lazy("Rollouts, budget and tools"),
    "duties": gettext_lazy("Laws and privacy"),
    "privacy": gettext_lazy("Laws and privacy"),
    "awareness": gettext_lazy("Awareness"),
    "staff_sign_in": gettext_lazy("Awareness"),
    "reports": gettext_lazy("Reports and the audit trail"),
    "audit": gettext_lazy("Reports and the audit trail"),
}
OTHER_AREA = gettext_lazy("Users and settings")


@district_view(permission="permissions.read", change="permissions.grant", methods=("GET", "POST"))
def show_permissions(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the table of permissions; a director grants and revokes what can be granted."""
    if request.method == "POST":
        return _change_grant(request, district)
    lines = list_permission_lines(district=district)
    context = {
        "roles": [(name, ROLES[name]) for name in ROLE_NAMES],
        "groups": _group_by_area(lines),
        "grantable": [
            (line, cell, gettext(line.permission.title), ROLES[cell.role])
            for line in lines
            for cell in line.cells
            if cell.is_grantable
        ],
    }
    return render(request, "permissions/permissions.html", context)


def _change_grant(request: DistrictRequest, district: District) -> HttpResponse:
    visit = request.visit
    role, permission, act = (request.POST.get(name, "") for name in ("role", "permission", "act"))
    change = {"grant": grant_permission, "revoke": revoke_permission}.get(act)
    if change is None:
        raise BadRequest("act is neither grant nor revoke")
    try:
        change(district=district, role=role, permission=permission, actor=visit.actor, at=visit.now)
    except GrantRefused as error:
        raise BadRequest(str(error)) from error
    text = gettext("Granted.") if act == "grant" else gettext("Revoked.")
    messages.success(request, text, extra_tags="good")
    return redirect("permissions")


def _group_by_area(lines: tuple[PermissionLine, ...]) -> list[tuple[str, list[tuple[str, PermissionLine]]]]:
    """Return (area, [(title, line)]) in the order of the table."""
    groups: dict[str, list[tuple[str, PermissionLine]]] = {}
    for line in lines:
        area = AREAS.get(line.permission.name.partition(".")[0], OTHER_AREA)
        groups.setdefault(str(area), []).append((gettext(line.permission.title), line))
    return list(groups.items())


urlpatterns = [path("settings/permissions", show_permissions, name="permissions")]
