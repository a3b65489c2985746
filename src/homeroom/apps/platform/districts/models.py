"""Districts, users, and the role of a user in a district."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class District(models.Model):
    """A district: the tenant that every row and snapshot belongs to."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    timezone = models.CharField(max_length=60, default="America/New_York")
    fiscal_year_starts = models.PositiveSmallIntegerField(default=7)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A user who signs in to Homeroom."""


class Membership(models.Model):
    """The role of one user in one district.

    `schools` are the ids of the schools that the role is for, none for all. An inactive membership opens nothing.
    """

    DIRECTOR, TECHNICIAN, PRIVACY, AUDITOR = "director", "technician", "privacy", "auditor"
    PERSON = "person"

    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20)
    schools = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "user"], name="one_role_a_district"),
        ]


class SignInAttempts(models.Model):
    """Number of recent sign-in attempts under one key: an account from a network or device (only as a hash)."""

    key = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
