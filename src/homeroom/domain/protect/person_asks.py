"""Asks: what a control asks of the person about whom it fails, in plain words of two languages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

ANY = "any"
"""Key of steps that belong to no console."""


@dataclass(frozen=True, kw_only=True)
class AskText:
    """An ask in one language: a sentence, why it matters, and the steps by the connector that they belong to.

    `steps` has either `any` alone or connectors.
    """

    sentence: str
    why: str
    steps: Mapping[str, tuple[str, ...]]

    def select_steps(self, connectors: Collection[str]) -> tuple[str, ...]:
        """Return the steps of these connectors, those of all if none has any."""
        chosen = [name for name in self.steps if name in connectors] or list(self.steps)
        return tuple(step for name in chosen for step in self.steps[name])


@dataclass(frozen=True, kw_only=True)
class PersonAsk:
    """What a control asks of a person: the minutes that it takes, and its text by language (en, es)."""

    minutes: int
    texts: Mapping[str, AskText]

    def get_text(self, language: str) -> AskText:
        """Return the text in a language, in English where there is none."""
        return self.texts.get(language) or self.texts["en"]
