"""The controls of a content folder: controls/<area>/<id>.yaml, or loose files; refused where anything does not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.controls import Control, Effort, Example, Expectation, Grouping
from homeroom.domain.matching import Misfit, parse
from homeroom.domain.states import Severity
from homeroom.engines.posture.questions import FOLDED, KINDS
from homeroom.evidence.patterns import fields_of
from homeroom.evidence.tables import TABLES
from homeroom.library.reading import SHIPPED, ContentRefused, Field, Problem, misfits, read, shown
from homeroom.library.remedies import actions

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
WHO = ("technician", "director", "auditor")
DISTURBS = ("nobody", "class")
FIELDS: tuple[Field, ...] = (
    Field(name="id", type=str, fits="the file's own name without .yaml"),
    Field(name="title", type=str, fits="one sentence: what should be true"),
    Field(name="severity", type=str, fits=", ".join(Severity)),
    Field(name="asks", type=str, fits=", ".join(KINDS)),
    Field(name="subject", type=str, fits="directory", required=False),
    Field(name="applies_to", type=(dict, list), fits="a pattern, or a list of patterns", required=False),
    Field(name="requires", type=(dict, list), fits="a pattern, or a list of patterns", required=False),
    Field(name="sql", type=str, fits="a SELECT that gives id and state", required=False),
    Field(name="because", type=str, fits="one sentence: what can happen"),
    Field(name="fix", type=dict, fits="steps in words by product, such as google: …"),
    Field(name="effort", type=dict, fits="minutes_per_subject and minutes_once"),
    Field(name="who", type=str, fits=", ".join(WHO), required=False),
    Field(name="disturbs", type=str, fits=", ".join(DISTURBS), required=False),
    Field(name="satisfies", type=list, fits="a list of goals such as cisa-cpg-2.0:3.F", required=False),
    Field(name="shows", type=list, fits="a list of columns of the asked table"),
    Field(name="question", type=bool, fits="true or false", required=False),
    Field(name="remedies", type=list, fits="a list of actions such as google.suspend-user", required=False),
    Field(name="groups", type=dict, fits="by, at_share, at_least and title", required=False),
    Field(name="examples", type=list, fits="a list of expect and given"),
)
EFFORT = tuple(
    Field(name=name, type=(int, float), fits="a number of minutes") for name in ("minutes_per_subject", "minutes_once")
)
GROUPS = (
    Field(name="by", type=list, fits="a list of columns of the asked table, the one that names the group first"),
    Field(name="at_share", type=(int, float), fits="a share such as 0.8"),
    Field(name="at_least", type=int, fits="a number of subjects"),
    Field(name="title", type=str, fits="a title that names {group}"),
)
EXAMPLE = (
    Field(name="expect", type=str, fits=", ".join(Expectation)),
    Field(name="given", type=dict, fits="one row, or for sql a list of rows by table"),
    Field(name="today", type=str, fits="a day in quotes, such as '2026-01-15'", required=False),
    Field(name="name", type=str, fits="what the example shows", required=False),
)


@cache
def controls(directory: Path = SHIPPED) -> tuple[Control, ...]:
    """Every control under `directory`, by id. Raises ContentRefused with all that does not fit."""
    found: list[Control] = []
    problems: list[Problem] = []
    for path in control_files(directory):
        try:
            found.append(_control(path, directory))
        except ContentRefused as refused:
            problems += refused.problems
    problems += _repeated(found)
    if problems:
        raise ContentRefused(problems)
    return tuple(sorted(found, key=lambda control: control.id))


def control_files(directory: Path) -> list[Path]:
    """What stands under controls/; in a folder without one, everything that is no framework, risk table or planning rule."""
    inside = directory / "controls"
    root = inside if inside.is_dir() else directory
    found = [path for ending in ("*.yaml", "*.yml") for path in root.rglob(ending)]
    others = (directory / "frameworks", directory / "software", directory / "risk.yaml", directory / "planning.yaml")
    return sorted(path for path in found if not {path, *path.parents} & {*others})


def _control(path: Path, root: Path) -> Control:
    given, file = read(path, root=root), shown(path, root)
    problems = misfits(given, FIELDS, file=file)
    if not problems:
        problems = [*_parts(given, file), *_words(given, path, file)]
    if not problems:
        problems = [
            *_columns(given, file),
            *_remedies(given, file),
            *_patterns(given, file, shipped=root.resolve() == SHIPPED),
        ]
    if problems:
        raise ContentRefused(problems)
    return _made(given, area=path.resolve().parent.name)


def _parts(given: Mapping[str, Any], file: str) -> list[Problem]:
    problems = misfits(given["effort"], EFFORT, file=file, under="effort.")
    problems += misfits(given.get("groups", {}), GROUPS, file=file, under="groups.") if "groups" in given else []
    for place, example in enumerate(given["examples"], start=1):
        under = f"examples[{place}]."
        problems += (
            misfits(example, EXAMPLE, file=file, under=under)
            if isinstance(example, dict)
            else [Problem(file=file, field=under[:-1], told="a mapping of expect and given would fit")]
        )
    return problems


def _words(given: Mapping[str, Any], path: Path, file: str) -> list[Problem]:
    """Values that must be one of a few words."""
    allowed: list[tuple[str, Any, tuple[str, ...]]] = [
        ("id", given["id"], (path.stem,)),
        ("severity", given["severity"], tuple(Severity)),
        ("asks", given["asks"], tuple(KINDS)),
        ("who", given.get("who", WHO[0]), WHO),
        ("disturbs", given.get("disturbs", DISTURBS[0]), DISTURBS),
        ("subject", given.get("subject", ""), ("", "directory")),
        *((f"examples[{n}].expect", one["expect"], tuple(Expectation)) for n, one in enumerate(given["examples"], 1)),
    ]
    problems = [
        Problem(file=file, field=field, told=f"{value!r}; {', '.join(word for word in words if word)} would fit")
        for field, value, words in allowed
        if value not in words
    ]
    if not _ID.match(given["id"]):
        problems.append(Problem(file=file, field="id", told="small letters, digits and single hyphens would fit"))
    texts = [("fix", list(given["fix"].values())), ("satisfies", given.get("satisfies", [])), ("shows", given["shows"])]
    texts += [("groups.by", given["groups"]["by"])] if "groups" in given else []
    for field, values in texts:
        if not values or not all(isinstance(value, str) and value for value in values):
            problems.append(Problem(file=file, field=field, told="texts would fit, each with something in it"))
    return [one for one in problems if not (one.field == "satisfies" and "satisfies" not in given)]


def _columns(given: Mapping[str, Any], file: str) -> list[Problem]:
    table = TABLES[given["asks"]]
    groups = (
        TABLES["devices"] if table.name in FOLDED else table
    )  # a group is one of devices, whatever is asked of them
    named = [("shows", table, column) for column in given["shows"]]
    named += [("groups.by", groups, column) for column in given["groups"]["by"]] if "groups" in given else []
    return [
        Problem(file=file, field=field, told=f"no column {name!r} in {of.name}; there are {', '.join(of.names)}")
        for field, of, name in named
        if name not in of.names
    ]


def _remedies(given: Mapping[str, Any], file: str) -> list[Problem]:
    """Each remedy is an action that some connector offers for the subjects of the control."""
    kind = given.get("subject") or KINDS[given["asks"]]
    there = [action.id for action in actions().values() if action.subject == kind]
    return [
        Problem(file=file, field="remedies", told=f"{name!r}; {', '.join(there) or 'nothing'} would fit")
        for name in given.get("remedies", [])
        if name not in there
    ]


def _patterns(given: Mapping[str, Any], file: str, *, shipped: bool) -> list[Problem]:
    if "sql" in given:
        return _sql(given, file, shipped=shipped)
    if "subject" in given:
        return [Problem(file=file, field="subject", told="only a control with sql has subjects of its own")]
    problems = []
    for field in ("applies_to", "requires"):
        try:
            parse(given.get(field, {}), fields=fields_of(TABLES[given["asks"]]), where=field)
        except Misfit as misfit:
            problems.append(Problem(file=file, field="", told=str(misfit)))
    if not given.get("requires"):
        problems.append(Problem(file=file, field="requires", told="a pattern that a passing subject fits would fit"))
    if _names_maybe(given.get("requires")):
        problems.append(Problem(file=file, field="requires", told="maybe would let a missing value pass; leave it out"))
    return problems


def _names_maybe(pattern: Any) -> bool:
    listed = pattern if isinstance(pattern, list) else [pattern]
    return any("maybe" in str(key).split("|") for one in listed if isinstance(one, dict) for key in one)


def _sql(given: Mapping[str, Any], file: str, *, shipped: bool) -> list[Problem]:
    if not shipped:
        return [
            Problem(
                file=file, field="sql", told="only controls that come with Homeroom may ask in SQL; a pattern would fit"
            )
        ]
    if given["asks"] in FOLDED:
        return [Problem(file=file, field="asks", told=f"{given['asks']!r}; with sql, devices would fit")]
    if given.get("applies_to") or given.get("requires"):
        return [Problem(file=file, field="sql", told="either sql, or applies_to and requires, would fit")]
    return []


def _repeated(found: list[Control]) -> list[Problem]:
    ids = [control.id for control in found]
    return [
        Problem(
            file=f"controls/{control.area}/{control.id}.yaml",
            field="id",
            told="another area has this id; a new one would fit",
        )
        for place, control in enumerate(found)
        if control.id in ids[:place]
    ]


def _made(given: Mapping[str, Any], *, area: str) -> Control:
    plain = {name: given[name] for name in ("id", "title", "asks", "because", "fix")}
    words = ("subject", "applies_to", "requires", "sql", "who", "question", "disturbs")
    optional = {name: given[name] for name in words if name in given}
    return Control(
        area=area,
        severity=Severity(given["severity"]),
        effort=Effort(**given["effort"]),
        satisfies=tuple(given.get("satisfies", ())),
        shows=tuple(given["shows"]),
        remedies=tuple(given.get("remedies", ())),
        groups=Grouping(**{**given["groups"], "by": tuple(given["groups"]["by"])}) if "groups" in given else None,
        examples=tuple(Example(**{**one, "expect": Expectation(one["expect"])}) for one in given["examples"]),
        **plain,
        **optional,
    )
