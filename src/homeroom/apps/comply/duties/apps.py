"""The duties area."""

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    """Django configuration of the duties app."""

    name = "homeroom.apps.comply.duties"
    label = "duties"
    nightly_steps = ("homeroom.apps.comply.duties.nightly_questions.ask_owners",)
    task_sources = ("homeroom.apps.comply.duties.week_tasks.DutyTasks",)
