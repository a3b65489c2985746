"""The agents area."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """Registers the area under its own word."""

    name = "homeroom.apps.agents"
    label = "agents"
