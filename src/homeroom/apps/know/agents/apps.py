"""The agents area."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """App configuration of the agents area; its label is `agents`."""

    name = "homeroom.apps.know.agents"
    label = "agents"
    clocks = ("homeroom.apps.know.agents.commands.queue_nightly_intakes",)
