"""The incidents area."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Django configuration of the incidents app."""

    name = "homeroom.apps.protect.incidents"
    label = "incidents"
    task_sources = ("homeroom.apps.protect.incidents.follow_ups.FollowUpTasks",)
    case_sources = ("homeroom.apps.protect.incidents.legal_facts.IncidentCases",)
