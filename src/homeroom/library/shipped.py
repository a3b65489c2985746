"""The mappings that come with Homeroom: lists of named products whose headings their makers publish nowhere.

content/mappings/<name>.yaml is a mapping file (`ingest.mapping`) and, beside it, what a person has to know: which product it
is, how the list is exported, and how far its headings are known. Nobody can tell by such headings whose list it is, so that
a person names the product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.ingest.connector import Connector
from homeroom.ingest.mapped import headings_of
from homeroom.ingest.mapping import connector_of
from homeroom.ingest.problems import Refused
from homeroom.ingest.rows import folded
from homeroom.library.reading import SHIPPED, ContentRefused, Field, Problem, misfits, read, shown

ABOUT = (
    Field(name="product", type=str, fits="the product's name"),
    Field(name="export", type=list, fits="the steps that make the list"),
    Field(name="headings", type=str, fits="how far the headings are known, in a sentence"),
    Field(name="checked_on", type=date, fits="a date"),
)


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """One mapping. `document` is the mapping file without what is said about it."""

    name: str
    product: str
    export: tuple[str, ...]
    headings: str
    checked_on: date
    document: Mapping[str, Any]
    connector: Connector

    @property
    def table(self) -> str:
        """The canonical table that it fills."""
        return str(self.document["table"])

    def columns(self, headings: Sequence[str]) -> dict[str, str]:
        """{canonical column: the list's heading}, for every column of which the list has a heading; case is no matter."""
        there = {folded(heading): heading for heading in reversed(headings)}
        found = {
            column: next((there[folded(one)] for one in headings_of(about.get("from")) if folded(one) in there), "")
            for column, about in self.document["columns"].items()
        }
        return {column: heading for column, heading in found.items() if heading}


@cache
def shipped_mappings(directory: Path = SHIPPED) -> tuple[Shipped, ...]:
    """Every mapping under `directory`/mappings, by name. Raises ContentRefused with all that does not fit."""
    found: list[Shipped] = []
    problems: list[Problem] = []
    for path in sorted((directory / "mappings").glob("*.yaml")):
        given, file = read(path, root=directory), shown(path, directory)
        about = {field.name: given[field.name] for field in ABOUT if field.name in given}
        document = {name: value for name, value in given.items() if name not in about}
        wrong = misfits(about, ABOUT, file=file)
        if given.get("name") != path.stem:
            wrong.append(Problem(file=file, field="name", told=f"{given.get('name')!r}; {path.stem} would fit"))
        try:
            connector = connector_of(document, file=file)
        except Refused as why:
            problems += [Problem(file=file, field=one.field or "", told=str(one)) for one in why.problems]
            continue
        problems += wrong
        if not wrong:
            found.append(_shipped(about, document=document, connector=connector))
    if problems:
        raise ContentRefused(problems)
    return tuple(found)


def shipped_mapping(name: str) -> Shipped:
    """The mapping of that name. Raises LookupError, with the names that there are."""
    for one in shipped_mappings():
        if one.name == name:
            return one
    names = ", ".join(one.name for one in shipped_mappings())
    raise LookupError(f"no mapping comes under the name {name!r}; {names} do")


def _shipped(about: Mapping[str, Any], *, document: Mapping[str, Any], connector: Connector) -> Shipped:
    return Shipped(
        name=document["name"],
        product=about["product"],
        export=tuple(str(step) for step in about["export"]),
        headings=about["headings"],
        checked_on=about["checked_on"],
        document=document,
        connector=connector,
    )
