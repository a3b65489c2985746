"""The policies of a content folder: baselines/<suite>/<product>/<id>.yaml, and the terms that a suite defines.

A policy's fields:

    id             the file's name without .yaml, such as gmail-delegation
    compares       its id in the published baseline without version (GWS.GMAIL.1.1), or a list of them; none for a
                   policy of our own
    title          one sentence: what should be true
    problem        one sentence: what is wrong where it is not
    severity       critical, high, medium, low
    asks           settings
    each           unit (organizational units and groups, with inheritance), tenant (the entire document; the
                   default), or the path of a list, or paths, whose elements are assessed one by one
    named          of an element: the path of its name
    applies_to     a condition; what does not match it is not assessed
    requires       a condition that holds if all is well (`engines/protect/baselines/parsing` defines its operators)
    unset          {path: value}: the value if nobody set it, or if a list is missing
    never_empty    true if every tenant has the list of `each`: an empty one only means that nothing was read
    unmet_elsewhere  true if the published baseline counts the policy as not met where it does not apply
    renamed        {name in an admin log: the name that this policy uses}
    assumed        {fits: true|false, because: …}: what to assume if the document does not contain it
    by_hand        instead of requires: what a person must look at, because no document shows it
    because        one sentence: what can happen
    fix            the path through the console's menus
    minutes        minutes of work
    satisfies      goals such as cisa-cpg-2.0:3.F, and NIST 800-53 ids as nist-800-53:AC-3
    examples       a list of expect (a value of `Expected` in `homeroom.engines.protect.baselines.policies`) and one of
                     given: {path: value, …}      settings of the top unit (each: unit), else the document; dots go down
                     units: {name: {path: value}} settings by unit; the first is the top
                     changes: {name: {setting: value}} entries of the admin log by unit, null for a deleted entry
                     document: {…}                the document as it is
                   with name: what it shows, and today: 'YYYY-MM-DD' if the date matters

terms.yaml next to the products: {name: {means: words, holds: condition}}; later terms may use earlier ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from homeroom.domain.matching import InvalidPattern
from homeroom.domain.protect.control_states import Severity
from homeroom.engines.protect.baselines.conditions import SettingCondition
from homeroom.engines.protect.baselines.parsing import parse_condition
from homeroom.engines.protect.baselines.paths import parse_path as parsed_path
from homeroom.engines.protect.baselines.policies import AssumedOutcome, BaselinePolicy, PolicyExample, PolicyState
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    get_relative_name,
    load_files,
    load_yaml,
    validate_fields,
    validate_problem_text,
    validate_statement,
)

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(
        name="compares", type=(str, list), fits="the published id without version: GWS.GMAIL.1.1", required=False
    ),
    ContentField(name="title", type=str, fits="one sentence: what should be true"),
    ContentField(name="problem", type=str, fits="one sentence: what is wrong where it is not true"),
    ContentField(name="severity", type=str, fits=", ".join(Severity)),
    ContentField(name="asks", type=str, fits="settings"),
    ContentField(name="each", type=(str, list), fits="unit, tenant, or paths of lists", required=False),
    ContentField(name="named", type=str, fits="the path of an element's name", required=False),
    ContentField(name="applies_to", type=(dict, list), fits="a condition", required=False),
    ContentField(name="requires", type=(dict, list), fits="a condition", required=False),
    ContentField(name="unset", type=dict, fits="a mapping of path to value", required=False),
    ContentField(name="never_empty", type=bool, fits="true or false", required=False),
    ContentField(name="unmet_elsewhere", type=bool, fits="true or false", required=False),
    ContentField(name="renamed", type=dict, fits="a mapping of name to name", required=False),
    ContentField(name="assumed", type=dict, fits="fits and because", required=False),
    ContentField(name="by_hand", type=str, fits="what a person must look at", required=False),
    ContentField(name="because", type=str, fits="one sentence: what can happen"),
    ContentField(name="fix", type=str, fits="the way through the console's menus"),
    ContentField(name="minutes", type=(int, float), fits="minutes of work", required=False),
    ContentField(name="satisfies", type=list, fits="a list of goals", required=False),
    ContentField(name="examples", type=list, fits="a list of expect and given", required=False),
)
ASSUMED = (
    ContentField(name="fits", type=bool, fits="true or false"),
    ContentField(name="because", type=str, fits="what is delivered, or what silence means"),
)
EXAMPLE = (
    ContentField(name="expect", type=str, fits=", ".join(PolicyState)),
    ContentField(name="given", type=dict, fits="a mapping of path to value", required=False),
    ContentField(name="units", type=dict, fits="a mapping of unit to its settings", required=False),
    ContentField(name="changes", type=dict, fits="a mapping of unit to its entries in the admin log", required=False),
    ContentField(name="document", type=dict, fits="a document", required=False),
    ContentField(name="today", type=str, fits="a day in quotes", required=False),
    ContentField(name="name", type=str, fits="what the example shows", required=False),
)
TERM = (
    ContentField(name="means", type=str, fits="what it means, in words"),
    ContentField(name="holds", type=(dict, list), fits="a condition"),
)
TERMS_FILE = "terms.yaml"
TOP_UNIT = "The district"
DELETED = "DELETE_APPLICATION_SETTING"


@cache
def load_policies(directory: Path = BUILTIN_CONTENT) -> tuple[BaselinePolicy, ...]:
    """Load every policy under `directory`/baselines, by suite, product and published id.

    Raise ContentRefused with all problems.
    """
    loaded: list[BaselinePolicy] = []
    problems: list[ContentProblem] = []
    for suite in _list_folders(directory / "baselines"):
        try:
            terms = _load_terms(suite, directory)
        except ContentRefused as error:
            problems += error.problems
            continue
        load = partial(_load_policy, suite=suite.name, terms=terms, root=directory)
        policies, errors = load_files(sorted(suite.glob("*/*.yaml")), load)
        loaded += policies
        problems += errors
    problems += _find_duplicates(loaded)
    if problems:
        raise ContentRefused(problems, valid=loaded)
    return tuple(sorted(loaded, key=lambda policy: (policy.suite, policy.product, _build_sort_key(policy.compares))))


def _list_folders(root: Path) -> list[Path]:
    return sorted(folder for folder in root.iterdir() if folder.is_dir()) if root.is_dir() else []


def _build_sort_key(published: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in published.split(".")]


def _load_terms(suite: Path, root: Path) -> dict[str, SettingCondition]:
    file = suite / TERMS_FILE
    terms: dict[str, SettingCondition] = {}
    if not file.exists():
        return terms
    for name, definition in load_yaml(file, root=root).items():
        problems = (
            validate_fields(definition, TERM, file=get_relative_name(file, root), under=f"{name}.")
            if isinstance(definition, dict)
            else []
        )
        if problems or not isinstance(definition, dict):
            raise ContentRefused(
                problems
                or [ContentProblem(file=get_relative_name(file, root), field=str(name), message="means and holds fit")]
            )
        terms[str(name)] = _parse_condition(definition["holds"], str(name), get_relative_name(file, root), terms)
    return terms


def _parse_condition(raw: object, field: str, file: str, terms: Mapping[str, SettingCondition]) -> SettingCondition:
    try:
        return parse_condition(raw, where=field, terms=terms)
    except InvalidPattern as error:
        raise ContentRefused([ContentProblem(file=file, field="", message=str(error))]) from None


def _load_policy(file: Path, *, suite: str, terms: Mapping[str, SettingCondition], root: Path) -> BaselinePolicy:
    raw, name = load_yaml(file, root=root), get_relative_name(file, root)
    problems = validate_fields(raw, FIELDS, file=name) or _validate_values(raw, file, name)
    if problems:
        raise ContentRefused(problems)
    applies = _parse_condition(raw["applies_to"], "applies_to", name, terms) if "applies_to" in raw else None
    requires = _parse_condition(raw["requires"], "requires", name, terms) if "requires" in raw else None
    compares = _convert_to_list(raw.get("compares", ""))
    return BaselinePolicy(
        id=raw["id"],
        suite=suite,
        product=file.parent.name,
        compares=compares[0],
        also=tuple(compares[1:]),
        title=raw["title"],
        problem=raw["problem"],
        severity=Severity(raw["severity"]),
        because=raw["because"],
        fix=raw["fix"],
        each=tuple(_convert_to_list(raw.get("each", "tenant"))),
        named=raw.get("named", ""),
        applies_to=applies,
        requires=requires,
        unset=raw.get("unset", {}),
        renamed=raw.get("renamed", {}),
        never_empty=raw.get("never_empty", False),
        unmet_elsewhere=raw.get("unmet_elsewhere", False),
        assumed=AssumedOutcome(**raw["assumed"]) if "assumed" in raw else None,
        by_hand=raw.get("by_hand", ""),
        minutes=raw.get("minutes", 5),
        satisfies=tuple(raw.get("satisfies", ())),
        examples=tuple(_build_example(example, raw.get("each", "tenant")) for example in raw.get("examples", ())),
    )


def _convert_to_list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _validate_values(raw: Mapping[str, Any], path: Path, file: str) -> list[ContentProblem]:
    problems = [
        ContentProblem(file=file, field=field, message=f"{raw[field]!r}; {', '.join(allowed)} would fit")
        for field, allowed in (("id", (path.stem,)), ("severity", tuple(Severity)), ("asks", ("settings",)))
        if raw[field] not in allowed
    ]
    if not _ID.match(raw["id"]):
        problems.append(
            ContentProblem(file=file, field="id", message="small letters, digits and single hyphens would fit")
        )
    problems += validate_statement(raw["title"], file=file, field="title")
    problems += validate_problem_text(raw["problem"], file=file, field="problem", title=raw["title"])
    if ("requires" in raw) is ("by_hand" in raw):
        problems.append(ContentProblem(file=file, field="requires", message="either requires or by_hand would fit"))
    if "assumed" in raw:
        problems += validate_fields(raw["assumed"], ASSUMED, file=file, under="assumed.")
    for position, example in enumerate(raw.get("examples", ()), start=1):
        problems += _validate_example(example, file, f"examples[{position}]")
    return problems


def _validate_example(example: Any, file: str, under: str) -> list[ContentProblem]:
    if not isinstance(example, dict):
        return [ContentProblem(file=file, field=under, message="a mapping of expect and given would fit")]
    problems = validate_fields(example, EXAMPLE, file=file, under=f"{under}.")
    if example.get("expect") not in tuple(PolicyState):
        problems.append(
            ContentProblem(file=file, field=f"{under}.expect", message=f"{', '.join(PolicyState)} would fit")
        )
    if sum(kind in example for kind in ("given", "units", "changes", "document")) != 1:
        problems.append(
            ContentProblem(file=file, field=under, message="one of given, units, changes and document would fit")
        )
    return problems


def _build_example(example: Mapping[str, Any], scope: str) -> PolicyExample:
    if "document" in example:
        document: Mapping[str, Any] = example["document"]
    elif "units" in example:
        units = {name: nest_paths(settings or {}) for name, settings in example["units"].items()}
        document = {"policies": units, "tenant_info": {"topLevelOU": next(iter(units), TOP_UNIT)}}
    elif "changes" in example:
        document = _build_admin_log(example["changes"])
    elif scope == "unit":
        document = {"policies": {TOP_UNIT: nest_paths(example["given"])}, "tenant_info": {"topLevelOU": TOP_UNIT}}
    else:
        document = nest_paths(example["given"])
    return PolicyExample(
        expect=PolicyState(example["expect"]),
        document=document,
        name=example.get("name", ""),
        today=example.get("today", ""),
    )


def _build_admin_log(changes: Mapping[str, Mapping[str, Any] | None]) -> dict[str, Any]:
    """Build an admin log with these changes, all at one moment; the first unit is the top."""
    events = [
        _build_log_entry(unit, setting, value)
        for unit, settings in changes.items()
        for setting, value in (settings or {}).items()
    ]
    item = {"id": {"time": "2026-01-05T08:00:00Z"}, "events": events}
    return {"admin_logs": {"items": [item]}, "tenant_info": {"topLevelOU": next(iter(changes), TOP_UNIT)}}


def _build_log_entry(unit: str, setting: str, value: Any) -> dict[str, Any]:
    fields = {"SETTING_NAME": setting, "ORG_UNIT_NAME": unit, **({} if value is None else {"NEW_VALUE": value})}
    parameters = [{"name": name, "value": text} for name, text in fields.items()]
    return {"name": "CHANGE_APPLICATION_SETTING" if value is not None else DELETED, "parameters": parameters}


def nest_paths(values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert {a.b: 1} to {a: {b: 1}}; names are written as in a path."""
    result: dict[str, Any] = {}
    for path_text, value in values.items():
        *parents, last = parsed_path(str(path_text)).names or (str(path_text),)
        level = result
        for name in parents:
            level = level.setdefault(name, {})
        level[last] = value
    return result


def _find_duplicates(loaded: list[BaselinePolicy]) -> list[ContentProblem]:
    unique: set[tuple[str, str]] = set()
    problems = []
    for policy in loaded:
        for kind, name in (
            ("id", policy.id),
            *(("compares", published) for published in (policy.compares, *policy.also)),
        ):
            if name and (kind, name) in unique:
                message = f"{name} stands in another policy too; once would fit"
                problems.append(ContentProblem(file=get_policy_file(policy), field=kind, message=message))
            unique.add((kind, name))
    return problems


def get_policy_file(policy: BaselinePolicy) -> str:
    """Return the file of the policy, relative to the content folder."""
    return f"baselines/{policy.suite}/{policy.product}/{policy.id}.yaml"
