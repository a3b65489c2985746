"""Secrets at rest: AES-256-GCM under a key in a file of the data folder, bound to the connection that they belong to.

The file `connections.key` holds one key a line as `id:key`, the current one first; older ones only read. A copy of the database
alone opens nothing, and a sealed text moved to another connection does not open either. Losing the file costs what it should:
the secrets must be entered again.
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

from homeroom.evidence.blobs import write_file

FILE = "connections.key"
_NONCE = 12


class NotOpened(Exception):
    """What was sealed cannot be opened with the keys that are there."""


class Seal:
    """The keys of one data folder. The file is made at the first sealing, readable by its owner alone."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def sealed(self, values: Mapping[str, str], *, bound_to: str) -> str:
        """The values as one text that says nothing; empty where there are none."""
        if not values:
            return ""
        name, key = self._keys(make=True)[0]
        nonce = secrets.token_bytes(_NONCE)
        shut = AESGCM(key).encrypt(nonce, msgspec.json.encode(dict(values)), bound_to.encode())
        return f"{name}:{b64encode(nonce + shut).decode()}"

    def opened(self, sealed: str, *, bound_to: str) -> dict[str, str]:
        """The values again. Raises NotOpened where the key is gone, or the text is another connection's or was changed."""
        if not sealed:
            return {}
        name, _, text = sealed.partition(":")
        key = dict(self._keys(make=False)).get(name)
        if key is None:
            raise NotOpened("the key that sealed this is not there")
        raw = b64decode(text)
        try:
            plain = AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], bound_to.encode())
        except InvalidTag:
            raise NotOpened("this was sealed for another connection, or was changed since") from None
        return msgspec.json.decode(plain, type=dict[str, str])

    def add_key(self) -> str:
        """A new current key, whose id is returned; older ones still open what they sealed."""
        with self._alone():
            return self._written(self._read())

    def drop_old_keys(self) -> int:
        """Forgets all keys but the current one; how many. Call it after everything was sealed anew."""
        with self._alone():
            lines = self._read()
            write_file(self._path, "".join(f"{line}\n" for line in lines[:1]).encode())
            return len(lines) - 1

    def _keys(self, *, make: bool) -> list[tuple[str, bytes]]:
        if make and not self._path.exists():
            with self._alone():
                if not self._path.exists():
                    self._written([])
        pairs = (line.partition(":") for line in self._read())
        return [(name, b64decode(key)) for name, _, key in pairs]

    def _read(self) -> list[str]:
        return self._path.read_text(encoding="ascii").split() if self._path.exists() else []

    def _written(self, older: list[str]) -> str:
        name = secrets.token_hex(4)
        key = b64encode(AESGCM.generate_key(bit_length=256)).decode()
        write_file(self._path, "".join(f"{line}\n" for line in (f"{name}:{key}", *older)).encode())
        return name

    def _alone(self) -> filelock.BaseFileLock:
        return filelock.FileLock(f"{self._path}.lock", timeout=10)
