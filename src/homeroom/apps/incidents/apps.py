"""The incidents area."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Django configuration of the incidents app."""

    name = "homeroom.apps.incidents"
    label = "incidents"

    def ready(self) -> None:
        """Let the weekly plan have the follow-up of incidents, and laws the moments that start their clocks."""
        from homeroom.apps.incidents.follow_ups import FollowUpTasks  # models are loaded only now
        from homeroom.apps.incidents.legal_facts import IncidentCases
        from homeroom.apps.laws.case_sources import register_case_source
        from homeroom.apps.planning.tasks import register_task_source

        register_task_source(FollowUpTasks())
        register_case_source(IncidentCases())
