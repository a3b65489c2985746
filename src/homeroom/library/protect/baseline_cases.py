"""Read the cases of a published baseline: one JSON document per line, with suite, policy_id, input and expected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from homeroom.engines.protect.baselines.profile_diff import BaselineCase
from homeroom.library.yaml_loader import ContentProblem, ContentRefused


def load_cases(paths: Sequence[Path]) -> tuple[BaselineCase, ...]:
    """Load every case of those files, in their order; raise ContentRefused with file, line and what would fit."""
    loaded: list[BaselineCase] = []
    problems: list[ContentProblem] = []
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(ContentProblem(file=path.name, field="", message=f"cannot be read: {type(error).__name__}"))
            continue
        for number, line in enumerate(lines, start=1):
            if line.strip():
                case = _parse_case(line, number)
                if isinstance(case, str):
                    problems.append(ContentProblem(file=path.name, field=f"line {number}", message=case))
                else:
                    loaded.append(case)
        if not any(line.strip() for line in lines):
            problems.append(ContentProblem(file=path.name, field="", message="holds no case"))
    if problems:
        raise ContentRefused(problems)
    return tuple(loaded)


def _parse_case(line: str, number: int) -> BaselineCase | str:
    try:
        raw: Any = msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        return f"not JSON: {error}"
    if not isinstance(raw, dict) or not isinstance(raw.get("policy_id"), str):
        return "an object with policy_id would fit"
    if not isinstance(raw.get("input"), dict):
        return "input would have to be an object"
    expected = raw.get("expected")
    met = (
        [entry.get("RequirementMet") for entry in expected if isinstance(entry, dict)]
        if isinstance(expected, list)
        else []
    )
    if not met or not all(isinstance(entry, bool) for entry in met):
        return "expected would have to be a list of objects with RequirementMet true or false"
    return BaselineCase(
        suite=str(raw.get("suite") or raw["policy_id"].split(".")[0]),
        policy=raw["policy_id"],
        name=str(raw.get("test") or ""),
        document=raw["input"],
        met=all(met),
        line=number,
    )
