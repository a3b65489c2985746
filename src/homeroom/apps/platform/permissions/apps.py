"""The permissions area."""

from django.apps import AppConfig


class PermissionsConfig(AppConfig):
    """App configuration of the permissions area; its label is `permissions`."""

    name = "homeroom.apps.platform.permissions"
    label = "permissions"
