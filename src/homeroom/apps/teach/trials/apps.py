"""The trials area."""

from django.apps import AppConfig


class TrialsConfig(AppConfig):
    """Django configuration of the trials app."""

    name = "homeroom.apps.teach.trials"
    label = "trials"
    clocks = ("homeroom.apps.teach.trials.nightly_ends.TrialClock",)
