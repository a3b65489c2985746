"""The pages as an app, for their templates and static files."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Registers the pages' templates and static files."""

    name = "homeroom.web"
    label = "web"
