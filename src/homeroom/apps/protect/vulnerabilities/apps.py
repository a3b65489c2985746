"""The vulnerabilities area."""

from django.apps import AppConfig


class VulnerabilitiesConfig(AppConfig):
    """App configuration of the vulnerabilities area; its label is `vulnerabilities`."""

    name = "homeroom.apps.protect.vulnerabilities"
    label = "vulnerabilities"
