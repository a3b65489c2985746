"""Slow down repeated sign-in attempts, by account and network, without locking anybody out.

A device on which somebody signed in before has tries of its own: what others try elsewhere never refuses its owner.
Counts are in the database, so that all processes share them. Tries of another kind than a passphrase, such as the codes
of a second step, have a `kind` and are counted apart: no user name that somebody types reaches them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from homeroom.apps.platform.districts.account_names import normalize_account_name, normalize_network
from homeroom.apps.platform.districts.models import SignInAttempts

FREE_ATTEMPTS = 5
LONGEST_WAIT = timedelta(minutes=15)
_MAX_DOUBLINGS = 20


@dataclass(frozen=True, kw_only=True)
class _Budget:
    """Tries under one key: `free` ones, then each further one waits twice as long, from `first` up to `most`."""

    key: str
    free: int
    first: timedelta
    most: timedelta

    def compute_wait(self, count: int) -> timedelta:
        """Return how long after so many tries the next one has to wait."""
        extra = count - self.free
        return timedelta(0) if extra < 0 else min(self.most, self.first * 2 ** min(extra, _MAX_DOUBLINGS))


def get_sign_in_wait(*, username: str, address: str, at: datetime, device: str = "") -> timedelta:
    """Return how long a sign-in attempt has to wait, without counting it; zero if it may go on."""
    budgets = {budget.key: budget for budget in _list_budgets(username, address, device, kind="")}
    rows = SignInAttempts.objects.filter(key__in=budgets)
    return _compute_longest_wait(((budgets[row.key], row) for row in rows), at=at)


def register_sign_in_attempt(
    *, username: str, address: str, at: datetime, device: str = "", kind: str = ""
) -> timedelta:
    """Count a sign-in attempt and return how long it must wait; zero if it may go on.

    After five attempts for one account from one network each further one waits twice as long, from one minute to a
    quarter of an hour (after OWASP ASVS 5.0.0, 6.3.1). All attempts for one account together are slowed down after
    fifty, by seconds. `device` is the id of a device that knows the account, if the attempt comes from one: then only
    its own attempts count. `kind` names tries of another kind, which are counted apart; `username` may be any text
    then. An attempt that has to wait is not counted.
    """
    with transaction.atomic():
        pairs = [(budget, _lock_row(budget.key, at=at)) for budget in _list_budgets(username, address, device, kind)]
        wait = _compute_longest_wait(pairs, at=at)
        if wait > timedelta(0):
            return wait
        for _, row in pairs:
            row.count = 1 if at - row.last_at > LONGEST_WAIT else row.count + 1
            row.last_at = at
            row.save(update_fields=["count", "last_at"])
    return timedelta(0)


def clear_sign_in_attempts(*, username: str, address: str, device: str = "", kind: str = "") -> None:
    """Remove the attempts that led to a sign-in; those for the same account from elsewhere stay."""
    SignInAttempts.objects.filter(key=_list_budgets(username, address, device, kind)[0].key).delete()


def delete_old_sign_in_attempts(*, at: datetime, age: timedelta = timedelta(0)) -> int:
    """Delete attempts older than `age` that make nobody wait any more; return how many rows."""
    count, _ = SignInAttempts.objects.filter(last_at__lt=at - max(age, 2 * LONGEST_WAIT)).delete()
    return count


def _list_budgets(username: str, address: str, device: str, kind: str) -> list[_Budget]:
    account = normalize_account_name(username)
    prefix = f"{kind} " if kind else ""
    minute = timedelta(minutes=1)
    if device:
        return [_Budget(key=_hash_key("device", device, account), free=FREE_ATTEMPTS, first=minute, most=LONGEST_WAIT)]
    network = normalize_network(address)
    return [
        _Budget(
            key=_hash_key(f"{prefix}network", network, account), free=FREE_ATTEMPTS, first=minute, most=LONGEST_WAIT
        ),
        _Budget(
            key=_hash_key(f"{prefix}account", account), free=50, first=timedelta(seconds=1), most=timedelta(seconds=30)
        ),
    ]


def _compute_longest_wait(pairs: Iterable[tuple[_Budget, SignInAttempts]], *, at: datetime) -> timedelta:
    waits = (budget.compute_wait(row.count) - (at - row.last_at) for budget, row in pairs)
    return max((timedelta(0), *waits))


def _lock_row(key: str, *, at: datetime) -> SignInAttempts:
    """Return the row of a key, locked until the transaction ends."""
    row, _ = SignInAttempts.objects.select_for_update().get_or_create(key=key, defaults={"last_at": at})
    return row


def _hash_key(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
