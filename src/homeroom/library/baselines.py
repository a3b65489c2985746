"""The policies of a content folder: baselines/<suite>/<product>/<id>.yaml, and the terms that a suite names.

A policy's fields:

    id             the file's name without .yaml, such as gmail-delegation
    compares       its id in the published baseline without version (GWS.GMAIL.1.1), or a list of them; none where it is
                   a policy of our own
    title          one sentence: what should be true
    severity       critical, high, medium, low
    asks           settings
    each           unit (organisational units and groups, with inheritance), tenant (the document as a whole; the
                   default), or the path of a list, or paths, whose elements are judged one by one
    named          of an element: the path of its name
    applies_to     a condition; what it does not hold for is not judged
    requires       a condition that holds where all is well (`homeroom.engines.baselines.parsing` has its words)
    unset          {path: value}: what holds where nobody set it, or where a list is missing
    never_empty    true where every tenant has the list of `each`: an empty one says only that nothing was read
    unmet_elsewhere  true where the published baseline counts the policy as not met where it does not apply
    renamed        {name in an admin log: the name that this policy uses}
    assumed        {fits: true|false, because: …}: what to assume where the document cannot say
    by_hand        instead of requires: what a person must look at, because no document shows it
    because        one sentence: what can happen
    fix            the way through the console's menus
    minutes        minutes of work
    satisfies      goals such as cisa-cpg-2.0:3.F, and NIST 800-53 ids as nist-800-53:AC-3
    examples       a list of expect (passes, fails, cannot tell, does not apply) and one of
                     given: {path: value, …}      settings of the top unit (each: unit), else the document; dots go down
                     units: {name: {path: value}} settings by unit; the first is the top
                     changes: {name: {setting: value}} what the admin log says by unit, null for a deleted entry
                     document: {…}                the document as it is
                   with name: what it shows, and today: 'YYYY-MM-DD' where the moment counts

terms.yaml beside the products: {name: {means: words, holds: condition}}; later terms may use earlier ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.states import Severity
from homeroom.engines.baselines.forms import Form
from homeroom.engines.baselines.parsing import Misfit, parse
from homeroom.engines.baselines.paths import path as parsed_path
from homeroom.engines.baselines.policies import Assumed, Case, Expected, Policy
from homeroom.library.reading import SHIPPED, ContentRefused, Field, Problem, misfits, read, shown

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
FIELDS: tuple[Field, ...] = (
    Field(name="id", type=str, fits="the file's own name without .yaml"),
    Field(name="compares", type=(str, list), fits="the published id without version: GWS.GMAIL.1.1", required=False),
    Field(name="title", type=str, fits="one sentence: what should be true"),
    Field(name="severity", type=str, fits=", ".join(Severity)),
    Field(name="asks", type=str, fits="settings"),
    Field(name="each", type=(str, list), fits="unit, tenant, or paths of lists", required=False),
    Field(name="named", type=str, fits="the path of an element's name", required=False),
    Field(name="applies_to", type=(dict, list), fits="a condition", required=False),
    Field(name="requires", type=(dict, list), fits="a condition", required=False),
    Field(name="unset", type=dict, fits="a mapping of path to value", required=False),
    Field(name="never_empty", type=bool, fits="true or false", required=False),
    Field(name="unmet_elsewhere", type=bool, fits="true or false", required=False),
    Field(name="renamed", type=dict, fits="a mapping of name to name", required=False),
    Field(name="assumed", type=dict, fits="fits and because", required=False),
    Field(name="by_hand", type=str, fits="what a person must look at", required=False),
    Field(name="because", type=str, fits="one sentence: what can happen"),
    Field(name="fix", type=str, fits="the way through the console's menus"),
    Field(name="minutes", type=(int, float), fits="minutes of work", required=False),
    Field(name="satisfies", type=list, fits="a list of goals", required=False),
    Field(name="examples", type=list, fits="a list of expect and given", required=False),
)
ASSUMED = (
    Field(name="fits", type=bool, fits="true or false"),
    Field(name="because", type=str, fits="what is delivered, or what silence means"),
)
EXAMPLE = (
    Field(name="expect", type=str, fits=", ".join(Expected)),
    Field(name="given", type=dict, fits="a mapping of path to value", required=False),
    Field(name="units", type=dict, fits="a mapping of unit to its settings", required=False),
    Field(name="changes", type=dict, fits="a mapping of unit to its entries in the admin log", required=False),
    Field(name="document", type=dict, fits="a document", required=False),
    Field(name="today", type=str, fits="a day in quotes", required=False),
    Field(name="name", type=str, fits="what the example shows", required=False),
)
TERM = (
    Field(name="means", type=str, fits="what it means, in words"),
    Field(name="holds", type=(dict, list), fits="a condition"),
)
TOP = "The district"
DELETED = "DELETE_APPLICATION_SETTING"


@cache
def policies(directory: Path = SHIPPED) -> tuple[Policy, ...]:
    """Every policy under `directory`/baselines, by suite, product and published id. Raises ContentRefused."""
    made: list[Policy] = []
    problems: list[Problem] = []
    for suite in _folders(directory / "baselines"):
        try:
            terms = _terms(suite, directory)
        except ContentRefused as refused:
            problems += refused.problems
            continue
        for file in sorted(suite.glob("*/*.yaml")):
            try:
                made.append(_policy(file, suite.name, terms, directory))
            except ContentRefused as refused:
                problems += refused.problems
    problems += _repeated(made)
    if problems:
        raise ContentRefused(problems)
    return tuple(sorted(made, key=lambda one: (one.suite, one.product, _numbered(one.compares))))


def _folders(root: Path) -> list[Path]:
    return sorted(one for one in root.iterdir() if one.is_dir()) if root.is_dir() else []


def _numbered(published: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in published.split(".")]


def _terms(suite: Path, root: Path) -> dict[str, Form]:
    file = suite / "terms.yaml"
    terms: dict[str, Form] = {}
    if not file.exists():
        return terms
    for name, given in read(file, root=root).items():
        told = misfits(given, TERM, file=shown(file, root), under=f"{name}.") if isinstance(given, dict) else []
        if told or not isinstance(given, dict):
            raise ContentRefused(told or [Problem(file=shown(file, root), field=str(name), told="means and holds fit")])
        terms[str(name)] = _parsed(given["holds"], str(name), shown(file, root), terms)
    return terms


def _parsed(given: object, field: str, file: str, terms: Mapping[str, Form]) -> Form:
    try:
        return parse(given, where=field, terms=terms)
    except Misfit as misfit:
        raise ContentRefused([Problem(file=file, field="", told=str(misfit))]) from None


def _policy(file: Path, suite: str, terms: Mapping[str, Form], root: Path) -> Policy:
    given, name = read(file, root=root), shown(file, root)
    problems = misfits(given, FIELDS, file=name) or _words(given, file, name)
    if problems:
        raise ContentRefused(problems)
    applies = _parsed(given["applies_to"], "applies_to", name, terms) if "applies_to" in given else None
    requires = _parsed(given["requires"], "requires", name, terms) if "requires" in given else None
    compares = _listed(given.get("compares", ""))
    return Policy(
        id=given["id"],
        suite=suite,
        product=file.parent.name,
        compares=compares[0],
        also=tuple(compares[1:]),
        title=given["title"],
        severity=Severity(given["severity"]),
        because=given["because"],
        fix=given["fix"],
        each=tuple(_listed(given.get("each", "tenant"))),
        named=given.get("named", ""),
        applies_to=applies,
        requires=requires,
        unset=given.get("unset", {}),
        renamed=given.get("renamed", {}),
        never_empty=given.get("never_empty", False),
        unmet_elsewhere=given.get("unmet_elsewhere", False),
        assumed=Assumed(**given["assumed"]) if "assumed" in given else None,
        by_hand=given.get("by_hand", ""),
        minutes=given.get("minutes", 5),
        satisfies=tuple(given.get("satisfies", ())),
        examples=tuple(_example(one, given.get("each", "tenant")) for one in given.get("examples", ())),
    )


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _words(given: Mapping[str, Any], path: Path, file: str) -> list[Problem]:
    problems = [
        Problem(file=file, field=field, told=f"{given[field]!r}; {', '.join(words)} would fit")
        for field, words in (("id", (path.stem,)), ("severity", tuple(Severity)), ("asks", ("settings",)))
        if given[field] not in words
    ]
    if not _ID.match(given["id"]):
        problems.append(Problem(file=file, field="id", told="small letters, digits and single hyphens would fit"))
    if ("requires" in given) is ("by_hand" in given):
        problems.append(Problem(file=file, field="requires", told="either requires or by_hand would fit"))
    if "assumed" in given:
        problems += misfits(given["assumed"], ASSUMED, file=file, under="assumed.")
    for place, one in enumerate(given.get("examples", ()), start=1):
        problems += _example_problems(one, file, f"examples[{place}]")
    return problems


def _example_problems(one: Any, file: str, under: str) -> list[Problem]:
    if not isinstance(one, dict):
        return [Problem(file=file, field=under, told="a mapping of expect and given would fit")]
    problems = misfits(one, EXAMPLE, file=file, under=f"{under}.")
    if one.get("expect") not in tuple(Expected):
        problems.append(Problem(file=file, field=f"{under}.expect", told=f"{', '.join(Expected)} would fit"))
    if sum(kind in one for kind in ("given", "units", "changes", "document")) != 1:
        problems.append(Problem(file=file, field=under, told="one of given, units, changes and document would fit"))
    return problems


def _example(one: Mapping[str, Any], each: str) -> Case:
    if "document" in one:
        document: Mapping[str, Any] = one["document"]
    elif "units" in one:
        named = {name: nested(given or {}) for name, given in one["units"].items()}
        document = {"policies": named, "tenant_info": {"topLevelOU": next(iter(named), TOP)}}
    elif "changes" in one:
        document = _logged(one["changes"])
    elif each == "unit":
        document = {"policies": {TOP: nested(one["given"])}, "tenant_info": {"topLevelOU": TOP}}
    else:
        document = nested(one["given"])
    return Case(expect=Expected(one["expect"]), document=document, name=one.get("name", ""), today=one.get("today", ""))


def _logged(changes: Mapping[str, Mapping[str, Any] | None]) -> dict[str, Any]:
    """The admin log that says so, all at one moment; the first unit is the top."""
    events = [
        _entry(unit, setting, value) for unit, given in changes.items() for setting, value in (given or {}).items()
    ]
    item = {"id": {"time": "2026-01-05T08:00:00Z"}, "events": events}
    return {"admin_logs": {"items": [item]}, "tenant_info": {"topLevelOU": next(iter(changes), TOP)}}


def _entry(unit: str, setting: str, value: Any) -> dict[str, Any]:
    said = {"SETTING_NAME": setting, "ORG_UNIT_NAME": unit, **({} if value is None else {"NEW_VALUE": value})}
    parameters = [{"name": name, "value": text} for name, text in said.items()]
    return {"name": "CHANGE_APPLICATION_SETTING" if value is not None else DELETED, "parameters": parameters}


def nested(given: Mapping[str, Any]) -> dict[str, Any]:
    """{a.b: 1} as {a: {b: 1}}; names are written as in a path."""
    made: dict[str, Any] = {}
    for written, value in given.items():
        *above, last = parsed_path(str(written)).names or (str(written),)
        inside = made
        for name in above:
            inside = inside.setdefault(name, {})
        inside[last] = value
    return made


def _repeated(made: list[Policy]) -> list[Problem]:
    seen: set[tuple[str, str]] = set()
    problems = []
    for one in made:
        for kind, name in (("id", one.id), *(("compares", published) for published in (one.compares, *one.also))):
            if name and (kind, name) in seen:
                told = f"{name} stands in another policy too; once would fit"
                problems.append(Problem(file=policy_file(one), field=kind, told=told))
            seen.add((kind, name))
    return problems


def policy_file(policy: Policy) -> str:
    """The file that holds the policy, from the content folder on."""
    return f"baselines/{policy.suite}/{policy.product}/{policy.id}.yaml"
