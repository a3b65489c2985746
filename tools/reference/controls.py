"""The reference page of controls: what is assessed, why, what to do, and the examples that prove each one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

import homeroom
from tools.reference.markdown import render_table

FOLDER = Path(homeroom.__file__).parent / "content" / "controls"
INTRODUCTION = """# Controls

What should be true of every account, device and person. Each stands in one file below `content/controls/` with its own
proof. A value that is missing never passes and never fails: the subject is counted as *cannot tell*.
"""


def render_page() -> str:
    """Render every control, area by area."""
    areas = sorted(path for path in FOLDER.glob("*") if path.is_dir())
    return "\n".join([INTRODUCTION, *(part for area in areas for part in _render_area(area))])


def _render_area(area: Path) -> Iterator[str]:
    yield f"## {area.name}\n"
    for path in sorted(area.glob("*.yaml")):
        control = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield from _render_section(control)


def _render_section(control: Mapping[str, Any]) -> Iterator[str]:
    effort = control.get("effort", {})
    yield f"### {control['id']}\n\n**{control['title']}** ({control['severity']}, asks `{control['asks']}`)\n"
    yield f"{control['because']}\n"
    yield (
        f"Effort: {effort.get('minutes_once', 0):g} minutes once, {effort.get('minutes_per_subject', 0):g} a subject. "
        f"Answers to: {', '.join(control.get('satisfies') or ()) or 'no framework'}.\n"
    )
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
