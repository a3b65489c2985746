"""The budget area."""

from django.apps import AppConfig


class BudgetConfig(AppConfig):
    """Django configuration of the budget app."""

    name = "homeroom.apps.budget"
    label = "budget"
    clocks = ("homeroom.apps.budget.lost_runs.recover_due_runs",)
