"""Encryption of secrets at rest: AES-256-GCM with a key from the data folder, bound to the secret's connection.

The file `connections.key` holds one key per line as `id:key`, the current one first; older keys only decrypt. A copy of
the database alone decrypts nothing, and a ciphertext that is moved to another connection does not decrypt either. If
the file is lost, the secrets must be entered again.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path

import filelock
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from homeroom.evidence.files.blobs import write_file

KEY_FILE = "connections.key"
_NONCE_BYTES = 12


class SecretDecryptionError(Exception):
    """A secret cannot be decrypted with the keys of this data folder."""


class SecretBox:
    """Keys of one data folder. The key file is created at the first encryption, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / KEY_FILE

    def encrypt(self, values: Mapping[str, str], *, context: str) -> str:
        """Return the values as one encrypted text; empty if there are none."""
        if not values:
            return ""
        name, key = self._load_keys(create=True)[0]
        nonce = secrets.token_bytes(_NONCE_BYTES)
        ciphertext = AESGCM(key).encrypt(nonce, msgspec.json.encode(dict(values)), context.encode())
        return f"{name}:{b64encode(nonce + ciphertext).decode()}"

    def decrypt(self, ciphertext: str, *, context: str) -> dict[str, str]:
        """Return the decrypted values.

        Raise SecretDecryptionError if the key is missing, or if the text belongs to another connection or was changed.
        """
        if not ciphertext:
            return {}
        name, _, text = ciphertext.partition(":")
        key = dict(self._load_keys(create=False)).get(name)
        if key is None:
            raise SecretDecryptionError("the key that sealed this is not there")
        raw = b64decode(text)
        try:
            plain = AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode())
        except InvalidTag:
            raise SecretDecryptionError("this was sealed for another connection, or was changed since") from None
        return msgspec.json.decode(plain, type=dict[str, str])

    def add_key(self) -> str:
        """Add a new current key and return its id; older keys still decrypt."""
        with self._lock_key_file():
            return self._write_new_key(self._read_lines())

    def drop_old_keys(self) -> int:
        """Delete all keys but the current one and return how many. Call it after everything was re-encrypted."""
        with self._lock_key_file():
            lines = self._read_lines()
            write_file(self._path, "".join(f"{line}\n" for line in lines[:1]).encode())
            return len(lines) - 1

    def _load_keys(self, *, create: bool) -> list[tuple[str, bytes]]:
        if create and not self._path.exists():
            with self._lock_key_file():
                if not self._path.exists():
                    self._write_new_key([])
        pairs = (line.partition(":") for line in self._read_lines())
        return [(name, b64decode(key)) for name, _, key in pairs]

    def _read_lines(self) -> list[str]:
        return self._path.read_text(encoding="ascii").split() if self._path.exists() else []

    def _write_new_key(self, older_lines: list[str]) -> str:
        name = secrets.token_hex(4)
        key = b64encode(AESGCM.generate_key(bit_length=256)).decode()
        write_file(self._path, "".join(f"{line}\n" for line in (f"{name}:{key}", *older_lines)).encode())
        return name

    def _lock_key_file(self) -> filelock.BaseFileLock:
        return filelock.FileLock(f"{self._path}.lock", timeout=10)


def open_secret_box() -> SecretBox:
    """Return the secret box of this data folder."""
    return SecretBox(Path(settings.DATA))
