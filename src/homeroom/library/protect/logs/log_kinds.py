"""The kinds of logs: log-kinds.yaml of a content folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.protect.detections.coverage import LogSourceKind
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    load_yaml,
    validate_fields,
)

FILE = "log-kinds.yaml"
FIELDS: tuple[ContentField, ...] = (ContentField(name="kinds", type=list, fits="a list of kinds of logs"),)
KIND: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="a name in lower case with hyphens"),
    ContentField(name="title", type=str, fits="what the log has"),
    ContentField(name="product", type=str, fits="windows, google_workspace, azure or m365"),
    ContentField(name="how", type=str, fits="sentences"),
    ContentField(name="minutes", type=int, fits="minutes of work"),
    ContentField(name="services", type=list, fits="names of services", required=False),
    ContentField(name="channels", type=list, fits="names of channels in lower case", required=False),
    ContentField(name="event_ids", type=list, fits="numbers of events", required=False),
    ContentField(name="field", type=str, fits="the name of a field", required=False),
    ContentField(name="after", type=str, fits="the id of another kind", required=False),
    ContentField(name="instead", type=list, fits="ids of kinds that say the same", required=False),
    ContentField(name="canaries", type=list, fits="account, document, file", required=False),
    ContentField(name="stream", type=str, fits="the stream of a connector", required=False),
)


@cache
def load_log_kinds(directory: Path = BUILTIN_CONTENT) -> tuple[LogSourceKind, ...]:
    """Load the kinds of logs; raise ContentRefused with all problems."""
    raw = load_yaml(directory / FILE, root=directory)
    problems = validate_fields(raw, FIELDS, file=FILE)
    entries = raw["kinds"] if not problems else []
    for number, entry in enumerate(entries):
        problems += validate_fields(entry, KIND, file=FILE, under=f"kinds.{number}.")
    if problems:
        raise ContentRefused(problems)
    kinds = tuple(_build_kind(entry) for entry in entries)
    if problems := _check_kinds(kinds):
        raise ContentRefused(problems)
    return kinds


def _build_kind(entry: dict[str, Any]) -> LogSourceKind:
    sets = {
        name: frozenset(entry.get(name, ())) for name in ("services", "channels", "event_ids", "instead", "canaries")
    }
    return LogSourceKind(**{**entry, **sets})


def _check_kinds(kinds: tuple[LogSourceKind, ...]) -> list[ContentProblem]:
    ids = [kind.id for kind in kinds]
    problems = []
    for number, kind in enumerate(kinds):
        place = f"kinds.{number}"
        if ids.index(kind.id) != number:
            problems.append(ContentProblem(file=FILE, field=f"{place}.id", message=f"{kind.id} is there already"))
        if kind.after and kind.after not in ids[:number]:
            message = f"{kind.after!r}; the id of a kind before it would fit"
            problems.append(ContentProblem(file=FILE, field=f"{place}.after", message=message))
        for name in sorted(kind.instead - set(ids)):
            message = f"{name!r}; the id of a kind would fit"
            problems.append(ContentProblem(file=FILE, field=f"{place}.instead", message=message))
    return problems
