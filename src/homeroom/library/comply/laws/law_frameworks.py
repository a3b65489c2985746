"""Laws as frameworks: a duty is a goal, so that controls, attestations and exports treat both alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from homeroom.domain.comply.laws.law import Law
from homeroom.domain.protect.frameworks import Framework
from homeroom.library.comply.laws.law_files import FOLDER, PATTERN, load_laws
from homeroom.library.yaml_loader import BUILTIN_CONTENT, ContentRefused


@cache
def convert_law(law: Law) -> Framework:
    """Return a law as a framework; its goals are the titles of its duties by their ids."""
    names = ("id", "title", "version", "source", "license", "effective", "checked_on", "supersedes")
    return Framework(**{name: getattr(law, name) for name in names}, goals={duty.id: duty.title for duty in law.duties})


def load_law_frameworks(directory: Path = BUILTIN_CONTENT) -> tuple[Framework, ...]:
    """Load the valid laws of a content folder as frameworks, by id."""
    try:
        laws = load_laws(directory)
    except ContentRefused as error:
        laws = error.valid
    return tuple(map(convert_law, laws))


def find_refused_laws(directory: Path, *, valid: Iterable[Framework]) -> frozenset[str]:
    """Return the ids of the laws that have a file, but an invalid one, so that their duties are unknown."""
    return frozenset(path.stem for path in (directory / FOLDER).glob(PATTERN)) - {entry.id for entry in valid}


def map_proofs(laws: Iterable[Law]) -> Mapping[str, tuple[str, ...]]:
    """Return the duties, as law:duty, that a control proves by `proven_by`, by the id of the control."""
    proofs: dict[str, list[str]] = {}
    for law in laws:
        for duty in law.duties:
            for control in duty.proven_by:
                proofs.setdefault(control, []).append(f"{law.id}:{duty.id}")
    return {control: tuple(duties) for control, duties in proofs.items()}
