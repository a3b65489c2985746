"""The Django app of people's sign-in."""

from django.apps import AppConfig


class PeopleSignInConfig(AppConfig):
    """The Django app of people's sign-in."""

    name = "homeroom.apps.platform.people_sign_in"
    expiries = ("homeroom.apps.platform.people_sign_in.codes.delete_expired_codes",)
