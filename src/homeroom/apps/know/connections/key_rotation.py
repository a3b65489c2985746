"""A new key for every secret at rest: of connections, of registrations at providers, and of authenticator apps."""

from __future__ import annotations

from datetime import datetime

from homeroom.apps.know.connections.commands import rotate_keys
from homeroom.apps.platform.people_sign_in.providers import encrypt_providers_again
from homeroom.apps.platform.second_factors.authenticator_apps import encrypt_apps_again


def rotate_every_key(*, actor: str, at: datetime) -> int:
    """Encrypt all secrets of connections, registrations and authenticator apps with a new key; return how many.

    Raise SecretDecryptionError if one cannot be decrypted; the old keys then stay.
    """
    return rotate_keys(
        actor=actor, at=at, reseal_others=lambda box: encrypt_providers_again(box) + encrypt_apps_again(box)
    )
