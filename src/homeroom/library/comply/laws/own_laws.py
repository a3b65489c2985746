"""Laws and policies of a district's own: read as strictly as those that ship, and stored with their older versions.

The newest version of a law has its id; an older one has the id with its own first day, and is superseded by the next.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from homeroom.domain.comply.laws.law import Law
from homeroom.library.comply.laws.law_files import FOLDER, find_unknown_proofs, load_laws
from homeroom.library.protect.controls import list_control_files
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentProblem,
    ContentRefused,
    load_files,
    load_yaml,
)

PLACE = "district"
PREFIX = "district-"
MAX_BYTES = 256_000
_ID = re.compile(rf"(?=.{{1,60}}\Z){PREFIX}[a-z0-9]+(-[a-z0-9]+)*")
_LAW_ID = re.compile(r"(?P<place>district|us-[a-z]{2}(?=-)|us)-[a-z0-9]+(-[a-z0-9]+)*")
_VERSION_ID = re.compile(r"(?P<law>.+)-(?P<day>\d{4}-\d\d-\d\d)")


@dataclass(frozen=True, kw_only=True)
class OwnLaw:
    """A law of a district as its file states it, valid, with its fields as they were read."""

    law: Law
    raw: Mapping[str, Any]


def read_own_law(path: Path) -> OwnLaw:
    """Read the file of a law. Raise ContentRefused with the file's name, fields, reasons and what would fit."""
    raw = _read_fields(path)
    problems = _find_name_problems(raw, path.name)
    if problems:
        raise ContentRefused(problems)
    return OwnLaw(law=_build_law(raw, path.name, place=PLACE), raw=raw)


def is_loose_law(path: Path) -> bool:
    """Check whether a file in no content folder is meant as a law: it has duties."""
    try:
        return "duties" in load_yaml(path, root=path.parent)
    except ContentRefused:
        return False


def find_loose_law_problems(path: Path) -> tuple[ContentProblem, ...]:
    """Return the problems of a law that is in no content folder; its id shows whose law it is."""
    raw = _read_fields(path)
    law_id = raw.get("id")
    match = _LAW_ID.fullmatch(law_id) if isinstance(law_id, str) else None
    if match is None:
        message = f"{law_id!r}; us-, us-ny- for a state, or district-, and lower-case words with hyphens would fit"
        return (ContentProblem(file=path.name, field="id", message=message),)
    try:
        _build_law(raw, path.name, place=match["place"])
    except ContentRefused as error:
        return error.problems
    return ()


def load_own_laws(folder: Path) -> tuple[tuple[Law, ...], tuple[ContentProblem, ...]]:
    """Load the laws of a district's content folder with their older versions, and the problems of files by hand."""
    if not (folder / FOLDER).is_dir():
        return (), ()
    try:
        return load_laws.__wrapped__(folder), ()
    except ContentRefused as error:
        return error.valid, error.problems


def write_own_law(folder: Path, own: OwnLaw) -> tuple[str, ...]:
    """Write a law into a district's content folder; return the ids of its older versions, oldest first.

    A version with the same first day is replaced. Older versions are written first, so that no day is without its law
    when this is interrupted.
    """
    stored = _iter_versions(folder, own.law.id)
    versions = {raw["effective"]: raw for raw in stored if type(raw.get("effective")) is date}
    versions[own.law.effective] = dict(own.raw)
    chain = _build_chain(own.law.id, versions)
    for raw in chain:
        _write_file(_locate(folder, raw["id"]), raw)
    return tuple(raw["id"] for raw in chain[:-1])


def remove_own_law(folder: Path, law_id: str) -> int:
    """Remove a law and its older versions from a district's content folder; return how many files there were."""
    paths = [_locate(folder, raw["id"]) for raw in _iter_versions(folder, law_id)]
    for path in paths:
        path.unlink()
    return len(paths)


def split_version(law_id: str) -> tuple[str, date | None]:
    """Return the id of a law, and the first day of an older version of it or None."""
    match = _VERSION_ID.fullmatch(law_id)
    return (match["law"], date.fromisoformat(match["day"])) if match else (law_id, None)


def _read_fields(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ContentRefused([ContentProblem(file=path.name, field="", message="no such file; a YAML file would fit")])
    if path.stat().st_size > MAX_BYTES:
        message = f"{path.stat().st_size:,} bytes; at most {MAX_BYTES:,} would fit"
        raise ContentRefused([ContentProblem(file=path.name, field="", message=message)])
    return load_yaml(path, root=path.parent)


def _find_name_problems(raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
    """Return the problems of an id that belongs to nobody's own law, and of a law that is not the district's."""
    law_id, older = raw.get("id"), raw.get("supersedes", PREFIX)
    problems = []
    if not isinstance(law_id, str) or not _ID.fullmatch(law_id) or _VERSION_ID.fullmatch(law_id):
        message = (
            f"{law_id!r}; district- and lower-case words with hyphens, such as district-records, at most 60, would fit"
        )
        problems.append(ContentProblem(file=file, field="id", message=message))
    if not isinstance(older, str) or not older.startswith(PREFIX) or older == law_id:
        message = f"{older!r}; another law of the district would fit; a newer version of one law needs none"
        problems.append(ContentProblem(file=file, field="supersedes", message=message))
    return problems


def _build_law(raw: Mapping[str, Any], file: str, *, place: str) -> Law:
    """Build a law as from a content folder that has nothing else; raise ContentRefused with the name of its file."""
    with tempfile.TemporaryDirectory(prefix="homeroom-law-") as name:
        path = Path(name) / FOLDER / place / f"{raw['id']}.yaml"
        _write_file(path, raw)
        try:
            [law] = load_laws.__wrapped__(Path(name))
        except ContentRefused as error:
            raise ContentRefused([replace(problem, file=file) for problem in error.problems]) from None
    controls = frozenset(path.stem for path in list_control_files(BUILTIN_CONTENT))
    proofs = find_unknown_proofs([law], control_ids=controls)
    if proofs:
        raise ContentRefused([replace(problem, file=file) for problem in proofs])
    return law


def _iter_versions(folder: Path, law_id: str) -> Iterator[dict[str, Any]]:
    """Yield the fields of every version of a law in a district's content folder."""
    paths = sorted((folder / FOLDER / PLACE).glob("*.yaml"))
    raws, _ = load_files(paths, lambda path: load_yaml(path, root=folder))
    yield from (raw for raw in raws if split_version(str(raw.get("id")))[0] == law_id)


def _build_chain(law_id: str, versions: Mapping[date, dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Return the versions from the oldest on, each superseding the one before; the last has the id of the law."""
    days = sorted(versions)
    ids = [*(f"{law_id}-{day}" for day in days[:-1]), law_id]
    chain = [{**versions[day], "id": name} for day, name in zip(days, ids, strict=True)]
    for number, raw in enumerate(chain):
        if number:
            raw["supersedes"] = chain[number - 1]["id"]
        elif split_version(raw.get("supersedes", ""))[0] == law_id:
            del raw["supersedes"]
    return chain


def _locate(folder: Path, law_id: str) -> Path:
    return folder / FOLDER / PLACE / f"{law_id}.yaml"


def _write_file(path: Path, raw: Mapping[str, Any]) -> None:
    """Write the fields of a law, so that readers see the file before or after."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(dict(raw), sort_keys=False, allow_unicode=True, width=120)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8") as file:
        file.write(text)
    Path(file.name).replace(path)
