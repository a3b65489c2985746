"""How far the first run is, and what was said so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from homeroom.apps.setup.models import Setup
from homeroom.domain.guides import Guide
from homeroom.library.guides import guides

STEPS = ("district", "systems", "exports", "people", "sign-in", "calendar", "hours", "load")
"""The steps, in order. `exports` and `load` are read and done rather than answered."""


@dataclass(frozen=True, kw_only=True)
class SoFar:
    """What a district has said. `facts` is the document that a director could have written by hand."""

    systems: tuple[str, ...]
    facts: Mapping[str, Any]
    answered: tuple[str, ...]

    @property
    def guides(self) -> tuple[Guide, ...]:
        """The guides of the systems that the district has; all of them before it has said so."""
        return tuple(one for one in guides() if one.id in self.systems or not self.systems)

    @property
    def next_step(self) -> str:
        """The first step that nobody has answered; `load` where all are."""
        return next((step for step in STEPS if step not in self.answered), STEPS[-1])

    def choices(self, kind: str) -> tuple[tuple[str, str], ...]:
        """(connector, title) of the lists that may decide about a kind of person: staff or student."""
        found = {name: one.title for one in self.guides if kind in one.decides for name in one.connectors}
        return tuple(found.items())

    @property
    def directories(self) -> tuple[tuple[str, str], ...]:
        """(connector, title) of the directories in which people have accounts."""
        return tuple((name, one.title) for one in self.guides if one.directory for name in one.connectors)


def so_far(*, district: Any) -> SoFar:
    """What the district has said so far."""
    row = Setup.objects.of(district).first()
    if row is None:
        return SoFar(systems=(), facts={}, answered=())
    return SoFar(systems=tuple(row.systems), facts=row.facts, answered=tuple(row.answered))


def facts_file(*, district: Any, facts: Mapping[str, Any]) -> str:
    """The district's facts as the YAML file that `homeroom load` reads: the same text for the same facts."""
    document = {"homeroom": "district", "name": district.name, "timezone": district.timezone, **_ordered(facts)}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def _ordered(value: Any) -> Any:
    """The value with its keys in order, since a database may give them back in another one."""
    if isinstance(value, Mapping):
        return {name: _ordered(value[name]) for name in sorted(value)}
    return [_ordered(one) for one in value] if isinstance(value, list) else value


def missing(said: SoFar, *, loaded: Sequence[str]) -> tuple[Guide, ...]:
    """The systems that the district has and of which no export is loaded, by the connectors that stand."""
    return tuple(one for one in said.guides if said.systems and not set(one.connectors) & set(loaded))
