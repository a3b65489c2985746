"""The vulnerabilities area."""

from django.apps import AppConfig


class VulnerabilitiesConfig(AppConfig):
    """Registers the area under its own word."""

    name = "homeroom.apps.vulnerabilities"
    label = "vulnerabilities"
