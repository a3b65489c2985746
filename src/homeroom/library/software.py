"""The products that resolving gives one name: software/<id>.yaml of a content folder; refused where anything does not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.expressions import portable
from homeroom.domain.software import Line, Product, Shelf
from homeroom.library.reading import SHIPPED, ContentRefused, Field, Problem, misfits, read, shown

PLATFORMS = ("windows", "macos", "linux", "chromeos", "ios", "android")
SCHEMES = ("plain", "semver", "python", "deb", "rpm", "windows", "chrome", "apple", "java", "kb")
"""How versions are compared: those of the engine of vulnerabilities that a product's makers may count by."""
LISTS = ("names", "never", "platforms", "vendors", "bundles", "cpes")
_CPE = re.compile(r"[^:\s]+:[^:\s]+\Z")
_WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
FIELDS: tuple[Field, ...] = (
    Field(name="id", type=str, fits="the file's own name without .yaml"),
    Field(name="title", type=str, fits="the name that people know it by"),
    Field(name="kind", type=str, fits="a word such as browser"),
    Field(name="names", type=list, fits="a list of expressions in small letters, any of which finds the name"),
    Field(name="never", type=list, fits="a list of expressions none of which may find the name", required=False),
    Field(name="platforms", type=list, fits=f"a list of {', '.join(PLATFORMS)}"),
    Field(name="scheme", type=str, fits=f"one of {', '.join(SCHEMES)}", required=False),
    Field(
        name="vendors",
        type=list,
        fits="a list of expressions, one of which finds a maker that is named",
        required=False,
    ),
    Field(name="bundles", type=list, fits="a list of ids of apps", required=False),
    Field(name="cpes", type=list, fits="a list of maker:product, as the NVD writes them", required=False),
    Field(name="lines", type=list, fits="a list of lines with versions of their own", required=False),
    Field(name="lifecycle", type=str, fits="the product's name at endoflife.date", required=False),
    Field(name="version_in_name", type=bool, fits="true where the name has the version that counts", required=False),
    Field(name="system", type=bool, fits="true for an operating system", required=False),
    Field(name="examples", type=dict, fits="is and is_not"),
)
LINES: tuple[Field, ...] = (
    Field(name="id", type=str, fits="a word such as esr"),
    Field(name="names", type=list, fits="a list of expressions", required=False),
    Field(name="versions", type=list, fits="a list of expressions", required=False),
    Field(name="cpes", type=list, fits="a list of maker:product", required=False),
    Field(name="editions", type=list, fits="a list of editions", required=False),
    Field(name="lifecycle", type=str, fits="a name at endoflife.date", required=False),
)
EXAMPLES = tuple(Field(name=name, type=list, fits="a list of names as sources write them") for name in ("is", "is_not"))


@cache
def products(directory: Path = SHIPPED) -> tuple[Product, ...]:
    """Every product under `directory`/software, by id. Raises ContentRefused with all that does not fit.

    The examples of every product are tried against all of them: a name that two products claim is refused.
    """
    found: dict[Product, tuple[str, Mapping[str, list[str]]]] = {}
    problems: list[Problem] = []
    for path in sorted((directory / "software").glob("*.yaml")):
        try:
            given, file = read(path, root=directory), shown(path, directory)
            found[_product(given, file, path.stem)] = (file, given["examples"])
        except ContentRefused as refused:
            problems += refused.problems
    shelf = Shelf(tuple(found))
    problems += [one for product, (file, examples) in found.items() for one in _tried(product, file, examples, shelf)]
    if problems:
        raise ContentRefused(problems)
    return tuple(found)


def _product(given: Mapping[str, Any], file: str, stem: str) -> Product:
    problems = misfits(given, FIELDS, file=file)
    problems = problems or misfits(given["examples"], EXAMPLES, file=file, under="examples.")
    problems = problems or _line_misfits(given, file)
    problems = problems or _words(given, file, stem)
    if problems:
        raise ContentRefused(problems)
    return Product(
        id=given["id"],
        kind=given["kind"],
        title=given["title"],
        scheme=given.get("scheme", "plain"),
        lifecycle=given.get("lifecycle", ""),
        system=given.get("system", False),
        version_in_name=given.get("version_in_name", False),
        lines=tuple(_line(one) for one in given.get("lines", ())),
        **{name: tuple(given.get(name, ())) for name in LISTS},
    )


def _line(given: Mapping[str, Any]) -> Line:
    lists = {name: tuple(given.get(name, ())) for name in ("names", "versions", "cpes", "editions")}
    return Line(id=given["id"], lifecycle=given.get("lifecycle", ""), **lists)


def _line_misfits(given: Mapping[str, Any], file: str) -> list[Problem]:
    problems: list[Problem] = []
    for place, one in enumerate(given.get("lines", ())):
        under = f"lines[{place}]."
        if not isinstance(one, Mapping):
            problems.append(Problem(file=file, field=under, told="a mapping with id would fit"))
            continue
        problems += misfits(one, LINES, file=file, under=under)
        problems += [
            Problem(file=file, field=f"{under}{field}", told=told)
            for field in ("names", "versions")
            for told in _unfit(one.get(field, ()))
        ]
    return problems


def _unfit(expressions: Any) -> list[str]:
    told = []
    for expression in expressions:
        try:
            portable(expression)
        except (ValueError, TypeError) as error:
            told.append(str(error))
    return told


def _words(given: Mapping[str, Any], file: str, stem: str) -> list[Problem]:
    problems = []
    if given["id"] != stem or not _WORD.match(stem):
        problems.append(Problem(file=file, field="id", told=f"{given['id']!r}; {stem} in small letters would fit"))
    if not _WORD.match(given["kind"]):
        problems.append(Problem(file=file, field="kind", told=f"{given['kind']!r}; a word such as browser would fit"))
    for platform in given["platforms"]:
        if platform not in PLATFORMS:
            told = f"{platform!r}; {', '.join(PLATFORMS)} would fit"
            problems.append(Problem(file=file, field="platforms", told=told))
    if given.get("scheme", "plain") not in SCHEMES:
        told = f"{given['scheme']!r}; {', '.join(SCHEMES)} would fit"
        problems.append(Problem(file=file, field="scheme", told=told))
    problems += [
        Problem(file=file, field="cpes", told=f"{name!r}; mozilla:firefox would fit")
        for name in given.get("cpes", ())
        if not _CPE.match(str(name))
    ]
    for field in ("names", "never", "vendors"):
        problems += [Problem(file=file, field=field, told=told) for told in _unfit(given.get(field, ()))]
    return problems


def _tried(product: Product, file: str, examples: Mapping[str, list[str]], shelf: Shelf) -> list[Problem]:
    wrong = [
        (f"examples.{place}", name)
        for place in ("is", "is_not")
        for name in examples[place]
        if _misjudged(product, name, place, shelf)
    ]
    return [Problem(file=file, field=field, told=f"{name!r} is found otherwise") for field, name in wrong]


def _misjudged(product: Product, name: str, place: str, shelf: Shelf) -> bool:
    claimed = shelf.claiming(name, beside=product)
    return claimed != [product.id] if place == "is" else product.id in claimed
