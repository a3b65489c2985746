"""The reports area."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Django configuration of the reports app."""

    name = "homeroom.apps.comply.reports"
    label = "reports"
