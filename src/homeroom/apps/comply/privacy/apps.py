"""The privacy area."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Django configuration of the privacy app."""

    name = "homeroom.apps.comply.privacy"
    label = "privacy"
    case_sources = ("homeroom.apps.comply.privacy.requests.law_cases.RequestCases",)
