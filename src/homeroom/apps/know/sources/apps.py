"""The sources area."""

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    """Django configuration of the sources app."""

    name = "homeroom.apps.know.sources"
    label = "sources"
    measures = (
        "homeroom.apps.know.sources.measures.measure_loads",
        "homeroom.apps.know.sources.measures.measure_verifications",
    )
    clocks = ("homeroom.apps.know.sources.nightly_verification.VerificationClock",)
