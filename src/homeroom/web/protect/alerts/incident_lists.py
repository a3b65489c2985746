"""All lines of an incident's timeline, all its alerts and all that they name, page by page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from homeroom.apps.protect.incidents.incident_page import PAGE, CasePage, list_alert_page, list_timeline_page
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.alerts import Entity, EntityKind
from homeroom.library.protect.remedies import load_containment_actions
from homeroom.web.protect.alerts.labels import ENTITIES
from homeroom.web.protect.alerts.list_paging import build_paging, parse_start
from homeroom.web.shared.access import DistrictRequest

LISTS = {
    "timeline": gettext_lazy("Timeline"),
    "alerts": gettext_lazy("Alerts"),
    "named": gettext_lazy("Named by the alerts"),
}
"""By the value of `show` in the address: the heading of the list."""


def build_list_context(request: DistrictRequest, *, district: District, page: CasePage, shown: str) -> dict[str, Any]:
    """Return what a page of one of the lists shows."""
    after = parse_start(request)
    rows, has_more = _read_rows(district, page, shown, after)
    url = f"{reverse('incident', kwargs={'public': page.incident.id})}?show={shown}"
    named = [row for row in rows if isinstance(row, Entity)]
    return {
        "incident": page.incident,
        "shown": shown,
        "heading": LISTS[shown],
        "lines": rows if shown == "timeline" else (),
        "alerts": rows if shown == "alerts" else (),
        "named": [(entity, ENTITIES[entity.kind]) for entity in named],
        "accounts": _filter_accounts(named),
        "actions": load_containment_actions().values(),
        "alerts_total": page.alerts_total,
        "may": request.visit.may_change and page.incident.is_active,
        **build_paging(
            lambda start: f"{url}&after={start}" if start else url,
            after=after,
            lines=len(rows),
            size=PAGE,
            has_more=has_more,
        ),
    }


def list_accounts(page: CasePage) -> list[Entity]:
    """Return the accounts that may be contained: those that the alerts name by an address."""
    return _filter_accounts(page.parties.entities)


def _filter_accounts(entities: Iterable[Entity]) -> list[Entity]:
    return [entity for entity in entities if entity.kind == EntityKind.ACCOUNT and "@" in entity.name]


def _read_rows(district: District, page: CasePage, shown: str, after: int) -> tuple[tuple[Any, ...], bool]:
    """Return the rows of a page, and whether more follow."""
    if shown == "timeline":
        timeline = list_timeline_page(district=district, page=page, after=after)
        return timeline.lines, timeline.has_more
    if shown == "alerts":
        alerts = list_alert_page(district=district, page=page, after=after)
        return alerts.alerts, alerts.has_more
    kinds = list(ENTITIES)
    entities = sorted(page.parties.entities, key=lambda entity: kinds.index(entity.kind))
    return tuple(entities[after : after + PAGE]), len(entities) > after + PAGE
