"""The area of the work on findings."""

from django.apps import AppConfig


class FindingWorkConfig(AppConfig):
    """App configuration of the work on findings; its label is `finding_work`."""

    name = "homeroom.apps.protect.finding_work"
    label = "finding_work"
