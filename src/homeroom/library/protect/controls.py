"""The controls of a content folder: controls/<area>/<id>.yaml, or loose files; invalid ones are refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.matching import InvalidPattern, parse_pattern
from homeroom.domain.problem_texts import COUNT, GROUP
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.controls import Control, ControlExample, Effort, Expectation, Grouping
from homeroom.domain.protect.person_asks import PersonAsk
from homeroom.domain.protect.urgency import Danger
from homeroom.domain.suggestions import suggest_names
from homeroom.engines.protect.posture.control_sql import FOLDED_TABLES, SUBJECT_KINDS
from homeroom.evidence.query.pattern_sql import list_pattern_fields
from homeroom.evidence.tables import TABLES
from homeroom.library.know.manifests.connector_names import list_connector_names
from homeroom.library.protect.logs.log_controls import expand_log_fields, validate_log_fields
from homeroom.library.protect.remedies import load_actions
from homeroom.library.teach.awareness.person_asks import get_asked_table, read_person_ask
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    build_problem_text,
    get_relative_name,
    load_files,
    load_yaml,
    validate_fields,
    validate_problem_texts,
    validate_statement,
)

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
ROLES = ("technician", "director", "privacy", "auditor")
DISTURBS = ("nobody", "class")
GENERAL_FIXES = ("any", "anywhere", "by_hand", "windows")
"""Keys of `fix` besides the names of connectors: steps that belong to no console."""
OTHER_CONTENT = (
    *("baselines", "canaries", "courses", "detections", "elements", "frameworks", "guides", "laws", "mappings"),
    *("playbooks", "profiles", "programs", "questionnaires", "recognizers", "software"),
    *("log-kinds.yaml", "planning.yaml", "risk.yaml", "triage.yaml", "vulnerabilities.yaml"),
)
"""Folders and files of a content folder that hold no controls."""
PROBLEM_FITS = "what is wrong, {one: …, other: …}, each with {n} for the number of failing subjects"
BEHIND_FITS = "for a control with a subject: {one: the tenant has {n} administrator, other: …}"
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="one sentence: what should be true"),
    ContentField(name="problem", type=dict, fits=PROBLEM_FITS),
    ContentField(name="severity", type=str, fits=", ".join(Severity)),
    ContentField(name="danger", type=str, fits=", ".join(Danger), required=False),
    ContentField(name="asks", type=(str, dict), fits=f"{', '.join(SUBJECT_KINDS)}, or of, minutes, en and es"),
    ContentField(name="subject", type=str, fits="directory", required=False),
    ContentField(name="behind", type=dict, fits=BEHIND_FITS, required=False),
    ContentField(name="applies_to", type=(dict, list), fits="a pattern, or a list of patterns", required=False),
    ContentField(name="requires", type=(dict, list), fits="a pattern, or a list of patterns", required=False),
    ContentField(name="sql", type=str, fits="a SELECT that gives id and state", required=False),
    ContentField(name="because", type=str, fits="one sentence: what can happen"),
    ContentField(
        name="logs", type=list, fits="ids of kinds of logs, which give applies_to, fix and effort", required=False
    ),
    ContentField(
        name="fix", type=dict, fits="steps in words by connector, such as google: …, or any: …", required=False
    ),
    ContentField(name="effort", type=dict, fits="minutes_per_subject and minutes_once", required=False),
    ContentField(name="who", type=str, fits=", ".join(ROLES), required=False),
    ContentField(name="disturbs", type=str, fits=", ".join(DISTURBS), required=False),
    ContentField(name="satisfies", type=list, fits="a list of goals such as cisa-cpg-2.0:3.F", required=False),
    ContentField(name="shows", type=list, fits="a list of columns of the asked table"),
    ContentField(name="question", type=str, fits="what a person must answer, with a question mark", required=False),
    ContentField(name="remedies", type=list, fits="a list of actions such as google.suspend-user", required=False),
    ContentField(
        name="fixed_if",
        type=(dict, list),
        fits="a pattern that a subject fits once it was done what fix asks for, such as asset_status: retired",
        required=False,
    ),
    ContentField(
        name="fixed_if_gone",
        type=bool,
        fits="true where fix asks to remove the subject from its source",
        required=False,
    ),
    ContentField(name="groups", type=dict, fits="by, at_share, at_least, title and problem", required=False),
    ContentField(name="examples", type=list, fits="a list of expect and given"),
)
EFFORT = tuple(
    ContentField(name=name, type=(int, float), fits="a number of minutes")
    for name in ("minutes_per_subject", "minutes_once")
)
GROUPS = (
    ContentField(name="by", type=list, fits="a list of columns of the asked table, the one that names the group first"),
    ContentField(name="at_share", type=(int, float), fits="a share such as 0.8"),
    ContentField(name="at_least", type=int, fits="a number of subjects"),
    ContentField(name="title", type=str, fits="a title that names {group}"),
    ContentField(name="problem", type=dict, fits="{one: …, other: …}, each with {group} and {n}"),
)
EXAMPLE = (
    ContentField(name="expect", type=str, fits=", ".join(Expectation)),
    ContentField(name="given", type=dict, fits="one row, or for sql a list of rows by table"),
    ContentField(name="today", type=str, fits="a day in quotes, such as '2026-01-15'", required=False),
    ContentField(name="name", type=str, fits="what the example shows", required=False),
)


@cache
def load_controls(directory: Path = BUILTIN_CONTENT) -> tuple[Control, ...]:
    """Load every control under `directory`, by id; raise ContentRefused with all problems."""
    loaded, problems = load_files(list_control_files(directory), lambda path: load_control(path, root=directory))
    problems += _find_duplicates(loaded)
    if problems:
        raise ContentRefused(problems, valid=loaded)
    return tuple(sorted(loaded, key=lambda control: control.id))


def list_control_files(directory: Path) -> list[Path]:
    """Return the files under controls/; in a folder without one, every file that is no other kind of content."""
    controls_folder = directory / "controls"
    root = controls_folder if controls_folder.is_dir() else directory
    files = [path for suffix in ("*.yaml", "*.yml") for path in root.rglob(suffix)]
    if root == controls_folder:
        return sorted(files)
    excluded = {directory / name for name in OTHER_CONTENT}
    return sorted(path for path in files if not {path, *path.parents} & excluded)


def load_control(path: Path, *, root: Path) -> Control:
    """Load the control in the file; raise ContentRefused with all problems."""
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    problems = validate_fields(raw, FIELDS, file=file)
    ask = None
    if not problems:
        ask, problems = read_person_ask(raw, file=file)
        raw = {**raw, "asks": get_asked_table(raw["asks"])}
    if not problems:
        problems = validate_log_fields(raw, file=file)
    if not problems:
        raw = expand_log_fields(raw)
        problems = [*_validate_parts(raw, file), *_validate_values(raw, path, file)]
    if not problems:
        problems = _validate_texts(raw, file)
    if not problems:
        problems = [
            *_validate_fixes(raw, file),
            *_validate_columns(raw, file),
            *_validate_remedies(raw, file),
            *_validate_fixed_if(raw, file),
            *_validate_patterns(raw, file, shipped=root.resolve() == BUILTIN_CONTENT),
        ]
    if problems:
        raise ContentRefused(problems)
    return _build_control(raw, area=path.resolve().parent.name, ask=ask)


def _validate_parts(raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
    problems = validate_fields(raw["effort"], EFFORT, file=file, under="effort.")
    problems += validate_fields(raw.get("groups", {}), GROUPS, file=file, under="groups.") if "groups" in raw else []
    for position, example in enumerate(raw["examples"], start=1):
        under = f"examples[{position}]."
        problems += (
            validate_fields(example, EXAMPLE, file=file, under=under)
            if isinstance(example, dict)
            else [ContentProblem(file=file, field=under[:-1], message="a mapping of expect and given would fit")]
        )
    return problems


def _validate_texts(raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
    """Return the problems of the title, of the problem texts, and of the question."""
    title = raw["title"]
    problems = validate_statement(title, file=file, field="title")
    problems += validate_problem_texts(raw["problem"], file=file, field="problem", title=title)
    if "groups" in raw:
        grouping = raw["groups"]
        problems += validate_statement(grouping["title"], file=file, field="groups.title")
        problems += validate_problem_texts(
            grouping["problem"],
            file=file,
            field="groups.problem",
            title=grouping["title"],
            placeholders=(COUNT, GROUP),
        )
    if "behind" in raw:
        problems += validate_problem_texts(raw["behind"], file=file, field="behind", title=title)
        if "subject" not in raw:
            message = "only a control with a subject of its own has rows behind it"
            problems.append(ContentProblem(file=file, field="behind", message=message))
    if not raw.get("question", "?").endswith("?"):
        message = f"{raw['question']!r}; a question with a question mark at its end would fit"
        problems.append(ContentProblem(file=file, field="question", message=message))
    return problems


def _validate_values(raw: Mapping[str, Any], path: Path, file: str) -> list[ContentProblem]:
    """Return the problems of values that must be one of a few words."""
    allowed: list[tuple[str, Any, tuple[str, ...]]] = [
        ("id", raw["id"], (path.stem,)),
        ("severity", raw["severity"], tuple(Severity)),
        ("asks", raw["asks"], tuple(SUBJECT_KINDS)),
        ("who", raw.get("who", ROLES[0]), ROLES),
        ("disturbs", raw.get("disturbs", DISTURBS[0]), DISTURBS),
        ("danger", raw.get("danger", ""), ("", *Danger)),
        ("subject", raw.get("subject", ""), ("", "directory")),
        *((f"examples[{n}].expect", entry["expect"], tuple(Expectation)) for n, entry in enumerate(raw["examples"], 1)),
    ]
    problems = [
        ContentProblem(
            file=file, field=field, message=f"{value!r}; {', '.join(choice for choice in choices if choice)} would fit"
        )
        for field, value, choices in allowed
        if value not in choices
    ]
    if not _ID.match(raw["id"]):
        problems.append(
            ContentProblem(file=file, field="id", message="small letters, digits and single hyphens would fit")
        )
    texts = [("fix", list(raw["fix"].values())), ("satisfies", raw.get("satisfies", [])), ("shows", raw["shows"])]
    texts += [("groups.by", raw["groups"]["by"])] if "groups" in raw else []
    for field, values in texts:
        if not values or not all(isinstance(value, str) and value for value in values):
            problems.append(
                ContentProblem(file=file, field=field, message="texts would fit, each with something in it")
            )
    return [entry for entry in problems if not (entry.field == "satisfies" and "satisfies" not in raw)]


def _validate_fixes(raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
    """Return the keys of `fix` that are no connector and none of the general ones."""
    allowed = list_connector_names() | {*GENERAL_FIXES}
    return [
        ContentProblem(
            file=file, field=f"fix.{name}", message=f"no such product; {suggest_names(str(name), allowed)} would fit"
        )
        for name in raw["fix"]
        if name not in allowed
    ]


def _validate_columns(raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
    table = TABLES[raw["asks"]]
    groups = (
        TABLES["devices"] if table.name in FOLDED_TABLES else table
    )  # a group is one of devices, whatever is asked of them
    references = [("shows", table, column) for column in raw["shows"]]
    references += [("groups.by", groups, column) for column in raw["groups"]["by"]] if "groups" in raw else []
    return [
        ContentProblem(
            file=file,
            field=field,
            message=f"no column {name!r} in {column_table.name}; there are {', '.join(column_table.names)}",
        )
        for field, column_table, name in references
        if name not in column_table.names
    ]


def _validate_remedies(raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
    """Return the remedies that no connector offers as an action for the subjects of the control."""
    kind = raw.get("subject") or SUBJECT_KINDS[raw["asks"]]
    available = [action.id for action in load_actions().values() if action.subject == kind]
    return [
        ContentProblem(file=file, field="remedies", message=f"{name!r}; {', '.join(available) or 'nothing'} would fit")
        for name in raw.get("remedies", [])
        if name not in available
    ]


def _validate_fixed_if(raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
    """Return why `fixed_if` is no pattern over the subjects of the control."""
    if "fixed_if" not in raw:
        return []
    if raw["asks"] in FOLDED_TABLES or "subject" in raw or not raw["fixed_if"]:
        message = "a pattern over the subjects of a control that asks for them themselves would fit"
        return [ContentProblem(file=file, field="fixed_if", message=message)]
    try:
        parse_pattern(raw["fixed_if"], fields=list_pattern_fields(TABLES[raw["asks"]]), location="fixed_if")
    except InvalidPattern as error:
        return [ContentProblem(file=file, field="", message=str(error))]
    return []


def _validate_patterns(raw: Mapping[str, Any], file: str, *, shipped: bool) -> list[ContentProblem]:
    if "sql" in raw:
        return _validate_sql(raw, file, shipped=shipped)
    if "subject" in raw:
        return [ContentProblem(file=file, field="subject", message="only a control with sql has subjects of its own")]
    problems = []
    for field in ("applies_to", "requires"):
        try:
            parse_pattern(raw.get(field, {}), fields=list_pattern_fields(TABLES[raw["asks"]]), location=field)
        except InvalidPattern as error:
            problems.append(ContentProblem(file=file, field="", message=str(error)))
    if not raw.get("requires"):
        problems.append(
            ContentProblem(file=file, field="requires", message="a pattern that a passing subject fits would fit")
        )
    if _has_maybe(raw.get("requires")):
        problems.append(
            ContentProblem(file=file, field="requires", message="maybe would let a missing value pass; leave it out")
        )
    return problems


def _has_maybe(pattern: Any) -> bool:
    patterns = pattern if isinstance(pattern, list) else [pattern]
    return any("maybe" in str(key).split("|") for mapping in patterns if isinstance(mapping, dict) for key in mapping)


def _validate_sql(raw: Mapping[str, Any], file: str, *, shipped: bool) -> list[ContentProblem]:
    if not shipped:
        return [
            ContentProblem(
                file=file,
                field="sql",
                message="only controls that come with Homeroom may ask in SQL; a pattern would fit",
            )
        ]
    if raw["asks"] in FOLDED_TABLES:
        return [ContentProblem(file=file, field="asks", message=f"{raw['asks']!r}; with sql, devices would fit")]
    if raw.get("applies_to") or raw.get("requires"):
        return [ContentProblem(file=file, field="sql", message="either sql, or applies_to and requires, would fit")]
    return []


def _find_duplicates(loaded: list[Control]) -> list[ContentProblem]:
    ids = [control.id for control in loaded]
    return [
        ContentProblem(
            file=f"controls/{control.area}/{control.id}.yaml",
            field="id",
            message="another area has this id; a new one would fit",
        )
        for position, control in enumerate(loaded)
        if control.id in ids[:position]
    ]


def _build_control(raw: Mapping[str, Any], *, area: str, ask: PersonAsk | None) -> Control:
    plain = {name: raw[name] for name in ("id", "title", "asks", "because", "fix")}
    optional_names = (
        *("subject", "applies_to", "requires", "sql", "who", "question", "disturbs", "fixed_if", "fixed_if_gone"),
    )
    optional = {name: raw[name] for name in optional_names if name in raw}
    return Control(
        area=area,
        ask=ask,
        severity=Severity(raw["severity"]),
        danger=Danger(raw["danger"]) if "danger" in raw else None,
        effort=Effort(**raw["effort"]),
        satisfies=tuple(raw.get("satisfies", ())),
        shows=tuple(raw["shows"]),
        remedies=tuple(raw.get("remedies", ())),
        problem=build_problem_text(raw["problem"]),
        behind=build_problem_text(raw["behind"]) if "behind" in raw else None,
        groups=_build_grouping(raw["groups"]) if "groups" in raw else None,
        examples=tuple(
            ControlExample(**{**example, "expect": Expectation(example["expect"])}) for example in raw["examples"]
        ),
        **plain,
        **optional,
    )


def _build_grouping(raw: Mapping[str, Any]) -> Grouping:
    return Grouping(**{**raw, "by": tuple(raw["by"]), "problem": build_problem_text(raw["problem"])})
