"""Refuse passphrases that are long and still among the first that anybody tries.

Nearly no common password has 15 characters, but two of them together do, or the name of the district and a year.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.platform.districts.queries import ROLES, list_districts

WORDS: AbstractSet[str] = frozenset(
    re.findall(
        r"\w+",
        """
        homeroom password passphrase passcode secret welcome login signin admin administrator account school schools
        district student students teacher teachers staff principal library unified county city public elementary middle
        high academy technology tech support help desk class classroom spring summer fall autumn winter january february
        march april may june july august september october november december the and of my to is at in for
        """,
    )
)
"""Words of every district that a passphrase is not put together of (docs/security/authentication.md)."""
MOST_COMMON_PARTS = 2
MOST_DIGITS = 4
_MOST_COMPARED, _LONGEST_PART = 256, 40
_MESSAGE = gettext_lazy("This password is put together of common passwords, names or years, which anybody tries first.")


class GuessablePassphraseValidator:
    """Password validator of Django's setting AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError if the password is put together of what is tried first."""
        names = [name for district in list_districts() for name in (district.name, district.slug)]
        account = [user.get_username(), user.first_name, user.last_name] if user is not None else []
        if is_guessable(password, words=list_own_words([*names, *account])):
            raise ValidationError(_MESSAGE, code="password_guessable")

    def get_help_text(self) -> str:
        """Return what fits, for a form."""
        return gettext("Your password can’t be put together of common passwords, names or years.")


def list_own_words(names: list[str]) -> AbstractSet[str]:
    """Return the words of all districts, of roles and of these names: each name, and each of its words."""
    own = {part for name in [*names, *ROLES] for part in (_simplify(name), *map(_simplify, re.split(r"\W+", name)))}
    return WORDS | {word for word in own if len(word) > 2}


def is_guessable(password: str, *, words: AbstractSet[str]) -> bool:
    """Check whether a password is made of `words` and at most two common passwords or years, or repeats such parts.

    Capitals and punctuation make no difference.
    """
    text = _simplify(password)[:_MOST_COMPARED]
    repeated = re.fullmatch(r"(.+?)\1+", text)
    return _count_common_parts(repeated[1] if repeated else text, words=words) <= MOST_COMMON_PARTS


def _count_common_parts(text: str, *, words: AbstractSet[str]) -> int:
    """Return the least number of common passwords and short numbers that make up the text beside the words."""
    common, too_many = _read_common_passwords(), MOST_COMMON_PARTS + 1
    least = [0] + [too_many] * len(text)
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - _LONGEST_PART), end):
            part = text[start:end]
            if part in words:
                least[end] = min(least[end], least[start])
            elif part in common or (part.isdecimal() and len(part) <= MOST_DIGITS):
                least[end] = min(least[end], least[start] + 1)
    return least[-1] if text else too_many


@cache
def _read_common_passwords() -> AbstractSet[str]:
    """Return Django's list of common passwords, without capitals and punctuation."""
    return {_simplify(password) for password in CommonPasswordValidator().passwords} - {""}


def _simplify(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
