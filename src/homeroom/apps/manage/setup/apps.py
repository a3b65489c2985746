"""The setup area."""

from django.apps import AppConfig


class SetupConfig(AppConfig):
    """Django configuration of the setup app."""

    name = "homeroom.apps.manage.setup"
    label = "setup"
