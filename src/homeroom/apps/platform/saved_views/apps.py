"""The area of saved views."""

from django.apps import AppConfig


class SavedViewsConfig(AppConfig):
    """Django configuration of the saved views app."""

    name = "homeroom.apps.platform.saved_views"
    label = "saved_views"
