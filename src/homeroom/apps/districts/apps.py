"""The districts area."""

from django.apps import AppConfig


class DistrictsConfig(AppConfig):
    """App configuration of the districts area; its label is `districts`."""

    name = "homeroom.apps.districts"
    label = "districts"
    clocks = ("homeroom.apps.districts.sweep.ExpiryClock",)
    expiries = ("homeroom.apps.districts.sweep.delete_old_logs",)
