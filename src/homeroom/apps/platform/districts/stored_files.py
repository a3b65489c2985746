"""Files that people attach, each under its hash in the data folder, readable by its owner only."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any, BinaryIO

from django.apps import apps
from django.conf import settings

from homeroom.domain.platform.district import District
from homeroom.evidence.files.blobs import TEMPORARY_PREFIX
from homeroom.evidence.integrity.damage import RESTORE, FileDamage, describe_problem, list_files

_CHUNK = 1 << 20
FILE_MODELS = {"proofs": "frameworks.Proof", "incidents": "incidents.IncidentFile", "privacy": "privacy.RequestFile"}
"""The areas that have attached files, and the models whose rows have their SHA-256."""
AREAS = tuple(FILE_MODELS)
LOST = "it is not shown until it is restored from a backup, or attached again"


class FileTooLarge(ValueError):
    """A file is larger than its area stores; the text has the size that would fit."""


class FileChanged(LookupError):
    """A stored file no longer has the content that was attached."""


@dataclass(frozen=True)
class StoredFiles:
    """The files of one area, in a folder of that name for each district, each of at most `max_bytes`."""

    area: str
    max_bytes: int

    def locate(self, district: District) -> Path:
        """Return the folder of a district's files."""
        return Path(settings.DATA) / self.area / str(district.slug)

    def store(self, district: District, content: BinaryIO) -> tuple[str, int]:
        """Write the content under its hash, atomically; return hash and size. Raise FileTooLarge."""
        folder = self.locate(district)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with tempfile.NamedTemporaryFile(dir=folder, prefix=TEMPORARY_PREFIX, delete=False) as file:
            target = Path(file.name)
            try:
                while chunk := content.read(_CHUNK):
                    size += len(chunk)
                    if size > self.max_bytes:
                        raise FileTooLarge(f"a file of at most {self.max_bytes >> 20} MB would fit")
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

    def find(self, district: District, sha256: str) -> Path:
        """Return the path of a stored file. Raise LookupError if it is missing, FileChanged if its content differs."""
        path = self.locate(district) / sha256
        if not path.is_file():
            raise LookupError(sha256)
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise FileChanged(sha256)
        return path


def find_changed_files(district: District) -> tuple[FileDamage, ...]:
    """Return the attached files of a district whose content is not what their name, its hash, states."""
    data = Path(settings.DATA)
    paths = [path for area in AREAS for path in list_files(data / area / str(district.slug), "[!.]*")]
    problems = ((path, describe_problem(path, digest=path.name)) for path in paths)
    return tuple(_build_damage(path, problem) for path, problem in problems if problem)


def find_missing_files(district: District) -> tuple[FileDamage, ...]:
    """Return the attached files of a district that the database names and that are not there."""
    return tuple(
        _build_damage(path, "is missing")
        for area, label in FILE_MODELS.items()
        for path in _list_missing(district, area, label)
    )


def _list_missing(district: District, area: str, label: str) -> Iterator[Path]:
    model: Any = apps.get_model(label)
    folder = Path(settings.DATA) / area / str(district.slug)
    for sha256 in sorted(set(model.objects.of(district).values_list("sha256", flat=True))):
        is_missing = not (folder / sha256).is_file()
        if is_missing and model.objects.of(district).filter(sha256=sha256).exists():  # nobody removed it meanwhile
            yield folder / sha256


def _build_damage(path: Path, problem: str) -> FileDamage:
    name = path.relative_to(Path(settings.DATA)).as_posix()
    return FileDamage(path=name, problem=problem, subject="attached file", consequence=LOST, remedy=RESTORE)


def clean_file_name(name: str) -> str:
    """Return the last part of a file name, at most 200 characters."""
    return PureWindowsPath(name).name[:200]
