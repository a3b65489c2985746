"""What a district states of its tools and needs, parsed from YAML.

homeroom: tools
needs:                                  # in place of what content lists for each district
  content-filter: {for: students}
tools:                                  # in place of what content has for a tool
  - {name: Brightpath Math, also: [bpmath.example], does: [math-practice], season: {from: "04-01", to: "05-31"}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from homeroom.domain.manage.tools.capabilities import Audience
from homeroom.domain.suggestions import suggest_names
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.mappings.capability_words import list_capability_ids

FIELDS = ("homeroom", "needs", "tools")
NEED_FIELDS = ("for",)
TOOL_FIELDS = ("name", "also", "does", "also_does", "season")
SEASON_FIELDS = ("from", "to")
MAX_TOOLS, MAX_NAMES, MAX_LENGTH = 5_000, 100, 200
_DAY_FITS = 'a day of a year in quotes, such as "04-01"'
_NEED_SCHEMA: dict[str, pl.DataType] = {"capability": pl.String(), "audience": pl.String(), "_line": pl.Int64()}
_TOOL_SCHEMA: dict[str, pl.DataType] = {
    "name": pl.String(),
    "also": pl.List(pl.String()),
    "does": pl.List(pl.String()),
    "also_does": pl.List(pl.String()),
    "season_from": pl.String(),
    "season_until": pl.String(),
    "_line": pl.Int64(),
}


def read_tools(document: Mapping[str, Any]) -> Reading:
    """Read needs into `need_records` and tools into `tool_records`, in the order of the file.

    Raise FileRefused with every field that does not fit and what would.
    """
    problems = _Problems()
    problems.check_fields(document, FIELDS, under="")
    needs = list(_iter_needs(document.get("needs"), problems))
    tools = list(_iter_tools(document.get("tools"), problems))
    problems.raise_if_any()
    return Reading(
        tables={
            "need_records": pl.DataFrame(needs, schema=_NEED_SCHEMA, orient="row"),
            "tool_records": pl.DataFrame(tools, schema=_TOOL_SCHEMA, orient="row"),
        }
    )


class _Problems:
    """Problems of one file, collected so that all are reported at once."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def add(self, field: str, reason: str, fits: str) -> None:
        """Add one problem."""
        self._problems.append(Problem(file="the district's tools", reason=reason, field=field, fits=fits))

    def check_fields(self, values: Mapping[Any, Any], allowed: tuple[str, ...], *, under: str) -> None:
        """Add a problem for each field that is not allowed."""
        for name in values:
            if name not in allowed:
                self.add(f"{under}{name}", "is no known field", ", ".join(allowed))

    def raise_if_any(self) -> None:
        """Raise FileRefused if there are any."""
        if self._problems:
            raise FileRefused(self._problems)


def _iter_needs(needs: Any, problems: _Problems) -> Iterator[dict[str, Any]]:
    if needs is None:
        return
    if not isinstance(needs, Mapping):
        problems.add("needs", "has no capabilities", "a capability a line, such as content-filter: {for: students}")
        return
    for position, (capability, stated) in enumerate(needs.items(), start=1):
        under = f"needs.{capability}"
        _check_capability(capability, problems, field=under)
        values = {} if stated is None else stated
        if not isinstance(values, Mapping):
            problems.add(under, "does not say for whom", "{for: students}")
            continue
        problems.check_fields(values, NEED_FIELDS, under=f"{under}.")
        audience = values.get("for")
        if audience is not None and audience not in tuple(Audience):
            problems.add(f"{under}.for", f"{audience!r} is nobody that a tool is for", ", ".join(Audience))
        yield {"capability": str(capability), "audience": audience, "_line": position}


def _iter_tools(tools: Any, problems: _Problems) -> Iterator[dict[str, Any]]:
    if tools is None:
        return
    if not isinstance(tools, list) or len(tools) > MAX_TOOLS:
        problems.add("tools", "is no list, or too long", "a list, one tool a line, each beginning with a dash")
        return
    names: set[str] = set()
    for index, tool in enumerate(tools):
        under = f"tools[{index}]"
        if not isinstance(tool, Mapping):
            problems.add(under, "is no tool", "{name: Brightpath Math, does: [math-practice]}")
            continue
        problems.check_fields(tool, TOOL_FIELDS, under=f"{under}.")
        row = _parse_tool(tool, problems, under=f"{under}.")
        if row["name"].casefold() in names:
            problems.add(f"{under}.name", f"{row['name']!r} is in the list twice", "each tool once")
        names.add(row["name"].casefold())
        yield {**row, "_line": index + 1}


def _parse_tool(tool: Mapping[str, Any], problems: _Problems, *, under: str) -> dict[str, Any]:
    lists = {name: _parse_texts(tool, name, problems, under=under) for name in ("also", "does", "also_does")}
    for name in ("does", "also_does"):
        for position, capability in enumerate(lists[name] or ()):
            _check_capability(capability, problems, field=f"{under}{name}[{position}]")
    first, last = _parse_season(tool.get("season"), problems, under=f"{under}season")
    name = _parse_text(tool.get("name"), problems, field=f"{under}name", fits="the tool's name")
    return {"name": name, **lists, "season_from": first, "season_until": last}


def _parse_texts(tool: Mapping[str, Any], name: str, problems: _Problems, *, under: str) -> list[str] | None:
    """Return the texts of a list, sorted, without repeats; None if the tool does not have it."""
    values = tool.get(name)
    if values is None:
        return None
    if not isinstance(values, list) or len(values) > MAX_NAMES:
        problems.add(f"{under}{name}", "is no list, or too long", "a list of texts in brackets")
        return None
    texts = [
        _parse_text(value, problems, field=f"{under}{name}[{position}]", fits="a text")
        for position, value in enumerate(values)
    ]
    return sorted({text for text in texts if text})


def _parse_text(value: Any, problems: _Problems, *, field: str, fits: str) -> str:
    if isinstance(value, str) and value.strip() and len(value) <= MAX_LENGTH and value.isprintable():
        return " ".join(value.split())
    problems.add(field, "is missing" if value is None else "is no text, or too long", fits)
    return ""


def _parse_season(value: Any, problems: _Problems, *, under: str) -> tuple[str | None, str | None]:
    if value is None:
        return None, None
    if not isinstance(value, Mapping):
        problems.add(under, "has no first and last day", '{from: "04-01", to: "05-31"}')
        return None, None
    problems.check_fields(value, SEASON_FIELDS, under=f"{under}.")
    first, last = (_parse_month_day(value.get(name), problems, field=f"{under}.{name}") for name in SEASON_FIELDS)
    return first, last


def _parse_month_day(value: Any, problems: _Problems, *, field: str) -> str | None:
    try:
        if isinstance(value, str) and len(value) == 5:
            return f"{date.fromisoformat(f'2024-{value}'):%m-%d}"
    except ValueError:
        pass
    problems.add(field, "is missing" if value is None else f"{value!r} is no day of a year", _DAY_FITS)
    return None


def _check_capability(capability: Any, problems: _Problems, *, field: str) -> None:
    capabilities = list_capability_ids()
    if capability not in capabilities:
        problems.add(field, f"{capability!r} is no known capability", suggest_names(str(capability), capabilities))
