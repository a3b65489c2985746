"""The key of the audit trail: a file of the data folder, so that who can write to the database alone can forge nothing.

The file `audit.key` holds one key per line as `id:key`, the current one first; older keys only verify. Each is a seed
of Ed25519; the key of keyed hashes is derived from it. A copy of it belongs into every backup: without it the trail is
readable, and nobody can prove that it is unaltered.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import filelock
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from homeroom.domain.platform.audit.chain import hash_bytes
from homeroom.evidence.files.blobs import write_file

KEY_FILE = "audit.key"
_SEED_BYTES = 32
_MAC_CONTEXT = b"homeroom audit mac 1"


@dataclass(frozen=True)
class AuditKey:
    """One key, from its seed of 32 bytes."""

    seed: bytes

    @cached_property
    def mac_key(self) -> bytes:
        """The key of keyed hashes."""
        return hmac.digest(self.seed, _MAC_CONTEXT, "sha256")

    @cached_property
    def public(self) -> str:
        """The public key in base64: who has it verifies signatures."""
        return b64encode(self._private.public_key().public_bytes_raw()).decode()

    def sign(self, content: bytes) -> str:
        """Return the signature of a content in base64."""
        return b64encode(self._private.sign(content)).decode()

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True)
class AuditKeys:
    """The keys of a data folder, the current one first; empty if there are none."""

    keys: tuple[AuditKey, ...]

    @property
    def current(self) -> AuditKey:
        """The key that signs."""
        return self.keys[0]

    @property
    def mac_keys(self) -> tuple[bytes, ...]:
        """The keys of keyed hashes, the current one first."""
        return tuple(key.mac_key for key in self.keys)

    @property
    def public_keys(self) -> tuple[str, ...]:
        """The public keys, the current one first."""
        return tuple(key.public for key in self.keys)


def open_audit_keys(data: Path, *, create: bool = True) -> AuditKeys:
    """Return the keys of a data folder; the first is created, unless `create` is false.

    Raise ValueError if the file is no key file: it is never replaced.
    """
    path = data / KEY_FILE
    try:
        return _read_keys(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        if not create:
            return AuditKeys(())
    with filelock.FileLock(f"{path}.lock", timeout=10):
        if not path.exists():
            write_file(path, _write_line(secrets.token_bytes(_SEED_BYTES)))
    return _read_keys(path, path.stat().st_mtime_ns)


def rotate_key(data: Path) -> AuditKeys:
    """Put a new key before those of a data folder, which go on verifying, and return all. Raise FileNotFoundError.

    What was signed and hashed with the old ones stays as it is.
    """
    path = data / KEY_FILE
    with filelock.FileLock(f"{path}.lock", timeout=10):
        _read_keys(path, path.stat().st_mtime_ns)
        write_file(path, _write_line(secrets.token_bytes(_SEED_BYTES)) + path.read_bytes())
    return _read_keys(path, path.stat().st_mtime_ns)


def is_signed(content: bytes, signature: str, *, public: str) -> bool:
    """Return whether a signature is of this content and key."""
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(public, validate=True)).verify(
            b64decode(signature, validate=True), content
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def compute_fingerprint(public: str) -> str:
    """Return the fingerprint of a public key, which people compare: 32 hex digits in groups of four."""
    digits = hash_bytes(b64decode(public))[:32]
    return " ".join(digits[index : index + 4] for index in range(0, len(digits), 4))


@lru_cache(maxsize=8)
def _read_keys(path: Path, _changed: int) -> AuditKeys:
    pairs = (line.partition(":") for line in path.read_text(encoding="ascii").split())
    seeds = [b64decode(text, validate=True) for _, _, text in pairs]
    if not seeds or any(len(seed) != _SEED_BYTES for seed in seeds):
        raise ValueError(f"{path} holds no key of an audit trail; restore it from a backup")
    return AuditKeys(tuple(AuditKey(seed) for seed in seeds))


def _write_line(seed: bytes) -> bytes:
    return f"{secrets.token_hex(4)}:{b64encode(seed).decode()}\n".encode()
