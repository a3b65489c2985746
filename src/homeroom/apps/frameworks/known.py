"""The frameworks that a district knows: those that are shipped, and those that it took in from OSCAL files."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from homeroom.apps.audit.commands import record
from homeroom.domain.frameworks import Framework
from homeroom.library.frameworks import frameworks
from homeroom.library.oscal import as_yaml, framework_of
from homeroom.library.reading import ContentRefused, Problem

MOST_BYTES = 64 << 20
_NAME = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")


def known_frameworks(*, district: Any) -> tuple[Framework, ...]:
    """All of them, the shipped ones first."""
    own = frameworks.__wrapped__(_folder(district))
    return (*frameworks(), *own)


def framework_named(name: str, *, district: Any) -> Framework:
    """The framework of that id. Raises LookupError, naming those there are."""
    found = known_frameworks(district=district)
    for one in found:
        if one.id == name:
            return one
    raise LookupError(f"no framework {name!r}; there are {', '.join(one.id for one in found)}")


def take_in_framework(path: Path, *, name: str, district: Any, actor: str, at: datetime) -> Framework:
    """Keeps an OSCAL catalogue or profile as a framework of the district, under that id; a newer file replaces an older one.

    Raises ContentRefused where the file or the id does not fit, or a shipped framework has that id.
    """
    if not _NAME.fullmatch(name) or len(name) > 80:
        raise _refused(path, "id", f"{name!r}; small letters, digits, dots and hyphens would fit")
    if name in {one.id for one in frameworks()}:
        raise _refused(path, "id", f"{name!r} is shipped; another id would fit")
    framework = framework_of(
        _document(path), name=name, file=path.name, checked_on=at.date(), titles=_titles(district=district)
    )
    folder = _folder(district) / "frameworks"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = folder / f"{name}.new"
    new.write_text(as_yaml(framework), encoding="utf-8")
    new.replace(folder / f"{name}.yaml")
    detail = {"goals": len(framework.goals), "file": path.name}
    record(
        district=district,
        at=at,
        actor=actor,
        action="take in framework",
        subject_kind="framework",
        subject=name,
        detail=detail,
    )
    return framework


def _document(path: Path) -> Any:
    if path.stat().st_size > MOST_BYTES:
        raise _refused(path, "", f"larger than {MOST_BYTES >> 20} MB; one catalogue or profile would fit")
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, ValueError) as why:
        raise _refused(path, "", f"no JSON ({why}); OSCAL as JSON would fit") from None


def _titles(*, district: Any) -> dict[str, str]:
    return {goal: title for one in known_frameworks(district=district) for goal, title in one.goals.items()}


def _refused(path: Path, field: str, told: str) -> ContentRefused:
    return ContentRefused([Problem(file=path.name, field=field, told=told)])


def _folder(district: Any) -> Path:
    return Path(settings.DATA) / "content" / str(district.slug)
