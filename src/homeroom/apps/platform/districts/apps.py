"""The districts area."""

from django.apps import AppConfig


class DistrictsConfig(AppConfig):
    """App configuration of the districts area; its label is `districts`."""

    name = "homeroom.apps.platform.districts"
    label = "districts"
    clocks = ("homeroom.apps.platform.districts.sweep.ExpiryClock",)
    expiries = ("homeroom.apps.platform.districts.sweep.delete_old_logs",)
