"""The guides of a content folder: guides/<id>.yaml, in the order in which a district meets them."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.guides import Export, Guide
from homeroom.library.reading import SHIPPED, ContentRefused, Field, Problem, misfits, read, shown

FIELDS: tuple[Field, ...] = (
    Field(name="id", type=str, fits="the file's own name without .yaml"),
    Field(name="title", type=str, fits="the system's name"),
    Field(name="gives", type=str, fits="what Homeroom learns from it"),
    Field(name="rights", type=str, fits="what the person who exports needs, and no more"),
    Field(name="exports", type=list, fits="a list of exports"),
    Field(name="connectors", type=list, fits="names of connectors"),
    Field(name="leaves_out", type=str, fits="what the export should not hold"),
    Field(name="sources", type=list, fits="where the steps were read"),
    Field(name="checked_on", type=date, fits="the day when somebody last compared it with the source"),
    Field(name="decides", type=list, fits="staff, student", required=False),
    Field(name="directory", type=bool, fits="true or false", required=False),
    Field(name="order", type=int, fits="a number; small ones come first", required=False),
)
EXPORT: tuple[Field, ...] = (
    Field(name="title", type=str, fits="what is exported"),
    Field(name="steps", type=list, fits="a list of steps"),
    Field(name="command", type=str, fits="the command that does it", required=False),
)


@cache
def guides(directory: Path = SHIPPED) -> tuple[Guide, ...]:
    """Every guide, by its order and title. Raises ContentRefused with all that does not fit."""
    found: list[Guide] = []
    problems: list[Problem] = []
    for path in sorted((directory / "guides").glob("*.yaml")):
        given, file = read(path, root=directory), shown(path, directory)
        wrong = _misfits(given, path=path, file=file)
        problems += wrong
        if not wrong:
            found.append(_built(given))
    if problems:
        raise ContentRefused(problems)
    return tuple(sorted(found, key=lambda one: (one.order, one.title)))


def unknown_connectors(found: tuple[Guide, ...], *, known: frozenset[str]) -> tuple[Problem, ...]:
    """A problem for each connector that a guide names and nobody ships."""
    return tuple(
        Problem(file=f"guides/{guide.id}.yaml", field="connectors", told=f"there is no connector {name!r}")
        for guide in found
        for name in guide.connectors
        if name not in known
    )


def _misfits(given: dict[str, Any], *, path: Path, file: str) -> list[Problem]:
    wrong = misfits(given, FIELDS, file=file)
    if wrong:
        return wrong
    for place, item in enumerate(given["exports"]):
        wrong += misfits(item if isinstance(item, dict) else {}, EXPORT, file=file, under=f"exports[{place}].")
    if given["id"] != path.stem:
        wrong.append(Problem(file=file, field="id", told=f"{given['id']!r}; {path.stem} would fit"))
    return wrong


def _built(given: dict[str, Any]) -> Guide:
    exports = tuple(
        Export(title=item["title"], steps=tuple(map(str, item["steps"])), command=item.get("command", "").strip())
        for item in given["exports"]
    )
    lists = {name: tuple(map(str, given.get(name, ()))) for name in ("connectors", "sources", "decides")}
    return Guide(**{**given, **lists, "exports": exports})
