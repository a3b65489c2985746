"""The fields of a shipped rule: which there are, and what fits each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from homeroom.library.yaml_loader import ContentProblem

AREAS = ("google", "microsoft", "windows", "canary")
LEVELS = ("informational", "low", "medium", "high", "critical")
STAGES = (
    "precursor",
    "access",
    "persistence",
    "privilege",
    "evasion",
    "credentials",
    "discovery",
    "spread",
    "collection",
    "exfiltration",
    "impact",
)
"""Steps of an intrusion, as MITRE's tactics in plain words; a precursor is what ransomware does before it encrypts."""
ENTITY_KINDS = ("account", "victim", "host", "app", "file", "address")
"""A victim is an account that is acted upon, as the account is the one that acts."""
PLAYBOOKS = (
    "ransomware",
    "taken-over-staff-account",
    "vendor-data-leak",
    "lost-laptop",
    "ddos-in-testing-week",
    "bomb-threat-by-email",
)
SENTENCES = ("means", "first_step")
TEXTS = (*SENTENCES, "playbook")
FIELDS = frozenset(
    {"title", "id", "name", "status", "description", "references", "author", "date", "modified", "tags", "level"}
    | {"logsource", "detection", "correlation", "fields", "falsepositives", "stage", "entities", *TEXTS}
)


def find_field_problems(path: Path, file: str, content: Mapping[str, Any]) -> Iterator[ContentProblem]:
    """Return what is wrong with the fields of a rule, except for its detection."""
    for name in content:
        if name not in FIELDS:
            message = f"no such field; there are {', '.join(sorted(FIELDS))}"
            yield ContentProblem(file=file, field=str(name), message=message)
    checks = [
        ("id", content.get("id") == path.stem, "the file's own name without .yml"),
        ("title", _is_text(content.get("title")), "a text"),
        ("level", content.get("level") in LEVELS, ", ".join(LEVELS)),
        ("tags", _is_list_of_names(content.get("tags")), "a list such as [attack.persistence, attack.t1098.003]"),
        ("area", path.parent.name in AREAS, f"a folder of {', '.join(AREAS)}"),
        *((name, _is_sentence(content.get(name)), "sentences with a period") for name in SENTENCES),
        ("playbook", content.get("playbook") in PLAYBOOKS, ", ".join(PLAYBOOKS)),
        ("stage", content.get("stage") in STAGES, ", ".join(STAGES)),
    ]
    for name, is_valid, fits in checks:
        if not is_valid:
            yield ContentProblem(file=file, field=name, message=f"{content.get(name)!r}; {fits} would fit")
    yield from _find_entity_problems(file, content.get("entities"))


def _find_entity_problems(file: str, entities: Any) -> Iterator[ContentProblem]:
    if not isinstance(entities, dict) or not entities:
        message = f"{entities!r}; lists of field names by {', '.join(ENTITY_KINDS)} would fit"
        yield ContentProblem(file=file, field="entities", message=message)
        return
    for kind, names in entities.items():
        if kind not in ENTITY_KINDS:
            message = f"no such kind; there are {', '.join(ENTITY_KINDS)}"
            yield ContentProblem(file=file, field=f"entities.{kind}", message=message)
        elif not _is_list_of_names(names):
            message = f"{names!r}; a list of field names would fit"
            yield ContentProblem(file=file, field=f"entities.{kind}", message=message)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_sentence(text: Any) -> bool:
    return isinstance(text, str) and text.endswith(".") and text == " ".join(text.split())


def _is_list_of_names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_text(name) for name in value)
