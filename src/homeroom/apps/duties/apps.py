"""The duties area."""

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    """Django configuration of the duties app."""

    name = "homeroom.apps.duties"
    label = "duties"

    def ready(self) -> None:
        """Let the weekly plan have the duties that are due."""
        from homeroom.apps.duties.week_tasks import DutyTasks  # models are loaded only now
        from homeroom.apps.planning.tasks import register_task_source

        register_task_source(DutyTasks())
