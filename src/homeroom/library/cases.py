"""Reads the cases of a published baseline: a JSON document a line, with suite, policy_id, input and expected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from homeroom.engines.baselines.comparing import Given
from homeroom.library.reading import ContentRefused, Problem


def cases(paths: Sequence[Path]) -> tuple[Given, ...]:
    """Every case of those files, in their order. Raises ContentRefused with file, line and what would fit."""
    found: list[Given] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(file=path.name, field="", told=f"cannot be read: {type(error).__name__}"))
            continue
        for number, line in enumerate(lines, start=1):
            if line.strip():
                made = _case(line, number)
                if isinstance(made, str):
                    problems.append(Problem(file=path.name, field=f"line {number}", told=made))
                else:
                    found.append(made)
        if not any(line.strip() for line in lines):
            problems.append(Problem(file=path.name, field="", told="holds no case"))
    if problems:
        raise ContentRefused(problems)
    return tuple(found)


def _case(line: str, number: int) -> Given | str:
    try:
        given: Any = msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        return f"not JSON: {error}"
    if not isinstance(given, dict) or not isinstance(given.get("policy_id"), str):
        return "an object with policy_id would fit"
    if not isinstance(given.get("input"), dict):
        return "input would have to be an object"
    expected = given.get("expected")
    met = [one.get("RequirementMet") for one in expected if isinstance(one, dict)] if isinstance(expected, list) else []
    if not met or not all(isinstance(one, bool) for one in met):
        return "expected would have to be a list of objects with RequirementMet true or false"
    return Given(
        suite=str(given.get("suite") or given["policy_id"].split(".")[0]),
        policy=given["policy_id"],
        name=str(given.get("test") or ""),
        document=given["input"],
        met=all(met),
        line=number,
    )
