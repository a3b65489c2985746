"""Triage: detections folded into few alerts, and how urgent each is."""

from homeroom.engines.protect.triage.build_alerts import build_alerts
from homeroom.engines.protect.triage.expected_activity import ExpectedActivities

__all__ = ["ExpectedActivities", "build_alerts"]
