"""The privacy area."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Django configuration of the privacy app."""

    name = "homeroom.apps.privacy"
    label = "privacy"

    def ready(self) -> None:
        """Let laws have the requests that start their clocks."""
        from homeroom.apps.laws.case_sources import register_case_source
        from homeroom.apps.privacy.requests.law_cases import RequestCases  # models are loaded only now

        register_case_source(RequestCases())
