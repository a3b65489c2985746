"""The effects area."""

from django.apps import AppConfig


class EffectsConfig(AppConfig):
    """Django configuration of the effects app."""

    name = "homeroom.apps.manage.effects"
    label = "effects"
