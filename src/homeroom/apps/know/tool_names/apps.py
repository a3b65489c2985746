"""The area of the names of tools."""

from django.apps import AppConfig


class ToolNamesConfig(AppConfig):
    """Django configuration of the app of the names of tools."""

    name = "homeroom.apps.know.tool_names"
    label = "tool_names"
