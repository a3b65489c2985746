"""The service center area."""

from django.apps import AppConfig


class ServiceCenterConfig(AppConfig):
    """Django configuration of the service center app."""

    name = "homeroom.apps.manage.service_center"
    label = "service_center"
