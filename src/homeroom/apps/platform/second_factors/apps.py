"""The Django app of 2-step verification."""

from django.apps import AppConfig


class SecondFactorsConfig(AppConfig):
    """The Django app of 2-step verification."""

    name = "homeroom.apps.platform.second_factors"
    expiries = ("homeroom.apps.platform.second_factors.provider_links.delete_expired_invitations",)
