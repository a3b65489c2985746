"""Queries for setup: its progress and the answers entered so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from homeroom.apps.comply.laws.facts import ENTERED, load_known_facts
from homeroom.apps.manage.setup.models import Setup
from homeroom.domain.guides import ExportGuide
from homeroom.domain.platform.district import District
from homeroom.library.know.guides import load_guides

MAIN_STEPS = ("district", "systems", "exports", "people", "load")
"""The steps to the first scan, in order. `exports` and `load` take files rather than answers."""
LATER_STEPS = ("sign-in", "calendar", "facts", "hours")
"""Questions that make the findings more exact and can wait until after the first scan."""
STEPS = (*MAIN_STEPS, *LATER_STEPS)
STARTS = ("accounts", "roster", "")
"""What a district begins with, and the rest."""


@dataclass(frozen=True, kw_only=True)
class SetupProgress:
    """Setup answers of a district. `facts` is the document that a director could have written by hand."""

    systems: tuple[str, ...]
    facts: Mapping[str, Any]
    answered: tuple[str, ...]

    @property
    def guides(self) -> tuple[ExportGuide, ...]:
        """Guides of the district's systems; all guides before it has chosen any."""
        return tuple(guide for guide in load_guides() if guide.id in self.systems or not self.systems)

    @property
    def chosen_guides(self) -> tuple[ExportGuide, ...]:
        """Guides of the district's systems, those to begin with first: accounts, then the roster."""
        guides = [guide for guide in load_guides() if guide.id in self.systems]
        return tuple(sorted(guides, key=lambda guide: STARTS.index(guide.start)))

    @property
    def next_step(self) -> str:
        """First unanswered step to the first scan; `load` if all are answered."""
        return next((step for step in MAIN_STEPS if step not in self.answered), MAIN_STEPS[-1])

    def list_choices(self, kind: str) -> tuple[tuple[str, str], ...]:
        """Return (connector, title) of the sources that may decide about staff or students."""
        titles = {name: guide.title for guide in self.guides if kind in guide.decides for name in guide.connectors}
        return tuple(titles.items())

    @property
    def directories(self) -> tuple[tuple[str, str], ...]:
        """Return (connector, title) of the directories with people's accounts."""
        return tuple((name, guide.title) for guide in self.guides if guide.directory for name in guide.connectors)


def load_setup(*, district: District) -> SetupProgress:
    """Return the district's setup answers."""
    row = Setup.objects.of(district).first()
    if row is None:
        return SetupProgress(systems=(), facts={}, answered=())
    return SetupProgress(systems=tuple(row.systems), facts=row.facts, answered=tuple(row.answered))


def render_facts_file(*, district: District, facts: Mapping[str, Any]) -> str:
    """Render the district's facts as the YAML file that `homeroom load` reads: equal facts give equal text."""
    document = {"homeroom": "district", "name": district.name, "timezone": district.timezone, **_sort_keys(facts)}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def render_answers_file(*, district: District) -> str:
    """Render all answers as the file that `homeroom load` reads, with the facts for laws that were entered."""
    entered = {fact.field.name: fact.value for fact in load_known_facts(district=district) if fact.origin == ENTERED}
    facts = load_setup(district=district).facts
    return render_facts_file(district=district, facts={**facts, "facts": entered} if entered else facts)


def _sort_keys(value: Any) -> Any:
    """Sort all keys, since a database may return them in another order."""
    if isinstance(value, Mapping):
        return {name: _sort_keys(value[name]) for name in sorted(value)}
    return [_sort_keys(item) for item in value] if isinstance(value, list) else value
