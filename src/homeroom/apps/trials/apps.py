"""The trials area."""

from django.apps import AppConfig


class TrialsConfig(AppConfig):
    """Django configuration of the trials app."""

    name = "homeroom.apps.trials"
    label = "trials"
    clocks = ("homeroom.apps.trials.nightly_ends.TrialClock",)
