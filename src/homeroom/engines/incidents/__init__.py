"""Incidents proposed from alerts, their timelines, and the figures of a month's report."""

from homeroom.engines.incidents.figures import IncidentMoments, MonthFigures, compute_month_figures
from homeroom.engines.incidents.propose import propose_incidents
from homeroom.engines.incidents.timeline import build_timeline
from homeroom.engines.incidents.touches import convert_alert, find_touches

__all__ = [
    "IncidentMoments",
    "MonthFigures",
    "build_timeline",
    "compute_month_figures",
    "convert_alert",
    "find_touches",
    "propose_incidents",
]
