"""The products with one resolved name: software/<id>.yaml of a content folder; invalid ones are refused."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.expressions import convert_to_portable
from homeroom.domain.know.software.products import Product, ProductCatalog, ProductLine
from homeroom.library.know.product_needs import build_needs, check_needs_examples, validate_needs
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    get_relative_name,
    load_files,
    load_yaml,
    validate_fields,
)

PLATFORMS = ("windows", "macos", "linux", "chromeos", "ios", "android")
SCHEMES = ("plain", "semver", "python", "deb", "rpm", "windows", "chrome", "apple", "java", "kb")
"""How versions are compared: those schemes of the vulnerability engine that a vendor may use."""
LISTS = ("names", "never", "platforms", "vendors", "bundles", "cpes", "installer_versions")
_CPE = re.compile(r"[^:\s]+:[^:\s]+\Z")
_WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="the name that people know it by"),
    ContentField(name="kind", type=str, fits="a word such as browser"),
    ContentField(name="names", type=list, fits="a list of expressions in small letters, any of which finds the name"),
    ContentField(name="never", type=list, fits="a list of expressions none of which may find the name", required=False),
    ContentField(name="platforms", type=list, fits=f"a list of {', '.join(PLATFORMS)}"),
    ContentField(name="scheme", type=str, fits=f"one of {', '.join(SCHEMES)}", required=False),
    ContentField(
        name="vendors",
        type=list,
        fits="a list of expressions, one of which finds a maker that is named",
        required=False,
    ),
    ContentField(name="bundles", type=list, fits="a list of ids of apps", required=False),
    ContentField(name="cpes", type=list, fits="a list of maker:product, as the NVD writes them", required=False),
    ContentField(name="lines", type=list, fits="a list of lines with versions of their own", required=False),
    ContentField(name="lifecycle", type=str, fits="the product's name at endoflife.date", required=False),
    ContentField(
        name="version_in_name", type=bool, fits="true where the name has the version that counts", required=False
    ),
    ContentField(
        name="installer_versions",
        type=list,
        fits="a list of expressions that find versions as only its installer counts",
        required=False,
    ),
    ContentField(name="system", type=bool, fits="true for an operating system", required=False),
    ContentField(
        name="needs", type=dict, fits="systems, source and what else the maker says that a device needs", required=False
    ),
    ContentField(name="examples", type=dict, fits="is and is_not"),
)
LINES: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="a word such as esr"),
    ContentField(name="names", type=list, fits="a list of expressions", required=False),
    ContentField(name="versions", type=list, fits="a list of expressions", required=False),
    ContentField(name="cpes", type=list, fits="a list of maker:product", required=False),
    ContentField(name="editions", type=list, fits="a list of editions", required=False),
    ContentField(name="lifecycle", type=str, fits="a name at endoflife.date", required=False),
)
EXAMPLES = tuple(
    ContentField(name=name, type=list, fits="a list of names as sources write them") for name in ("is", "is_not")
)


@cache
def load_products(directory: Path = BUILTIN_CONTENT) -> tuple[Product, ...]:
    """Load every product under `directory`/software, by id; raise ContentRefused with all problems of single files.

    The examples are not tested here: `load_proven_products` tests them, in the check of the content and in the tests.
    """
    loaded, problems = _load_product_files(directory)
    if problems:
        raise ContentRefused(problems, valid=tuple(product for product, _, _ in loaded))
    return tuple(product for product, _, _ in loaded)


def load_proven_products(directory: Path = BUILTIN_CONTENT) -> tuple[Product, ...]:
    """Load every product, and test the examples of each against all; raise ContentRefused with all problems.

    A name that two products claim is refused.
    """
    loaded, problems = _load_product_files(directory)
    products = tuple(product for product, _, _ in loaded)
    catalog = ProductCatalog(products)
    problems = problems + [
        problem for product, file, examples in loaded for problem in _check_examples(product, file, examples, catalog)
    ]
    if problems:
        raise ContentRefused(problems, valid=products)
    return products


def hash_product_files(directory: Path = BUILTIN_CONTENT) -> str:
    """Return a hash of all files of products: equal files define equal products."""
    files = list_product_files(directory)
    return hashlib.sha256(
        b"\0".join(part for path in files for part in (path.name.encode(), path.read_bytes()))
    ).hexdigest()


def list_product_files(directory: Path) -> list[Path]:
    """Return the files of products of a content folder, by name."""
    return sorted((directory / "software").glob("*.yaml"))


def _load_product_files(
    directory: Path,
) -> tuple[list[tuple[Product, str, Mapping[str, list[str]]]], list[ContentProblem]]:
    return load_files(list_product_files(directory), lambda path: _load_product(path, directory))


def _load_product(path: Path, root: Path) -> tuple[Product, str, Mapping[str, list[str]]]:
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    product = _build_product(raw, file, path.stem)
    if problems := check_needs_examples(product.needs, raw.get("needs", {}), file):
        raise ContentRefused(problems)
    return product, file, raw["examples"]


def _build_product(raw: Mapping[str, Any], file: str, stem: str) -> Product:
    problems = validate_fields(raw, FIELDS, file=file)
    problems = problems or validate_fields(raw["examples"], EXAMPLES, file=file, under="examples.")
    problems = problems or _validate_lines(raw, file)
    problems = problems or validate_needs(raw.get("needs"), file, platforms=PLATFORMS)
    problems = problems or _validate_values(raw, file, stem)
    if problems:
        raise ContentRefused(problems)
    return Product(
        id=raw["id"],
        kind=raw["kind"],
        title=raw["title"],
        scheme=raw.get("scheme", "plain"),
        lifecycle=raw.get("lifecycle", ""),
        system=raw.get("system", False),
        version_in_name=raw.get("version_in_name", False),
        needs=build_needs(raw["needs"]) if "needs" in raw else None,
        lines=tuple(_build_line(line) for line in raw.get("lines", ())),
        **{name: tuple(raw.get(name, ())) for name in LISTS},
    )


def _build_line(raw: Mapping[str, Any]) -> ProductLine:
    lists = {name: tuple(raw.get(name, ())) for name in ("names", "versions", "cpes", "editions")}
    return ProductLine(id=raw["id"], lifecycle=raw.get("lifecycle", ""), **lists)


def _validate_lines(raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
    problems: list[ContentProblem] = []
    for position, line in enumerate(raw.get("lines", ())):
        under = f"lines[{position}]."
        if not isinstance(line, Mapping):
            problems.append(ContentProblem(file=file, field=under, message="a mapping with id would fit"))
            continue
        problems += validate_fields(line, LINES, file=file, under=under)
        problems += [
            ContentProblem(file=file, field=f"{under}{field}", message=message)
            for field in ("names", "versions")
            for message in _find_invalid_expressions(line.get(field, ()))
        ]
    return problems


def _find_invalid_expressions(expressions: Any) -> list[str]:
    errors = []
    for expression in expressions:
        try:
            convert_to_portable(expression)
        except (ValueError, TypeError) as error:
            errors.append(str(error))
    return errors


def _validate_values(raw: Mapping[str, Any], file: str, stem: str) -> list[ContentProblem]:
    problems = []
    if raw["id"] != stem or not _WORD.match(stem):
        problems.append(
            ContentProblem(file=file, field="id", message=f"{raw['id']!r}; {stem} in small letters would fit")
        )
    if not _WORD.match(raw["kind"]):
        problems.append(
            ContentProblem(file=file, field="kind", message=f"{raw['kind']!r}; a word such as browser would fit")
        )
    for platform in raw["platforms"]:
        if platform not in PLATFORMS:
            message = f"{platform!r}; {', '.join(PLATFORMS)} would fit"
            problems.append(ContentProblem(file=file, field="platforms", message=message))
    if raw.get("scheme", "plain") not in SCHEMES:
        message = f"{raw['scheme']!r}; {', '.join(SCHEMES)} would fit"
        problems.append(ContentProblem(file=file, field="scheme", message=message))
    problems += [
        ContentProblem(file=file, field="cpes", message=f"{name!r}; mozilla:firefox would fit")
        for name in raw.get("cpes", ())
        if not _CPE.match(str(name))
    ]
    for field in ("names", "never", "vendors", "installer_versions"):
        problems += [
            ContentProblem(file=file, field=field, message=message)
            for message in _find_invalid_expressions(raw.get(field, ()))
        ]
    return problems


def _check_examples(
    product: Product, file: str, examples: Mapping[str, list[str]], catalog: ProductCatalog
) -> list[ContentProblem]:
    errors = [
        (f"examples.{kind}", name)
        for kind in ("is", "is_not")
        for name in examples[kind]
        if _is_misidentified(product, name, kind, catalog)
    ]
    return [ContentProblem(file=file, field=field, message=f"{name!r} is found otherwise") for field, name in errors]


def _is_misidentified(product: Product, name: str, kind: str, catalog: ProductCatalog) -> bool:
    claimed = catalog.list_matching_ids(name, product=product)
    return claimed != [product.id] if kind == "is" else product.id in claimed
