"""The area of requests to use a tool."""

from django.apps import AppConfig


class ToolRequestsConfig(AppConfig):
    """App configuration of the area of requests to use a tool; its label is `tool_requests`."""

    name = "homeroom.apps.manage.tool_requests"
    label = "tool_requests"
