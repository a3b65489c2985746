"""The calendars area."""

from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    """Django configuration of the calendars app."""

    name = "homeroom.apps.know.calendars"
    label = "calendars"
