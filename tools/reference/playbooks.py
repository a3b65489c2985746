"""The reference page of playbooks: the first hour, who decides what, and the tasks, from content/playbooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from homeroom.domain.protect.incidents.playbooks import Playbook, PlaybookTask
from homeroom.library.protect.playbooks import load_playbooks

INTRODUCTION = """# Playbooks

For somebody who never did this. An incident takes its tasks from one; the first-hour sheet prints them
([incidents](../protect/incidents.md)).
"""


def render_pages() -> dict[str, str]:
    """Render all playbooks on one page."""
    parts = [INTRODUCTION, *(part for playbook in load_playbooks() for part in _render_section(playbook))]
    return {"playbooks.md": "\n".join(parts)}


def _render_section(playbook: Playbook) -> Iterator[str]:
    yield f"## {playbook.title}\n"
    yield f"`{playbook.id}`. {playbook.when}\n"
    yield "**The first hour**\n"
    yield _render_tasks(playbook.first_hour)
    yield "**Who decides**\n"
    yield "\n".join(f"- {decision.title}" for decision in playbook.decisions) + "\n"
    yield "**After that**\n"
    yield _render_tasks(playbook.tasks)
    yield (
        "After " + "; ".join(f"[{source.name}]({source.address})" for source in playbook.sources) + ", in our words.\n"
    )


def _render_tasks(tasks: Iterable[PlaybookTask]) -> str:
    lines = (f"{number}. {task.title} ({task.role}, {task.minutes} min)" for number, task in enumerate(tasks, 1))
    return "\n".join(lines) + "\n"
