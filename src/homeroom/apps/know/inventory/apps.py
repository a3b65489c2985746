"""The inventory area."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Django configuration of the inventory app."""

    name = "homeroom.apps.know.inventory"
    label = "inventory"
