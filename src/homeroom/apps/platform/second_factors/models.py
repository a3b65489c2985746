"""Models of what proves who a user is besides the passphrase, and of what a district requires."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class Passkey(models.Model):
    """A passkey or security key of a user: its public key, and what it counted when it was used last.

    `credential` is the public key with its id, as WebAuthn writes them: attested credential data, in base64url.
    `handle` is the random name by which keys know the user.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    credential_id = models.CharField(max_length=1400, unique=True)
    credential = models.TextField()
    handle = models.CharField(max_length=64)
    rp_id = models.CharField(max_length=255)
    sign_count = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class AuthenticatorApp(models.Model):
    """The authenticator app of a user; `sealed` is the encrypted secret, `last_step` the time step of the last code."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sealed = models.TextField()
    last_step = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class RecoveryCode(models.Model):
    """A recovery code of a user: only a keyed hash of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]


class ProviderLink(Scoped):
    """An account at the district's Google or Microsoft that signs a user in: by issuer and subject, not by address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    provider = models.CharField(max_length=20)
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    address = models.CharField(max_length=255)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "issuer", "subject"], name="one_user_a_subject"),
            models.UniqueConstraint(fields=["district", "user", "provider"], name="one_link_a_provider"),
        ]


class ProviderInvitation(Scoped):
    """An invitation of a director: the account with this verified address is linked to the user as it signs in."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    provider = models.CharField(max_length=20)
    address = models.CharField(max_length=255)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, blank=True)
    expires_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "user", "provider"], name="one_invitation_a_provider"),
            models.UniqueConstraint(fields=["district", "provider", "address"], name="one_invitation_an_address"),
        ]


class SecondFactorPolicy(Scoped):
    """What a district requires of its office; `provider_counts` if its provider asks for a second step itself."""

    is_required = models.BooleanField(default=False)
    provider_counts = models.BooleanField(default=False)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150, blank=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district"], name="one_policy_a_district")]


class BreakGlassAccount(Scoped):
    """The account of a district for the day on which nothing else opens; `seen_at` is when its last use was noticed."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    seen_by = models.CharField(max_length=150, blank=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district"], name="one_break_glass_a_district")]
