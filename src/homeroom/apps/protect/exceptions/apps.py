"""The exceptions area."""

from django.apps import AppConfig


class ExceptionsConfig(AppConfig):
    """App configuration of the exceptions area; its label is `exceptions`."""

    name = "homeroom.apps.protect.exceptions"
    label = "exceptions"
