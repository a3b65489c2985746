"""The API tokens area."""

from django.apps import AppConfig


class ApiTokensConfig(AppConfig):
    """App configuration of the API tokens area; its label is `api_tokens`."""

    name = "homeroom.apps.platform.api_tokens"
    label = "api_tokens"
    expiries = ("homeroom.apps.platform.api_tokens.commands.delete_old_tokens",)
