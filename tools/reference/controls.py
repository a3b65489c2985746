"""The reference pages of controls: one page for each area, with the examples that prove each control, and an index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import homeroom
from homeroom.library.protect.logs.log_controls import expand_log_fields
from homeroom.library.teach.awareness.person_asks import get_asked_table
from homeroom.library.yaml_loader import parse_strict_yaml
from tools.reference.markdown import render_table

Control = Mapping[str, Any]

FOLDER = Path(homeroom.__file__).parent / "content" / "controls"
INTRODUCTION = """# Controls

What should be true of every account, device and person. Each control is one file below `content/controls/` with its own
examples. A missing value never passes and never fails: the subject counts as *cannot tell*.
"""


def render_pages() -> dict[str, str]:
    """Render a page for each area, and the index of all controls."""
    areas = {area.name: _load_controls(area) for area in sorted(FOLDER.glob("*")) if area.is_dir()}
    pages = {f"controls/{name}.md": "\n".join(_render_area(name, controls)) for name, controls in areas.items()}
    return {"controls/README.md": "\n".join([INTRODUCTION, *_render_index(areas)])} | pages


def _load_controls(area: Path) -> list[Control]:
    raw = (parse_strict_yaml(path.read_text(encoding="utf-8")) for path in sorted(area.glob("*.yaml")))
    return [expand_log_fields(control) for control in raw]


def _render_index(areas: Mapping[str, list[Control]]) -> Iterator[str]:
    for name, controls in areas.items():
        yield f"## [{name}]({name}.md)\n"
        rows = [
            (f"[{control['id']}]({name}.md#{control['id']})", control["title"], control["severity"])
            for control in controls
        ]
        yield render_table(("control", "what should be true", "severity"), rows)


def _render_area(name: str, controls: list[Control]) -> Iterator[str]:
    yield f"# Controls: {name}\n\n[All areas](README.md).\n"
    for control in controls:
        yield from _render_control(control)


def _render_control(control: Control) -> Iterator[str]:
    effort = control.get("effort", {})
    person = " and [the person](../asks.md)" if isinstance(control["asks"], Mapping) else ""
    table = get_asked_table(control["asks"])
    danger = f", immediate danger: {control['danger']}" if "danger" in control else ""
    yield (
        f"## {control['id']}\n\n**{control['title']}** ({control['severity']}{danger}, asks `{table}`{person}; "
        f"effort: {effort.get('minutes_once', 0):g} minutes once, {effort.get('minutes_per_subject', 0):g} a subject; "
        f"answers to: {', '.join(control.get('satisfies') or ()) or 'no framework'})\n"
    )
    yield f"Where it is not true: *{control['problem']['other']}*. {control['because']}\n"
    yield render_table(
        ("where", "what to do"), [(str(product), str(words)) for product, words in control.get("fix", {}).items()]
    )
    yield render_table(
        ("example", "expected"),
        [(_describe_example(example), str(example["expect"])) for example in control["examples"]],
    )


def _describe_example(example: Mapping[str, Any]) -> str:
    values = "; ".join(f"{name}: {value}" for name, value in (example.get("given") or {}).items())
    day = f" (on {example['today']})" if example.get("today") else ""
    return (f"{example['name']}: " if example.get("name") else "") + values + day
