"""The tool products of a content folder: groups of them in tools/<group>.yaml; their examples prove their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.manage.tools.names import ToolNames, list_name_forms
from homeroom.domain.manage.tools.products import Season, ToolProduct
from homeroom.library.know.software import list_product_files
from homeroom.library.manage.tools.capability_files import (
    ID_FITS,
    find_repeated_ids,
    find_unknown_capabilities,
    is_identifier,
    load_capabilities,
    load_group,
    validate_texts,
)
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    load_files,
    validate_fields,
)

FOLDER = "tools"
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_EXTENSION = re.compile(r"[a-p]{32}")
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
GROUP_FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="what the group is called"),
    ContentField(name="tools", type=list, fits="a list of tools, each with id, name, does, source and examples"),
)
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits=ID_FITS),
    ContentField(name="name", type=str, fits="what people call it"),
    ContentField(name="vendor", type=str, fits="who sells it", required=False),
    ContentField(name="names", type=list, fits="a list of other names that find it in a text", required=False),
    ContentField(name="not_names", type=list, fits="a list of near names that are something else", required=False),
    ContentField(
        name="short_names", type=list, fits="a list of names that find it only where they are alone", required=False
    ),
    ContentField(name="domains", type=list, fits="a list of domains such as kamiapp.com", required=False),
    ContentField(name="extension_ids", type=list, fits="a list of ids of Chrome extensions", required=False),
    ContentField(name="client_ids", type=list, fits="a list of OAuth client ids", required=False),
    ContentField(name="does", type=list, fits="a list of the capabilities that it is bought for", required=False),
    ContentField(name="also_does", type=list, fits="a list of capabilities that come with it", required=False),
    ContentField(name="season", type=dict, fits="{from: MM-DD, to: MM-DD}", required=False),
    ContentField(name="software", type=list, fits="a list of ids of content/software", required=False),
    ContentField(name="source", type=str, fits="the address of the product's own page"),
    ContentField(name="checked_on", type=date, fits="the day on which the source was read", required=False),
    ContentField(name="is", type=list, fits="a list of texts that name it"),
    ContentField(name="is_not", type=list, fits="a list of near texts that do not name it"),
)
SEASON: tuple[ContentField, ...] = (
    ContentField(name="from", type=str, fits='a day such as "04-01"'),
    ContentField(name="to", type=str, fits='a day such as "05-31"'),
)
TEXTS = ("names", "not_names", "short_names", "domains", "extension_ids", "client_ids", "software")
_Examples = Mapping[str, Sequence[str]]
_Loaded = tuple[ToolProduct, str, _Examples]


@cache
def load_tool_products(directory: Path = BUILTIN_CONTENT) -> tuple[ToolProduct, ...]:
    """Load every tool product, by group and place in its file; raise ContentRefused with all problems.

    Examples are not tested here: `load_proven_tool_products` tests them, in the check of the content and in the tests.
    """
    loaded, problems = _load_groups(directory)
    products = tuple(product for product, _, _ in loaded)
    if problems:
        raise ContentRefused(problems, valid=products)
    return products


@cache
def load_tool_names() -> ToolNames:
    """Load the names of the tool products that ship."""
    return ToolNames(load_tool_products())


def load_proven_tool_products(directory: Path = BUILTIN_CONTENT) -> tuple[ToolProduct, ...]:
    """Load every tool product and test its examples beside all others; raise ContentRefused with all problems.

    A name, domain or id that two tools claim is refused, as is a program that content/software lacks.
    """
    loaded, problems = _load_groups(directory)
    products = tuple(product for product, _, _ in loaded)
    shipped = load_tool_products() if directory != BUILTIN_CONTENT else ()
    own = {product.id for product in products}
    names = ToolNames((*products, *(product for product in shipped if product.id not in own)))
    problems = [
        *problems,
        *_find_shared_names(loaded),
        *(problem for entry in loaded for problem in _check_examples(entry, names)),
    ]
    if problems:
        raise ContentRefused(problems, valid=products)
    return products


def _load_groups(directory: Path) -> tuple[list[_Loaded], list[ContentProblem]]:
    paths = sorted((directory / FOLDER).glob("*.yaml"))
    groups, problems = load_files(paths, lambda path: _load_group(path, directory))
    loaded = [entry for group in groups for entry in group]
    problems += find_repeated_ids([(file, product.id) for product, file, _ in loaded])
    return loaded, problems


@cache
def _list_capability_ids() -> tuple[str, ...]:
    return tuple(capability.id for capability in load_capabilities())


@cache
def _list_software_ids() -> frozenset[str]:
    return frozenset(path.stem for path in list_product_files(BUILTIN_CONTENT))


def _load_group(path: Path, root: Path) -> list[_Loaded]:
    file, entries = load_group(path, root, fields=GROUP_FIELDS, key=FOLDER, validate=_validate_entry)
    return [(_build_product(entry), file, {"is": entry["is"], "is_not": entry["is_not"]}) for entry in entries]


def _validate_entry(entry: Any, file: str, under: str) -> list[ContentProblem]:
    problems = validate_fields(entry, FIELDS, file=file, under=under)
    if problems:
        return problems
    if not is_identifier(entry["id"]):
        problems.append(ContentProblem(file=file, field=f"{under}id", message=f"{entry['id']!r}; {ID_FITS} would fit"))
    for name in (*TEXTS, "is", "is_not", "does", "also_does"):
        problems += validate_texts(entry.get(name, []), file=file, field=f"{under}{name}")
    if not problems:
        problems += _validate_values(entry, file, under)
    return problems


def _validate_values(entry: Mapping[str, Any], file: str, under: str) -> list[ContentProblem]:
    problems = [
        ContentProblem(file=file, field=f"{under}{field}", message=f"{value!r}; {fits} would fit")
        for field, pattern, fits in (
            ("domains", _DOMAIN, "a domain such as kamiapp.com"),
            ("extension_ids", _EXTENSION, "32 letters from a to p"),
        )
        for value in entry.get(field, ())
        if not pattern.fullmatch(value)
    ]
    problems += [
        ContentProblem(file=file, field=f"{under}{field}", message=f"{value!r} has no word; a name would fit")
        for field in ("names", "not_names", "short_names")
        for value in entry.get(field, ())
        if not list_name_forms(value)
    ]
    for field in ("does", "also_does"):
        problems += find_unknown_capabilities(
            entry.get(field, ()), capability_ids=_list_capability_ids(), file=file, field=f"{under}{field}"
        )
    problems += [
        ContentProblem(file=file, field=f"{under}software", message=f"{value!r} is not in software/")
        for value in entry.get("software", ())
        if value not in _list_software_ids()
    ]
    return problems + _validate_season(entry.get("season"), file, under)


def _validate_season(season: Any, file: str, under: str) -> list[ContentProblem]:
    if season is None:
        return []
    problems = validate_fields(season, SEASON, file=file, under=f"{under}season.")
    return problems or [
        ContentProblem(file=file, field=f"{under}season.{name}", message=f'{day!r}; a day such as "04-01" would fit')
        for name, day in season.items()
        if not _MONTH_DAY.fullmatch(day)
    ]


def _build_product(entry: Mapping[str, Any]) -> ToolProduct:
    season = entry.get("season")
    return ToolProduct(
        id=entry["id"],
        name=entry["name"],
        vendor=entry.get("vendor", ""),
        does=frozenset(entry.get("does", ())),
        also_does=frozenset(entry.get("also_does", ())),
        season=Season(starts=season["from"], ends=season["to"]) if season else None,
        source=entry["source"],
        checked_on=entry.get("checked_on"),
        **{name: tuple(entry.get(name, ())) for name in TEXTS},
    )


def _find_shared_names(loaded: Iterable[_Loaded]) -> list[ContentProblem]:
    """Return a problem for each name, domain and id that an earlier product has too."""
    owners: dict[object, str] = {}
    problems = []
    for product, file, _ in loaded:
        for field, key, name in _list_claims(product):
            owner = owners.setdefault(key, product.id)
            if owner != product.id:
                message = f"{name!r} is of {owner} too; a name of its own would fit"
                problems.append(ContentProblem(file=file, field=f"{product.id}.{field}", message=message))
    return problems


def _list_claims(product: ToolProduct) -> Iterable[tuple[str, object, str]]:
    """Return field, key and text of each name, domain and id of a product."""
    for name in product.all_names:
        for words in list_name_forms(name):
            yield "names", words, name
    for field in ("domains", "extension_ids", "client_ids"):
        for name in getattr(product, field):
            yield field, name.casefold(), name


def _check_examples(entry: _Loaded, names: ToolNames) -> list[ContentProblem]:
    product, file, examples = entry
    answers = [
        (kind, position, text, names.find(text))
        for kind in ("is", "is_not")
        for position, text in enumerate(examples[kind])
    ]
    return [
        ContentProblem(
            file=file,
            field=f"{product.id}.{kind}[{position}]",
            message=f"{text!r} is {answer.name if answer else 'no tool that is known'}",
        )
        for kind, position, text, answer in answers
        if (answer is not None and answer.id == product.id) != (kind == "is")
    ]
