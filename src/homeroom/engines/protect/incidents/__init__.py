"""Incidents proposed from alerts, their timelines, and the figures of a month's report."""

from homeroom.engines.protect.incidents.figures import IncidentMoments, MonthFigures, compute_month_figures
from homeroom.engines.protect.incidents.propose import propose_incidents
from homeroom.engines.protect.incidents.timeline import build_timeline
from homeroom.engines.protect.incidents.touches import convert_alert, find_touches

__all__ = [
    "IncidentMoments",
    "MonthFigures",
    "build_timeline",
    "compute_month_figures",
    "convert_alert",
    "find_touches",
    "propose_incidents",
]
