"""The rollouts area."""

from django.apps import AppConfig


class RolloutsConfig(AppConfig):
    """Django configuration of the rollouts app."""

    name = "homeroom.apps.rollouts"
    label = "rollouts"

    def ready(self) -> None:
        """Let the weekly plan have the hours of visits, and the findings that rollouts remedy."""
        from homeroom.apps.planning.visits import register_visit_source
        from homeroom.apps.rollouts.visits.week_visits import RolloutVisits  # models are loaded only now

        register_visit_source(RolloutVisits())
