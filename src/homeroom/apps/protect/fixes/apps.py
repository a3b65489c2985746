"""The fixes area."""

from django.apps import AppConfig


class FixesConfig(AppConfig):
    """Django configuration of the fixes app."""

    name = "homeroom.apps.protect.fixes"
    label = "fixes"
