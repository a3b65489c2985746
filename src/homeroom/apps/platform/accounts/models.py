"""Models of users' accounts: records of their sessions, and passphrases that must be changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class UserSession(models.Model):
    """The record of one session: who signed in, how, from where, and until when.

    It outlives the session. `session_key` is empty once it ended; `ended_by` is the user name of who ended it, empty
    for Homeroom itself and the command line.
    """

    public = models.CharField(max_length=32, unique=True)
    user = models.ForeignKey("districts.User", on_delete=models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40, blank=True, db_index=True)
    method = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, blank=True)
    ended_because = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "ended_at"], name="session_of_user"),
            models.Index(fields=["expires_at"], name="session_expires"),
        ]


class TemporaryPassphrase(models.Model):
    """States that a user's passphrase was chosen by somebody else: it must be changed, and expires."""

    user = models.OneToOneField("districts.User", on_delete=models.CASCADE, related_name="+")
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
