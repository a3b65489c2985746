"""The budget area."""

from django.apps import AppConfig


class BudgetConfig(AppConfig):
    """Django configuration of the budget app."""

    name = "homeroom.apps.manage.budget"
    label = "budget"
    clocks = ("homeroom.apps.manage.budget.lost_runs.recover_due_runs",)
