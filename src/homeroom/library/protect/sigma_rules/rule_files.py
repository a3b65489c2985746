"""Rule files at paths: YAML files, folders of them, and zips, which are read without being unpacked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from homeroom.ingest.containers.archives import find_sources
from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.contract.limits import STANDARD
from homeroom.ingest.contract.magic_bytes import is_zip
from homeroom.ingest.files.byte_source import ByteSource

SUFFIXES = frozenset({".yml", ".yaml"})
MAX_BYTES = 4_000_000


class RuleFileUnreadable(ValueError):
    """A rule file that cannot be read; the message has the reason."""


@dataclass(frozen=True, kw_only=True)
class RuleFile:
    """A rule file: the name to report, and how to read its bytes; it has at most MAX_BYTES."""

    name: str
    read_bytes: Callable[[], bytes]

    def read_text(self) -> str:
        """Return the text; raise RuleFileUnreadable."""
        try:
            content = self.read_bytes()
        except FileRefused as refusal:
            raise RuleFileUnreadable("; ".join(problem.reason for problem in refusal.problems)) from None
        except OSError as error:
            raise RuleFileUnreadable(f"cannot be read: {error.strerror}") from None
        if len(content) > MAX_BYTES:
            raise RuleFileUnreadable(f"larger than {MAX_BYTES // 1_000_000} MB")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise RuleFileUnreadable("not UTF-8") from None


def list_rule_files(paths: Iterable[Path]) -> list[RuleFile]:
    """Return the rule files at and below the paths, each once, by name."""
    files: dict[Path, RuleFile] = {}
    for path in paths:
        if path.is_dir():
            for file in path.rglob("*"):
                if file.suffix.lower() in SUFFIXES and file.is_file():
                    name = file.relative_to(path).as_posix()
                    files.setdefault(file.resolve(), _build_file(name, file))
        elif is_zip(_read_head(path)):
            for member in _list_members(path):
                files.setdefault(path.resolve() / member.name, member)
        else:
            files.setdefault(path.resolve(), _build_file(path.name, path))
    return [file for _path, file in sorted(files.items(), key=lambda entry: (entry[1].name, str(entry[0])))]


def _build_file(name: str, path: Path) -> RuleFile:
    return RuleFile(name=name, read_bytes=partial(_read_path, path))


def _read_path(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _read_head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(8)
    except OSError:
        return b""  # reading it as a rule explains why


def _list_members(path: Path) -> list[RuleFile]:
    """Return the rule files of a zip; if it is suspect, its name alone, which refuses to be read."""
    sources = find_sources(path, limits=STANDARD)
    if sources.problems and not sources.origins:
        return [RuleFile(name=path.name, read_bytes=partial(_refuse_zip, sources.problems[0].reason))]
    return [
        RuleFile(name=_strip_zip_name(origin.name, path), read_bytes=partial(_read_source, origin))
        for origin in sources.origins
        if PurePosixPath(origin.name).suffix.lower() in SUFFIXES
    ]


def _strip_zip_name(name: str, path: Path) -> str:
    return name.removeprefix(f"{path.name}/")


def _refuse_zip(reason: str) -> bytes:
    raise RuleFileUnreadable(reason)


def _read_source(origin: ByteSource) -> bytes:
    with origin.open() as file:
        return file.read(MAX_BYTES + 1)
