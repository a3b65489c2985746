"""Encrypt a stream as the age format does, and decrypt it: to recipients, or with a passphrase.

A backup file is one line in clear, and an age file after it. Without Homeroom, `tail -n +2 FILE | age -d -i IDENTITY`
opens it. With a passphrase, the file has a key of its own, which the line in clear has, encrypted with the passphrase.
Source: https://age-encryption.org/v1; every 64 KiB are authenticated, and the last of them shows that it is the last.
"""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import msgspec
import pyrage

from homeroom.evidence.backups.manifest import FORMAT, BackupHeader, BackupRefused

MAX_HEADER_BYTES = 64 * 1024
MIN_PASSPHRASE_LENGTH = 15
PASSPHRASE = "passphrase"
_HINT_LENGTH = 12


@dataclass(frozen=True, kw_only=True)
class BackupLock:
    """What a backup is locked with: age recipients (`age1…`), or a passphrase."""

    recipients: tuple[str, ...] = ()
    passphrase: str = ""


@dataclass(frozen=True, kw_only=True)
class BackupKeys:
    """What opens a backup: age identities (`AGE-SECRET-KEY-1…`), a passphrase, or both."""

    identities: tuple[str, ...] = ()
    passphrase: str = ""

    @property
    def is_empty(self) -> bool:
        """True if it opens nothing."""
        return not self.identities and not self.passphrase


def create_identity() -> tuple[str, str]:
    """Return a new age identity, and the recipient that goes with it."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def read_identities(path: Path) -> tuple[str, ...]:
    """Return the identities of a file as age writes it. Raise BackupRefused if it has none or cannot be read."""
    lines = [line.strip() for line in _read_key_file(path).splitlines()]
    identities = tuple(line for line in lines if line and not line.startswith("#"))
    if not identities:
        raise BackupRefused(f"{path} has no identity; the file that homeroom backup --new-key wrote would fit")
    return identities


def read_passphrase(path: Path) -> str:
    """Return the passphrase of a file: its first line. Raise BackupRefused if it is too short or cannot be read."""
    passphrase = _read_key_file(path).partition("\n")[0].strip()
    if len(passphrase) < MIN_PASSPHRASE_LENGTH:
        raise BackupRefused(f"the passphrase in {path} is too short; {MIN_PASSPHRASE_LENGTH} characters would fit")
    return passphrase


def read_keys(*, identity_file: Path | None, passphrase_file: Path | None) -> BackupKeys:
    """Return what opens backups. Raise BackupRefused if a key file cannot be used."""
    return BackupKeys(
        identities=read_identities(identity_file) if identity_file else (),
        passphrase=read_passphrase(passphrase_file) if passphrase_file else "",
    )


def check_lock(lock: BackupLock) -> None:
    """Raise BackupRefused if nothing, or nothing that can be used, would lock a backup."""
    _parse_recipients(lock.recipients)
    if bool(lock.recipients) == bool(lock.passphrase):
        raise BackupRefused(
            "a backup needs recipients or a passphrase, and not both: homeroom backup --new-key FILE makes a key"
        )


def write_encrypted(
    handle: IO[bytes], chunks: Iterable[bytes], *, lock: BackupLock, made_at: datetime, installation: str = ""
) -> None:
    """Write the line in clear and the encrypted chunks. An error while the chunks are made is raised as it is."""
    check_lock(lock)
    header, recipients = _build_header(lock, made_at)
    header = msgspec.structs.replace(header, installation=installation)
    handle.write(msgspec.json.encode(header) + b"\n")
    reader = _ChunkReader(chunks)
    try:
        pyrage.encrypt_io(reader, handle, recipients)
    except Exception:
        if reader.problem is not None:
            raise reader.problem from None
        raise


def read_header(handle: IO[bytes], *, name: str) -> BackupHeader:
    """Return the line in clear of a backup. Raise BackupRefused if the file is none, or of a newer format."""
    line = handle.readline(MAX_HEADER_BYTES)
    try:
        header = msgspec.json.decode(line, type=BackupHeader)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BackupRefused(f"{name} is no backup of Homeroom; a file that homeroom backup wrote would fit") from None
    if not line.endswith(b"\n") or header.homeroom_backup > FORMAT:
        raise BackupRefused(f"{name} is a backup of format {header.homeroom_backup}; a newer Homeroom reads it")
    return header


@contextmanager
def open_decrypted(path: Path, *, keys: BackupKeys) -> Iterator[tuple[BackupHeader, IO[bytes]]]:
    """Open a backup, and yield its line in clear and a stream of what is encrypted.

    Raise BackupRefused if the keys do not open it, or if it ends early or was changed; what was read before is then
    not to be used.
    """
    with _open(path) as handle:
        header = read_header(handle, name=path.name)
        identities = _open_identities(header, keys, name=path.name)
        decryption = _Decryption(handle, identities)
        try:
            yield header, decryption.stream
        except Exception:
            decryption.end()
            if decryption.problem is not None:
                raise _describe(decryption.problem, path.name, header) from decryption.problem
            raise
        decryption.end()
        if decryption.problem is not None:
            raise _describe(decryption.problem, path.name, header)


class _ChunkReader:
    """A file-like reader of chunks that remembers the error that made it fail."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self._rest = iter(chunks), memoryview(b"")
        self.problem: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes of the next chunk; none at the end."""
        try:
            while not self._rest:
                self._rest = memoryview(next(self._chunks))
        except StopIteration:
            return b""
        except BaseException as error:
            self.problem = error
            raise
        piece = bytes(self._rest[:size] if size >= 0 else self._rest)
        self._rest = self._rest[len(piece) :]
        return piece


class _Decryption:
    """A thread that decrypts a file into a pipe, and the pipe's stream."""

    def __init__(self, handle: IO[bytes], identities: Sequence[Any]) -> None:
        self._handle, self._identities = handle, identities
        self.problem: Exception | None = None
        read_end, self._write_end = os.pipe()
        self.stream: IO[bytes] = os.fdopen(read_end, "rb", buffering=1 << 20)
        self._thread = threading.Thread(target=self._run, name="decryption", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Read what is left, so that the end of the file is checked too, and wait for the thread."""
        with suppress(OSError, ValueError):
            while self.stream.read(1 << 20):
                pass
        self._thread.join()
        self.stream.close()

    def _run(self) -> None:
        try:
            with os.fdopen(self._write_end, "wb", buffering=1 << 20) as sink:
                pyrage.decrypt_io(self._handle, sink, self._identities)
        except Exception as error:  # noqa: BLE001  (whatever a damaged file makes of the library is its problem)
            self.problem = error


def _build_header(lock: BackupLock, made_at: datetime) -> tuple[BackupHeader, list[Any]]:
    if lock.recipients:
        hint = ", ".join(f"{recipient[:_HINT_LENGTH]}…" for recipient in lock.recipients)
        return BackupHeader(homeroom_backup=FORMAT, made_at=made_at, key=hint), _parse_recipients(lock.recipients)
    identity = pyrage.x25519.Identity.generate()
    wrapped = base64.b64encode(pyrage.passphrase.encrypt(str(identity).encode(), lock.passphrase)).decode()
    header = BackupHeader(homeroom_backup=FORMAT, made_at=made_at, key=PASSPHRASE, wrapped=wrapped)
    return header, [identity.to_public()]


def _open_identities(header: BackupHeader, keys: BackupKeys, *, name: str) -> list[Any]:
    if header.wrapped and keys.passphrase:
        try:
            identity = pyrage.passphrase.decrypt(base64.b64decode(header.wrapped), keys.passphrase).decode()
        except (pyrage.DecryptError, ValueError):
            raise BackupRefused(f"the passphrase does not open {name}") from None
        return [pyrage.x25519.Identity.from_str(identity)]
    if header.wrapped or not keys.identities:
        needed = "its passphrase: --passphrase-file FILE" if header.wrapped else "its identity: --identity FILE"
        raise BackupRefused(f"{name} is locked with {header.key}; it opens with {needed}")
    try:
        return [pyrage.x25519.Identity.from_str(identity) for identity in keys.identities]
    except pyrage.IdentityError as error:
        raise BackupRefused(f"the identity cannot be read ({error}); AGE-SECRET-KEY-1… would fit") from None


def _parse_recipients(recipients: Sequence[str]) -> list[Any]:
    try:
        return [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
    except pyrage.RecipientError as error:
        raise BackupRefused(f"a recipient cannot be read ({error}); age1… would fit") from None


def _describe(problem: Exception, name: str, header: BackupHeader) -> BackupRefused:
    if isinstance(problem, pyrage.DecryptError):
        return BackupRefused(f"the identity does not open {name}, which is locked with {header.key}")
    return BackupRefused(f"{name} ends early or was changed since it was written; another backup would fit")


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise BackupRefused(f"{path} cannot be read ({error.strerror or error})") from None


def _read_key_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BackupRefused(f"the key file {path} cannot be read ({error})") from None
