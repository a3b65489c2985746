"""The sources area."""

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    """Django configuration of the sources app."""

    name = "homeroom.apps.sources"
    label = "sources"
    clocks = ("homeroom.apps.sources.nightly_verification.VerificationClock",)
