"""The Django app of users' accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The Django app of users' accounts; allauth has the label `account`."""

    name = "homeroom.apps.platform.accounts"
    label = "accounts"
    expiries = ("homeroom.apps.platform.accounts.sessions.delete_old_session_records",)
