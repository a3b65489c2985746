"""Controls of kinds of logs: what applies, what to do and how long it takes come from log-kinds.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from homeroom.domain.protect.detections.coverage import LogSourceKind
from homeroom.evidence.tables.logs import LOGS
from homeroom.library.protect.logs.log_kinds import load_log_kinds
from homeroom.library.yaml_loader import ContentProblem

DERIVED_FIELDS = ("fix", "effort")
"""Fields that a control either has or takes from its kinds of logs."""


def validate_log_fields(raw: Mapping[str, Any], *, file: str) -> list[ContentProblem]:
    """Return the problems of `logs`, and of the fields that it replaces."""
    if "logs" not in raw:
        return [
            ContentProblem(file=file, field=name, message="none; it would fit, or logs, ids of kinds of logs")
            for name in DERIVED_FIELDS
            if name not in raw
        ]
    kinds = {kind.id: kind for kind in load_log_kinds()}
    unknown = [name for name in raw["logs"] if name not in kinds]
    if not raw["logs"] or unknown:
        message = f"{', '.join(map(repr, unknown)) or 'none'}; ids of log-kinds.yaml would fit"
        return [ContentProblem(file=file, field="logs", message=message)]
    if raw["asks"] != LOGS.name:
        return [ContentProblem(file=file, field="asks", message=f"{raw['asks']!r}; with logs, {LOGS.name} would fit")]
    problems = [
        ContentProblem(file=file, field=name, message="it comes from log-kinds.yaml; leave it out")
        for name in DERIVED_FIELDS
        if name in raw
    ]
    if len({kinds[name].minutes for name in raw["logs"]}) > 1:
        message = "kinds that take the same minutes would fit; make a control for each of the others"
        problems.append(ContentProblem(file=file, field="logs", message=message))
    return problems


def expand_log_fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a control with what its kinds of logs give; call it with valid ones."""
    fields = dict(raw)
    names = fields.pop("logs", None)
    if names is None:
        return fields
    kinds = [kind for kind in load_log_kinds() if kind.id in names]
    fields["applies_to"] = _restrict_to_kinds(fields.get("applies_to", {}), [kind.id for kind in kinds])
    fields["fix"] = {
        product: _join_steps([kind for kind in kinds if kind.connector == product])
        for product in dict.fromkeys(kind.connector for kind in kinds)
    }
    fields["effort"] = {"minutes_per_subject": kinds[0].minutes, "minutes_once": 0}
    return fields


def _join_steps(kinds: Sequence[LogSourceKind]) -> str:
    if len(kinds) == 1:
        return kinds[0].how
    return " ".join(f"{kind.title}: {kind.how}" for kind in kinds)


def _restrict_to_kinds(pattern: Any, names: list[str]) -> Any:
    patterns = pattern if isinstance(pattern, list) else [pattern]
    return [{"kind": names, **entry} for entry in patterns]
