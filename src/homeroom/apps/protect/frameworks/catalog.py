"""Frameworks available to a district: the built-in ones and those imported from OSCAL files."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from homeroom.apps.comply.laws.catalog import get_content_folder, list_law_frameworks, list_laws
from homeroom.apps.comply.laws.facts import load_fact_values
from homeroom.apps.platform.audit.announcing import ChangedArea, announce_changes
from homeroom.domain.platform.audit.chain import hash_bytes
from homeroom.domain.platform.district import District
from homeroom.domain.protect.frameworks import Framework
from homeroom.evidence.files.blobs import write_file
from homeroom.library.protect.frameworks import load_frameworks
from homeroom.library.protect.oscal import parse_oscal, render_yaml
from homeroom.library.yaml_loader import ContentProblem, ContentRefused

MAX_CATALOG_BYTES = 64 << 20
_ID_PATTERN = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")


def list_frameworks(*, district: District, today: date | None = None) -> tuple[Framework, ...]:
    """Return all frameworks of the district: the built-in ones, the imported ones, and the laws that apply to it.

    Laws that may apply are among them; those of `today` count, else those of the current day.
    """
    imported = load_frameworks.__wrapped__(get_content_folder(district))
    day = today or timezone.now().astimezone(ZoneInfo(district.timezone)).date()
    laws, facts = list_laws(district=district), load_fact_values(district=district)
    return (*load_frameworks(), *imported, *list_law_frameworks(laws, facts=facts, today=day))


def get_framework(name: str, *, district: District, today: date | None = None) -> Framework:
    """Return the framework of that id. Raise LookupError, which lists the available ones."""
    available = list_frameworks(district=district, today=today)
    for framework in available:
        if framework.id == name:
            return framework
    raise LookupError(f"no framework {name!r}; there are {', '.join(framework.id for framework in available)}")


def import_framework(path: Path, *, name: str, district: District, actor: str, at: datetime) -> Framework:
    """Import an OSCAL catalog or profile as a framework of the district; a newer file replaces an older one.

    Raise ContentRefused if the file or the id does not fit, or if a built-in framework has that id.
    """
    if not _ID_PATTERN.fullmatch(name) or len(name) > 80:
        raise _build_refusal(path, "id", f"{name!r}; small letters, digits, dots and hyphens would fit")
    if name in {builtin.id for builtin in load_frameworks()} | list_laws(district=district).keys():
        raise _build_refusal(path, "id", f"{name!r} is shipped; another id would fit")
    framework = parse_oscal(
        _read_document(path),
        name=name,
        file=path.name,
        checked_on=at.date(),
        titles=_collect_goal_titles(district=district),
    )
    folder = get_content_folder(district) / "frameworks"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    imported, content = folder / f"{name}.yaml", render_yaml(framework).encode()
    with announce_changes(district=district, area=ChangedArea.FRAMEWORKS) as changes:
        changes.announce(
            at=at,
            actor=actor,
            action="take in framework",
            subject_kind="framework",
            subject=name,
            detail={"goals": len(framework.goals), "file": path.name},
            path=imported,
            after=hash_bytes(content),
        )
        write_file(imported, content)
    return framework


def _read_document(path: Path) -> Any:
    if path.stat().st_size > MAX_CATALOG_BYTES:
        raise _build_refusal(path, "", f"larger than {MAX_CATALOG_BYTES >> 20} MB; one catalog or profile would fit")
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, ValueError) as error:
        raise _build_refusal(path, "", f"no JSON ({error}); OSCAL as JSON would fit") from None


def _collect_goal_titles(*, district: District) -> dict[str, str]:
    frameworks = (*load_frameworks(), *load_frameworks.__wrapped__(get_content_folder(district)))
    return {goal: title for framework in frameworks for goal, title in framework.goals.items()}


def _build_refusal(path: Path, field: str, message: str) -> ContentRefused:
    return ContentRefused([ContentProblem(file=path.name, field=field, message=message)])
