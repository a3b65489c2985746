"""The rollouts area."""

from django.apps import AppConfig


class RolloutsConfig(AppConfig):
    """Django configuration of the rollouts app."""

    name = "homeroom.apps.rollouts"
    label = "rollouts"
    clocks = ("homeroom.apps.rollouts.lost_runs.recover_due_plans",)
    visit_sources = ("homeroom.apps.rollouts.visits.week_visits.RolloutVisits",)
