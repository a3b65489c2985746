"""Facts that laws ask for: what a district states of itself, and what is known of an incident."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

INCIDENT = "incident"
"""What a field of an incident begins with in a condition: incident.data."""
ENROLLMENT, EMPLOYEES, AFFECTED_STUDENTS = "enrollment", "employees", "incident.affected_students"
PERCENT_OF_ENROLLMENT = "incident.percent_of_enrollment"
FISCAL_YEAR_STARTS = "fiscal_year_starts"


@dataclass(frozen=True, kw_only=True)
class FactField:
    """One fact: its type (text, texts, integer, truth), the question for a person, and what would fit.

    A fact with `choices` has one of those, in any case; one with a `pattern` is a text of that form.
    """

    name: str
    type: str
    asks: str
    fits: str
    choices: tuple[str, ...] = ()
    pattern: str = ""

    def accepts(self, value: object) -> bool:
        """Check whether a value has the type of the fact and is among its choices; null fits every fact."""
        if value is None:
            return True
        if self.type == "truth":
            return isinstance(value, bool)
        if self.type == "integer":
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
        if self.type == "texts":
            return isinstance(value, list) and all(self._accepts_text(item) for item in value)
        return self._accepts_text(value)

    def _accepts_text(self, value: object) -> bool:
        if not isinstance(value, str) or not value.strip():
            return False
        is_choice = not self.choices or value.casefold() in {choice.casefold() for choice in self.choices}
        return is_choice and (not self.pattern or re.fullmatch(self.pattern, value) is not None)


def build_fact_field(name: str, item: Mapping[str, Any]) -> FactField:
    """Build a fact from its fields in content."""
    return FactField(**{**item, "name": name, "choices": tuple(item.get("choices", ()))})


TRUTHS: Mapping[str, bool] = {"true": True, "yes": True, "false": False, "no": False}


def parse_fact(field: FactField, text: str) -> Any:
    """Parse what a person entered for a fact; empty text is None, not known. Raise ValueError with what would fit."""
    written = text.strip()
    if not written:
        return None
    value: object = written
    if field.type == "truth":
        value = TRUTHS.get(written.casefold())
    elif field.type == "integer":
        digits = written.replace(",", "")
        value = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else None
    elif field.type == "texts":
        value = [part.strip() for part in written.split(",") if part.strip()]
    if value is None or not field.accepts(value):
        raise ValueError(f"{written!r}; {field.fits} would fit")
    return value


def format_fact(value: object) -> str:
    """Format the value of a fact as a person would enter it; None is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def list_types(fields: Collection[FactField]) -> Mapping[str, str]:
    """Return the type of each fact by its name, as conditions need them."""
    return {field.name: field.type for field in fields}


def add_percent_of_enrollment(values: Mapping[str, object]) -> Mapping[str, object]:
    """Return the facts with the affected students in whole percent of enrollment, rounded down, if it is missing."""
    affected, enrollment = values.get(AFFECTED_STUDENTS), values.get(ENROLLMENT)
    if values.get(PERCENT_OF_ENROLLMENT) is not None or not isinstance(affected, int) or not enrollment:
        return values
    assert isinstance(enrollment, int)
    return {**values, PERCENT_OF_ENROLLMENT: affected * 100 // enrollment}
