"""Recovery codes: ten, shown once when they are made, each good for one sign-in. Only keyed hashes are stored."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.crypto import salted_hmac

from homeroom.apps.platform.second_factors.models import RecoveryCode
from homeroom.apps.platform.second_factors.user_trail import record_user_entry

NUMBER_OF_CODES = 10
LENGTH, _GROUP = 12, 4
_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""Digits and letters that no reader mistakes for one another and that spell nothing: 57 bits in twelve of them."""
_LOOKALIKES = str.maketrans("", "", " -–—.")
_SALT = "homeroom.second_factors.recovery_code"


@transaction.atomic
def issue_recovery_codes(*, user: Any, actor: str, at: datetime) -> Sequence[str]:
    """Make new codes in place of all earlier ones, and return them: they are stored nowhere."""
    RecoveryCode.objects.filter(user=user).delete()
    codes = [_generate_code() for _ in range(NUMBER_OF_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_hash_code(user, code), made_at=at) for code in codes
    )
    record_user_entry(user=user, actor=actor, action="make recovery codes", at=at, detail={"codes": len(codes)})
    return codes


def use_recovery_code(*, user: Any, code: str, at: datetime) -> bool:
    """Use a code up; return False if it is none of the user's, or was used before."""
    if len(normalize_code(code)) != LENGTH:
        return False
    unused = RecoveryCode.objects.filter(user=user, digest=_hash_code(user, code), used_at=None)
    return unused.update(used_at=at) == 1


def count_recovery_codes(*, user: Any) -> int:
    """Return how many codes are left."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def normalize_code(code: str) -> str:
    """Return a code as it was typed, without blanks and hyphens, in capitals."""
    return code.upper().translate(_LOOKALIKES)


def _generate_code() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def _hash_code(user: Any, code: str) -> str:
    value = f"{user.pk}\x00{normalize_code(code)}"
    return salted_hmac(_SALT, value.encode("utf-8", "surrogatepass"), algorithm="sha256").hexdigest()
