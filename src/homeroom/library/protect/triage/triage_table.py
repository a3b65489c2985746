"""The triage table: triage.yaml of a content folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import Role, TriageTable
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    load_yaml,
    validate_fields,
)

FILE = "triage.yaml"
LEVELS = ("informational", "low", "medium", "high", "critical")
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="levels", type=dict, fits=f"points by level: {', '.join(LEVELS)}"),
    ContentField(name="stages", type=dict, fits="points by stage"),
    ContentField(name="roles", type=dict, fits=f"points by role: {', '.join(Role)}"),
    ContentField(name="reach", type=dict, fits="points by the least number of accounts and hosts"),
    ContentField(name="several_stages", type=dict, fits="points by the least number of stages"),
    ContentField(name="severities", type=dict, fits="the least sum of critical, high and medium"),
    ContentField(name="students_alone_reach", type=int, fits="a number of accounts"),
    ContentField(name="shared_names", type=list, fits="names of accounts in lower case"),
    ContentField(name="remote_tools", type=list, fits="beginnings of program names in lower case"),
)
_KEYS: dict[str, set[str]] = {
    "levels": set(LEVELS),
    "roles": set(Role),
    "severities": {str(severity) for severity in Severity if severity != Severity.LOW},
}


@cache
def load_triage_table(directory: Path = BUILTIN_CONTENT) -> TriageTable:
    """Load the triage table; raise ContentRefused with all problems."""
    raw = load_yaml(directory / FILE, root=directory)
    problems = validate_fields(raw, FIELDS, file=FILE) or _check_points(raw)
    if problems:
        raise ContentRefused(problems)
    least = {Severity(name): points for name, points in raw["severities"].items()}
    return TriageTable(
        levels=raw["levels"],
        stages=raw["stages"],
        roles={Role(name): points for name, points in raw["roles"].items()},
        reach=raw["reach"],
        several_stages=raw["several_stages"],
        severities={severity: least[severity] for severity in Severity if severity in least},
        students_alone_reach=raw["students_alone_reach"],
        shared_names=frozenset(map(str, raw["shared_names"])),
        remote_tools=tuple(map(str, raw["remote_tools"])),
    )


def _check_points(raw: dict[str, Any]) -> list[ContentProblem]:
    problems = []
    for name in ("levels", "stages", "roles", "reach", "several_stages", "severities"):
        for key, points in raw[name].items():
            if not isinstance(points, int) or isinstance(points, bool):
                problems.append(ContentProblem(file=FILE, field=f"{name}.{key}", message=f"{points!r}; a number fits"))
            elif key not in _KEYS.get(name, {key}):
                fits = ", ".join(sorted(_KEYS[name]))
                problems.append(ContentProblem(file=FILE, field=f"{name}.{key}", message=f"unknown; there are {fits}"))
    return problems
