"""The laws area."""

from django.apps import AppConfig


class LawsConfig(AppConfig):
    """Django configuration of the laws app."""

    name = "homeroom.apps.comply.laws"
    label = "laws"
