"""Passphrases that somebody else chose: each must be changed at the next sign-in, and expires if nobody uses it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from homeroom.apps.platform.accounts.models import TemporaryPassphrase


def mark_passphrase_temporary(*, user: Any, by: str, at: datetime, lifetime: timedelta) -> datetime:
    """Record that the user's passphrase must be changed at the next sign-in; return when it expires."""
    expires_at = at + lifetime
    values = {"made_by": by, "made_at": at, "expires_at": expires_at}
    TemporaryPassphrase.objects.update_or_create(user=user, defaults=values)
    return expires_at


def mark_passphrase_own(*, user: Any) -> None:
    """Record that the user chose the passphrase that they have."""
    TemporaryPassphrase.objects.filter(user=user).delete()


def is_passphrase_temporary(*, user: Any) -> bool:
    """Check whether the user has to choose a passphrase."""
    return TemporaryPassphrase.objects.filter(user=user).exists()


def is_passphrase_expired(*, user: Any, at: datetime) -> bool:
    """Check whether the user's passphrase was to be changed by now, so that it opens nothing any more."""
    return TemporaryPassphrase.objects.filter(user=user, expires_at__lte=at).exists()
