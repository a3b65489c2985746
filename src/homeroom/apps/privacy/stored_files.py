"""Files of the privacy area, each under its hash in the data folder, readable by its owner only."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path, PureWindowsPath
from typing import BinaryIO

from django.conf import settings

from homeroom.domain.district import District

MAX_FILE_BYTES = 25 << 20
_CHUNK = 1 << 20


class FileTooLarge(ValueError):
    """A file is larger than the privacy area stores."""


def store_file(district: District, content: BinaryIO) -> tuple[str, int]:
    """Write the content under its hash, atomically; return hash and size. Raise FileTooLarge beyond 25 MB."""
    folder = locate_files(district)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        target = Path(file.name)
        try:
            while chunk := content.read(_CHUNK):
                size += len(chunk)
                if size > MAX_FILE_BYTES:
                    raise FileTooLarge(f"a file of at most {MAX_FILE_BYTES >> 20} MB would fit")
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            file.close()
            target.unlink()
            raise
    target.replace(folder / digest.hexdigest())
    return digest.hexdigest(), size


def find_file(district: District, sha256: str) -> Path:
    """Return the path of a stored file. Raise LookupError if it is missing or its content was changed."""
    path = locate_files(district) / sha256
    if not path.is_file():
        raise LookupError(sha256)
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise LookupError(sha256)
    return path


def clean_file_name(name: str) -> str:
    """Return the last part of a file name, at most 200 characters."""
    return PureWindowsPath(name).name[:200]


def locate_files(district: District) -> Path:
    """Return the folder of a district's files."""
    return Path(settings.DATA) / "privacy" / str(district.slug)
