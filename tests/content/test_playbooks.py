"""Playbooks: short enough for somebody who never did this, insurer and counsel first, and never the word of the law."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from homeroom.library.protect.playbooks import get_playbook, load_playbooks
from homeroom.library.yaml_loader import BUILTIN_CONTENT, ContentRefused

SIX = {"ransomware", "taken-over-staff-account", "vendor-data-leak", "lost-laptop", "ddos-in-testing-week",
       "bomb-threat-by-email"}  # fmt: skip


def test_the_six_playbooks_fit_into_an_hour_and_ten_lines():
    playbooks = load_playbooks()
    assert {playbook.id for playbook in playbooks} == SIX
    for playbook in playbooks:
        assert len(playbook.first_hour) <= 10
        assert sum(task.minutes for task in playbook.first_hour) <= 80, playbook.id
        assert all((playbook.decisions, playbook.tasks, playbook.sources)), playbook.id


def test_ransomware_is_isolated_before_anything_is_turned_off_and_nothing_is_paid_before_counsel():
    playbook = get_playbook("ransomware")
    assert playbook is not None
    lines = [task.title for task in playbook.first_hour]
    assert next(n for n, line in enumerate(lines) if "Unplug" in line) < next(
        n for n, line in enumerate(lines) if line.startswith("Turn a computer off only if")
    )
    assert any("no district e-mail" in line for line in lines)


def _write_task(title: str, **values) -> dict[str, object]:
    return {"title": title, "role": "director", "minutes": 1, **values}


CALL = _write_task("Call the insurer and counsel.")


@pytest.mark.parametrize(("change", "field"), [
    ({"id": "other"}, "id"),
    ({"title": "A data breach"}, "title"),
    ({"when": "Something"}, "when"),
    ({"first_hour": [CALL] * 11}, "first_hour"),
    ({"first_hour": [_write_task("Write to families."), CALL]}, "first_hour[0].title"),
    ({"first_hour": [_write_task("Look.")]}, "first_hour"),
    ({"tasks": [_write_task("Look")]}, "tasks[0].title"),
    ({"tasks": [_write_task("Look.", role="janitor")]}, "tasks[0].role"),
    ({"tasks": [_write_task("Look.", minutes=0)]}, "tasks[0].minutes"),
    ({"tasks": ["Look."]}, "tasks[0].title"),
    ({"sources": [{"name": "CISA", "address": "http://cisa.gov"}]}, "sources[0].address"),
])  # fmt: skip
def test_a_playbook_that_does_not_fit_is_refused_with_its_field(tmp_path: Path, change, field: str):
    text = (BUILTIN_CONTENT / "playbooks" / "lost-laptop.yaml").read_text(encoding="utf-8")
    path = tmp_path / "playbooks" / "lost-laptop.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump({**yaml.safe_load(text), **change}), encoding="utf-8")
    with pytest.raises(ContentRefused) as refused:
        load_playbooks(tmp_path)
    assert refused.value.problems[0].field == field
