"""What a district states of itself for laws, and its own domains, phones and addresses, read strictly.

facts: {state: NY, kind: district, enrollment: 2100, e_rate: true, fiscal_year_starts: 07-01}
own: {domains: [maple.example], phones: ["555-0100"], addresses: [12 Elm Street]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import homeroom
from homeroom.domain.comply.laws.facts import FactField, build_fact_field, format_fact

FACTS_FILE = Path(homeroom.__file__).parent / "content" / "laws" / "facts.yaml"
OWN_KINDS: Mapping[str, tuple[str, str]] = {
    "domains": ("domain", "a list of domains such as maple.example"),
    "phones": ("phone", "a list of phone numbers in quotes"),
    "addresses": ("address", "a list of street addresses"),
}
"""The lists of `own`, with the kind of their values and what would fit."""
MAX_OWN, MAX_LENGTH = 500, 200


class InvalidStatement(ValueError):
    """Something that the district states does not fit: the field, the reason and what would fit."""

    def __init__(self, field: str, reason: str, fits: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field, self.reason, self.fits = field, reason, fits


@cache
def load_district_facts() -> Mapping[str, FactField]:
    """Load the facts that a district may state, by name, from the content of laws."""
    content = yaml.safe_load(FACTS_FILE.read_text(encoding="utf-8"))
    return {name: build_fact_field(name, item) for name, item in content["facts"].items()}


def parse_stated_facts(stated: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (fact, value as text); one that is null is left out. Raise InvalidStatement."""
    fields = load_district_facts()
    for name, value in stated.items():
        field = fields.get(name)
        if field is None:
            raise InvalidStatement(f"facts.{name}", "is no known fact", ", ".join(fields))
        if not field.accepts(value):
            raise InvalidStatement(f"facts.{name}", f"{format_fact(value)!r} does not fit", field.fits)
        if value is not None:
            yield name, format_fact(value)


def parse_own_values(stated: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (kind, value) of what never counts as somebody's. Raise InvalidStatement."""
    for name, values in stated.items():
        if name not in OWN_KINDS:
            raise InvalidStatement(f"own.{name}", "is no known field", ", ".join(OWN_KINDS))
        kind, fits = OWN_KINDS[name]
        if not isinstance(values, list) or len(values) > MAX_OWN:
            raise InvalidStatement(f"own.{name}", "is no list, or too long", fits)
        for position, value in enumerate(values):
            text = value.strip() if isinstance(value, str) else ""
            if not text or len(text) > MAX_LENGTH or not text.isprintable():
                raise InvalidStatement(f"own.{name}[{position}]", "is no text", fits)
            yield kind, text.lower().lstrip("@") if kind == "domain" else text
