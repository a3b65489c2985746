"""The needs of a product in its file: systems with least versions, memory and disk, the source, and examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from homeroom.domain.know.software.needs import ProductNeeds, SystemNeeds
from homeroom.library.yaml_loader import ContentField, ContentProblem, validate_fields

NEEDS: tuple[ContentField, ...] = (
    ContentField(name="systems", type=list, fits="a list of platforms, each with what is needed there"),
    ContentField(name="source", type=str, fits="the address of the maker's page"),
    ContentField(name="as_of", type=str, fits="the last day for which the page vouches, in quotes", required=False),
    ContentField(name="title", type=str, fits="what the needs are for, such as Windows 11", required=False),
    ContentField(name="never", type=list, fits="platforms on which it does not run", required=False),
    ContentField(
        name="updates", type=bool, fits="true where the system must still get updates of its maker", required=False
    ),
    ContentField(name="examples", type=dict, fits="enough and too_old, as a platform and a version"),
)
SYSTEM: tuple[ContentField, ...] = (
    ContentField(name="platform", type=str, fits="a platform such as windows"),
    ContentField(name="least", type=str, fits="the least version of its system, in quotes", required=False),
    ContentField(name="memory", type=int, fits="gigabytes", required=False),
    ContentField(name="disk", type=int, fits="gigabytes", required=False),
    ContentField(name="architecture", type=str, fits="64-bit", required=False),
)
EXAMPLES = tuple(
    ContentField(name=name, type=list, fits='a list such as "macos 12.6"') for name in ("enough", "too_old")
)


def validate_needs(raw: Mapping[str, Any] | None, file: str, *, platforms: Sequence[str]) -> list[ContentProblem]:
    """Return the problems of a product's needs; none for a product without them."""
    if raw is None:
        return []
    problems = validate_fields(raw, NEEDS, file=file, under="needs.")
    problems = problems or validate_fields(raw["examples"], EXAMPLES, file=file, under="needs.examples.")
    if problems:
        return problems
    for position, system in enumerate(raw["systems"]):
        under = f"needs.systems[{position}]."
        if not isinstance(system, Mapping):
            problems.append(ContentProblem(file=file, field=under, message="a mapping with platform would fit"))
            continue
        problems += validate_fields(system, SYSTEM, file=file, under=under)
        problems += _check_platforms([system.get("platform", "")], f"{under}platform", file, platforms)
    problems += _check_platforms(raw.get("never", ()), "needs.never", file, platforms)
    if not raw["source"].startswith("https://"):
        message = f"{raw['source'][:60]!r}; an address with https:// would fit"
        problems.append(ContentProblem(file=file, field="needs.source", message=message))
    if raw.get("as_of") and _parse_day(raw["as_of"]) is None:
        message = f"{raw['as_of']!r}; a day such as '2026-07-15' would fit"
        problems.append(ContentProblem(file=file, field="needs.as_of", message=message))
    return problems


def _check_platforms(names: Sequence[Any], field: str, file: str, platforms: Sequence[str]) -> list[ContentProblem]:
    return [
        ContentProblem(file=file, field=field, message=f"{name!r}; {', '.join(platforms)} would fit")
        for name in names
        if name not in platforms
    ]


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def build_needs(raw: Mapping[str, Any]) -> ProductNeeds:
    """Return the needs of a product from valid content."""
    return ProductNeeds(
        systems=tuple(SystemNeeds(**system) for system in raw["systems"]),
        source=raw["source"],
        title=raw.get("title", ""),
        never=tuple(raw.get("never", ())),
        updates=raw.get("updates", False),
        as_of=_parse_day(raw["as_of"]) if raw.get("as_of") else None,
    )


def check_needs_examples(needs: ProductNeeds | None, raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
    """Return the examples of versions that are judged otherwise than their list has them."""
    if needs is None:
        return []
    problems = []
    for kind, wanted in (("enough", True), ("too_old", False)):
        for text in raw["examples"][kind]:
            platform, _, version = str(text).partition(" ")
            system = needs.find_system(platform)
            if system is None or system.is_enough(version) is not wanted:
                field = f"needs.examples.{kind}"
                problems.append(ContentProblem(file=file, field=field, message=f"{text!r} is judged otherwise"))
    return problems
