"""The agents area."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """App configuration of the agents area; its label is `agents`."""

    name = "homeroom.apps.agents"
    label = "agents"
    clocks = ("homeroom.apps.agents.commands.queue_nightly_intakes",)
