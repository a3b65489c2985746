"""The text of a token: a prefix by which scanners for secrets recognize it, a public part, and 256 random bits.

A secret that nobody can guess needs no slow hash: SHA-256 of it is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from dataclasses import dataclass

PREFIX = "hrt"
_PUBLIC_ALPHABET, _PUBLIC_LENGTH = string.ascii_lowercase + "234567", 10
_SECRET_ALPHABET, _SECRET_LENGTH = string.ascii_letters + string.digits, 43
_PATTERN = re.compile(rf"{PREFIX}_([a-z2-7]{{{_PUBLIC_LENGTH}}})_([A-Za-z0-9]{{{_SECRET_LENGTH}}})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class TokenText:
    """A token in its parts. `public` may be shown; `secret` is shown once."""

    public: str
    secret: str

    @property
    def text(self) -> str:
        """The token as it is sent."""
        return f"{PREFIX}_{self.public}_{self.secret}"

    def compute_hash(self) -> str:
        """Return the hash that is stored."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def has_hash(self, stored: str) -> bool:
        """Check in constant time whether a stored hash is that of this token."""
        return hmac.compare_digest(self.compute_hash(), stored)


def generate_token() -> TokenText:
    """Return a new random token."""
    return TokenText(
        public="".join(secrets.choice(_PUBLIC_ALPHABET) for _ in range(_PUBLIC_LENGTH)),
        secret="".join(secrets.choice(_SECRET_ALPHABET) for _ in range(_SECRET_LENGTH)),
    )


def parse_token(text: str) -> TokenText | None:
    """Return the parts of a token; None for a text that is none."""
    match = _PATTERN.fullmatch(text)
    return None if match is None else TokenText(public=match[1], secret=match[2])
