"""The area of personal calendars."""

from django.apps import AppConfig


class AgendasConfig(AppConfig):
    """Django configuration of the agendas app."""

    name = "homeroom.apps.manage.agendas"
    label = "agendas"
