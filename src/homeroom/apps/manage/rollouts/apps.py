"""The rollouts area."""

from django.apps import AppConfig


class RolloutsConfig(AppConfig):
    """Django configuration of the rollouts app."""

    name = "homeroom.apps.manage.rollouts"
    label = "rollouts"
    clocks = ("homeroom.apps.manage.rollouts.lost_runs.recover_due_plans",)
    visit_sources = ("homeroom.apps.manage.rollouts.visits.week_visits.RolloutVisits",)
