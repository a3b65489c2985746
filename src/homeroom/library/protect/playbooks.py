"""The playbooks of a content folder: playbooks/<id>.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.protect.incidents.playbooks import (
    MAX_FIRST_HOUR,
    Playbook,
    PlaybookDecision,
    PlaybookSource,
    PlaybookTask,
    ResponseRole,
)
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    get_relative_name,
    load_files,
    load_yaml,
    validate_fields,
    validate_statement,
)

FOLDER = "playbooks"
MAX_LINE = 200
MAX_MINUTES = 480
ROLES = ", ".join(ResponseRole)
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="what the incident is called"),
    ContentField(name="when", type=str, fits="a sentence: what one sees when this is the right playbook"),
    ContentField(name="first_hour", type=list, fits=f"at most {MAX_FIRST_HOUR} tasks, in order"),
    ContentField(name="decisions", type=list, fits="a list of {title, role}"),
    ContentField(name="tasks", type=list, fits="a list of {title, role, minutes}"),
    ContentField(name="sources", type=list, fits="a list of {name, address}"),
)
TASK: tuple[ContentField, ...] = (
    ContentField(name="title", type=str, fits="a sentence: what to do"),
    ContentField(name="role", type=str, fits=ROLES),
    ContentField(name="minutes", type=int, fits=f"1 to {MAX_MINUTES}"),
)
DECISION: tuple[ContentField, ...] = (
    ContentField(name="title", type=str, fits="a sentence: what is decided"),
    ContentField(name="role", type=str, fits=ROLES),
)
SOURCE: tuple[ContentField, ...] = (
    ContentField(name="name", type=str, fits="whose guidance it is"),
    ContentField(name="address", type=str, fits="its address, https://…"),
)
_ITEMS = {"first_hour": TASK, "decisions": DECISION, "tasks": TASK, "sources": SOURCE}
CALLS_FIRST = ("insurer", "counsel")
"""Words of the first hour's call: the insurer's hotline and counsel come before anything is sent to anybody."""
SENDS = ("notify", "tell families", "write to", "send", "publish", "announce")
"""Words of lines that send something out."""
FORBIDDEN = "breach"
"""What a playbook never calls an incident: a person does, on counsel's advice."""


@cache
def load_playbooks(directory: Path = BUILTIN_CONTENT) -> tuple[Playbook, ...]:
    """Load every playbook, by id; raise ContentRefused with all problems."""
    files = sorted((directory / FOLDER).glob("*.yaml"))
    loaded, problems = load_files(files, lambda path: _load_playbook(path, directory))
    if problems:
        raise ContentRefused(problems, valid=loaded)
    return tuple(loaded)


def get_playbook(name: str) -> Playbook | None:
    """Return the built-in playbook of that id, or None."""
    return next((playbook for playbook in load_playbooks() if playbook.id == name), None)


def _load_playbook(path: Path, root: Path) -> Playbook:
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    problems = validate_fields(raw, FIELDS, file=file)
    if not problems:
        problems = _validate_items(raw, file) or _validate_texts(raw, file, path.stem)
    if problems:
        raise ContentRefused(problems)
    return _build_playbook(raw)


def _validate_items(raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
    problems = []
    for name, fields in _ITEMS.items():
        for position, item in enumerate(raw[name]):
            under = f"{name}[{position}]."
            item_problems = validate_fields(item, fields, file=file, under=under)
            problems += item_problems or _validate_values(item, file, under)
    if len(raw["first_hour"]) > MAX_FIRST_HOUR:
        message = f"{len(raw['first_hour'])} lines; at most {MAX_FIRST_HOUR} would fit"
        problems.append(ContentProblem(file=file, field="first_hour", message=message))
    return problems


def _validate_values(item: Mapping[str, Any], file: str, under: str) -> list[ContentProblem]:
    role, minutes, address = item.get("role"), item.get("minutes", 1), item.get("address", "https://")
    title = item.get("title", "A sentence.")
    is_line = title.endswith(".") and title == " ".join(title.split()) and len(title) <= MAX_LINE
    checks = (
        ("title", is_line, f"a sentence with a period, of at most {MAX_LINE} characters"),
        ("role", role is None or role in set(ResponseRole), ROLES),
        ("minutes", 1 <= minutes <= MAX_MINUTES, f"1 to {MAX_MINUTES}"),
        ("address", address.startswith("https://"), "an address that begins with https://"),
    )
    return [
        ContentProblem(file=file, field=f"{under}{name}", message=f"{item[name]!r}; {fits} would fit")
        for name, is_valid, fits in checks
        if not is_valid
    ]


def _validate_texts(raw: Mapping[str, Any], file: str, stem: str) -> list[ContentProblem]:
    problems = validate_statement(raw["title"], file=file, field="title")
    if raw["id"] != stem:
        problems.append(ContentProblem(file=file, field="id", message=f"{raw['id']!r}; {stem} would fit"))
    if not raw["when"].endswith("."):
        problems.append(ContentProblem(file=file, field="when", message=f"{raw['when']!r}; a sentence would fit"))
    lines = {
        f"{name}[{position}].title": item["title"].casefold()
        for name in ("first_hour", "decisions", "tasks")
        for position, item in enumerate(raw[name])
    }
    for field, line in {**lines, "title": raw["title"].casefold(), "when": raw["when"].casefold()}.items():
        if FORBIDDEN in line:
            message = f"names it a {FORBIDDEN}; incident would fit: a person decides on that word, with counsel"
            problems.append(ContentProblem(file=file, field=field, message=message))
    return problems or _validate_order(lines, file)


def _validate_order(lines: Mapping[str, str], file: str) -> list[ContentProblem]:
    """Return the problem of a first hour that does not call insurer and counsel, or sends something before it does."""
    first_hour = {field: line for field, line in lines.items() if field.startswith("first_hour")}
    calls = [field for field, line in first_hour.items() if all(word in line for word in CALLS_FIRST)]
    if not calls:
        message = "a line that calls the insurer's hotline and counsel would fit"
        return [ContentProblem(file=file, field="first_hour", message=message)]
    fields = list(first_hour)
    early = [
        field
        for field in fields[: fields.index(calls[0])]
        if any(first_hour[field].startswith(word) or f" {word} " in first_hour[field] for word in SENDS)
    ]
    message = "sends something before the insurer and counsel are called; after that line would fit"
    return [ContentProblem(file=file, field=field, message=message) for field in early]


def _build_playbook(raw: Mapping[str, Any]) -> Playbook:
    return Playbook(
        id=raw["id"],
        title=raw["title"],
        when=raw["when"],
        first_hour=tuple(map(_build_task, raw["first_hour"])),
        decisions=tuple(
            PlaybookDecision(title=item["title"], role=ResponseRole(item["role"])) for item in raw["decisions"]
        ),
        tasks=tuple(map(_build_task, raw["tasks"])),
        sources=tuple(PlaybookSource(name=item["name"], address=item["address"]) for item in raw["sources"]),
    )


def _build_task(item: Mapping[str, Any]) -> PlaybookTask:
    return PlaybookTask(title=item["title"], role=ResponseRole(item["role"]), minutes=item["minutes"])
