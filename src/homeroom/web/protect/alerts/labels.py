"""Words of the incident pages: states, moments, entities, phases of tasks."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy

from homeroom.domain.protect.detections.alerts import EntityKind
from homeroom.domain.protect.incidents.records import IncidentState, Moment
from homeroom.engines.protect.incidents.figures import Figure

STATES = {
    IncidentState.PROPOSED: gettext_lazy("Proposed"),
    IncidentState.OPEN: gettext_lazy("Open"),
    IncidentState.CONTAINED: gettext_lazy("Contained"),
    IncidentState.CLOSED: gettext_lazy("Closed"),
}
MOMENTS = {
    Moment.FIRST_EVENT: gettext_lazy("First event"),
    Moment.DETECTED: gettext_lazy("Detected"),
    Moment.ACKNOWLEDGED: gettext_lazy("Acknowledged"),
    Moment.CONTAINED: gettext_lazy("Contained"),
    Moment.CLOSED: gettext_lazy("Closed"),
}
ENTITIES = {
    EntityKind.ACCOUNT: gettext_lazy("Accounts"),
    EntityKind.DEVICE: gettext_lazy("Devices"),
    EntityKind.HOST: gettext_lazy("Computers"),
    EntityKind.APP: gettext_lazy("Apps"),
    EntityKind.FILE: gettext_lazy("Files"),
    EntityKind.ADDRESS: gettext_lazy("Addresses"),
}
PHASES = {"first_hour": gettext_lazy("The first hour"), "after": gettext_lazy("After that")}
TASK_STATES = {
    "open": gettext_lazy("Open"),
    "done": gettext_lazy("Done"),
    "not_applicable": gettext_lazy("Does not apply"),
}


def format_figure(figure: Figure) -> str:
    """Format a median and its number: 2 h 5 min (n=3)."""
    if figure.seconds is None:
        return gettext("unknown")
    hours, rest = divmod(max(1, round(figure.seconds / 60)), 60)
    days, hours = divmod(hours, 24)
    parts = ((days, gettext("d")), (hours, gettext("h")), (rest, gettext("min")))
    span = " ".join(f"{amount}\N{NO-BREAK SPACE}{unit}" for amount, unit in parts if amount)
    return gettext("%(span)s (n=%(n)d)") % {"span": span, "n": figure.n}
