"""The inventory area."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Registers the area under its own word."""

    name = "homeroom.apps.inventory"
    label = "inventory"
