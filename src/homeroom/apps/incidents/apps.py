"""The incidents area."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Django configuration of the incidents app."""

    name = "homeroom.apps.incidents"
    label = "incidents"
