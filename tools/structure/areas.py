"""Find the areas of the code and the parts of each: its nouns, computation, state, pages, verbs, content and tests."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from homeroom.domain.wings import WINGS
from tools.steps import ROOT
from tools.structure.area_parts import AREAS_OF_CONTENT, AREAS_OF_PARTS, SHARED_PARTS

SOURCE = ROOT / "src" / "homeroom"
LAYERS = ("domain", "engines", "library", "apps", "web", "cli")
TESTS = ("unit", "apps", "web")
NOT_PARTS = ("templates",)


@dataclass(frozen=True, slots=True)
class Area:
    """An area of a wing: a package of `apps/<wing>/`, its purpose, and its parts as paths below the repository."""

    wing: str
    name: str
    purpose: str
    parts: tuple[str, ...]

    @property
    def key(self) -> str:
        """Return the area's name with its wing, as in `protect/posture`."""
        return f"{self.wing}/{self.name}"


def list_areas() -> list[Area]:
    """Return every area with its parts, by wing in reading order and then by name."""
    parts = _group_parts()
    return [
        Area(wing, name, _read_purpose(SOURCE / "apps" / wing / name), tuple(sorted(parts.get(f"{wing}/{name}", ()))))
        for wing in WINGS
        for name in _list_area_names(wing)
    ]


def list_unplaced_parts() -> list[str]:
    """Return modules and folders of a wing, and kinds of content, that belong to no area."""
    parts = [path.relative_to(ROOT).as_posix() for path in _list_wing_parts() if not _find_areas(path)]
    content = (path.name for path in (SOURCE / "content").iterdir() if not path.name.startswith("_"))
    return sorted([*parts, *(f"src/homeroom/content/{name}" for name in content if name not in AREAS_OF_CONTENT)])


def list_stale_places() -> list[str]:
    """Return entries of `area_parts` that name an area or a file that is gone."""
    areas = {f"{wing}/{area}" for wing in WINGS for area in _list_area_names(wing)}
    parts = {(path.parent.name, _get_part_name(path)) for path in _list_wing_parts()}
    placed = [(wing, name, f"{wing}/{area}") for (wing, name), owners in AREAS_OF_PARTS.items() for area in owners]
    stale = {f"{wing}/{name}" for wing, name, area in placed if (wing, name) not in parts or area not in areas}
    files = [(f"content/{name}", area) for name, area in AREAS_OF_CONTENT.items()]
    files += [(part, area) for area, shared in SHARED_PARTS.items() for part in shared]
    return sorted(stale | {part for part, area in files if area not in areas or not (SOURCE / part).exists()})


def _group_parts() -> dict[str, set[str]]:
    parts: dict[str, set[str]] = {}
    for path in _list_wing_parts():
        for area in _find_areas(path):
            parts.setdefault(area, set()).add(path.relative_to(ROOT).as_posix())
    for name, area in AREAS_OF_CONTENT.items():
        parts.setdefault(area, set()).add(f"src/homeroom/content/{name}")
    for area, paths in SHARED_PARTS.items():
        parts.setdefault(area, set()).update(f"src/homeroom/{path}" for path in paths)
    return parts


@cache
def _list_area_names(wing: str) -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in (SOURCE / "apps" / wing).glob("*/__init__.py")))


def _list_wing_parts() -> list[Path]:
    """Return the modules and packages directly below each wing of each layer, and those of the tests."""
    folders = [SOURCE / layer / wing for layer in LAYERS for wing in WINGS]
    folders += [ROOT / "tests" / layer / wing for layer in TESTS for wing in WINGS]
    return [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()) if _is_part(path)]


def _is_part(path: Path) -> bool:
    if path.name.startswith("_") or path.name in NOT_PARTS:
        return False
    return path.suffix == ".py" or (path / "__init__.py").exists() or any(path.glob("test_*.py"))


def _find_areas(path: Path) -> list[str]:
    wing, name = path.parent.name, _get_part_name(path)
    names = (name,) if name in _list_area_names(wing) else AREAS_OF_PARTS.get((wing, name), ())
    return [f"{wing}/{area}" for area in names]


def _get_part_name(path: Path) -> str:
    return path.name.removesuffix(".py").removeprefix("test_")


def _read_purpose(package: Path) -> str:
    text = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    return text.split("\n\n")[0].replace("\n", " ")
