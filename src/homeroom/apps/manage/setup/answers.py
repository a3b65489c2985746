"""Parse the forms of the setup steps into facts of the district; pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

FormValues = Mapping[str, Sequence[str]]
MAX_RULES = 6
MAX_SCHOOL_DAYS = 800
"""Most days from the first to the last day of school: two school years; more is a typing error and refused."""
_DAY_PATTERN = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
_CLOSURE_LINE = re.compile(
    rf"(?P<first>{_DAY_PATTERN})(?:\s*(?:to|until|through|[-–])\s*(?P<last>{_DAY_PATTERN}))?(?![\d/.-])[\s,:;]*(?P<title>.*)"
)
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_STAFF_DAY = re.compile(
    r"\b(staff|teacher|professional|inservice|in-service|development|pd|work ?day)\b", re.IGNORECASE
)


class InvalidSetupForm(Exception):
    """An invalid form: `problems` has a message for each field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True, kw_only=True)
class Closure:
    """Days without school; `first` and `last` may be the same day."""

    first: date
    last: date
    title: str

    def convert_to_fact(self) -> dict[str, Any]:
        """Return the closure as in the district's facts."""
        kind = "staff" if _STAFF_DAY.search(self.title) else ("break" if self.last > self.first else "closed")
        days = {"on": self.first.isoformat()}
        if self.last > self.first:
            days = {"from": self.first.isoformat(), "to": self.last.isoformat()}
        return {**days, "kind": kind, **({"title": self.title} if self.title else {})}


def get_field(form: FormValues, name: str) -> str:
    """Return the last value of a field, stripped."""
    values = form.get(name) or [""]
    return values[-1].strip()


def parse_authority(form: FormValues, *, choices: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Parse {kind of person: connector} from the fields `staff` and `student`; an empty field decides nothing.

    Raise InvalidSetupForm.
    """
    problems = {
        kind: _("Choose one of the lists, or “Not decided yet”.")
        for kind, allowed in choices.items()
        if get_field(form, kind) and get_field(form, kind) not in set(allowed)
    }
    if problems:
        raise InvalidSetupForm(problems)
    return {kind: get_field(form, kind) for kind in choices if get_field(form, kind)}


def parse_sign_in_rules(form: FormValues, *, directories: Iterable[str]) -> list[dict[str, str]]:
    """Parse the rules from the rows `directory-0`, `unit-0`, `domain-0`, `provider-0` and so on; skip empty rows.

    A unit gets its leading /, a domain loses its @. Raise InvalidSetupForm.
    """
    rules: list[dict[str, str]] = []
    problems: dict[str, str] = {}
    allowed = set(directories)
    for row in range(MAX_RULES):
        values = {name: get_field(form, f"{name}-{row}") for name in ("directory", "unit", "domain", "provider")}
        if not any(values.values()):
            continue
        values["unit"] = f"/{values['unit'].strip('/')}" if values["unit"] else ""
        values["domain"] = values["domain"].lower().removeprefix("@")
        problems |= {f"{field}-{row}": message for field, message in _validate_rule(values, allowed).items()}
        rules.append({name: value for name, value in values.items() if value})
    if problems:
        raise InvalidSetupForm(problems)
    return rules


def _validate_rule(values: Mapping[str, str], allowed: set[str]) -> dict[str, str]:
    """Return the messages about one rule by field."""
    problems = {}
    if values["directory"] not in allowed:
        problems["directory"] = _("Choose which accounts this rule covers.")
    if not values["provider"]:
        problems["provider"] = _("Choose the sign-in provider, or leave the rule blank.")
    elif values["directory"] == values["provider"]:
        problems["provider"] = _("Accounts that sign in with their own provider need no rule.")
    if values["domain"] and not _DOMAIN.fullmatch(values["domain"]):
        problems["domain"] = _("Enter a mail domain, such as students.example.org.")
    return problems


def parse_hours(form: FormValues) -> dict[str, float]:
    """Parse weekly hours by user name from the fields `hours-NAME`; skip empty fields. Raise InvalidSetupForm."""
    hours_by_user: dict[str, float] = {}
    problems = {}
    for field in form:
        if field.startswith("hours-") and get_field(form, field):
            try:
                hours_by_user[field.removeprefix("hours-")] = float(get_field(form, field).replace(",", "."))
            except ValueError:
                problems[field] = _("Enter a number of hours, such as 6.")
    if problems:
        raise InvalidSetupForm(problems)
    return hours_by_user


def parse_calendar(form: FormValues) -> dict[str, Any]:
    """Parse first and last day of school and the closures; empty if no day was entered. Raise InvalidSetupForm."""
    problems: dict[str, str] = {}
    first, last = (_parse_day(get_field(form, name)) for name in ("first_day", "last_day"))
    if not get_field(form, "first_day") and not get_field(form, "last_day") and not get_field(form, "closed"):
        return {}
    for name, day in (("first_day", first), ("last_day", last)):
        if day is None:
            problems[name] = _("Enter a date, such as 8/17/2026.")
    if first and last and not first < last:
        problems["last_day"] = _("The last day has to be after the first day.")
    elif first and last and (last - first).days > MAX_SCHOOL_DAYS:
        problems["last_day"] = _("That is more than two school years. Enter the last day of this school year.")
    closed, misread = parse_closures(get_field(form, "closed"))
    if misread:
        problems["closed"] = misread
    outside = [closure for closure in closed if first and last and (closure.first > last or closure.last < first)]
    if outside and "closed" not in problems:
        problems["closed"] = _("%(day)s is outside the school year.") % {"day": _format_day(outside[0].first)}
    if problems or first is None or last is None:
        raise InvalidSetupForm(problems)
    return {
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "closed": [closure.convert_to_fact() for closure in closed],
    }


def parse_closures(lines_text: str) -> tuple[list[Closure], str]:
    """Parse one closure per line, such as `12/22/2025 – 1/2/2026 Winter break`.

    Return the closures, and a message about the first invalid line (empty if there is none).
    """
    parsed: list[Closure] = []
    for number, line in enumerate(lines_text.splitlines(), 1):
        if not line.strip():
            continue
        match = _CLOSURE_LINE.fullmatch(line.strip())
        first = _parse_day(match["first"]) if match else None
        last = _parse_day(match["last"]) if match and match["last"] else first
        if match is None or first is None or last is None or last < first:
            fits = "12/22/2025 – 1/2/2026 Winter break"
            return parsed, _("Line %(n)s: use %(fits)s.") % {"n": number, "fits": fits}
        parsed.append(Closure(first=first, last=last, title=match["title"].strip()[:120]))
    return parsed, ""


def format_closures(closed: Iterable[Mapping[str, Any]]) -> str:
    """Format closures from the facts, one per line, as a user would type them."""
    lines = []
    for closure in closed:
        names = ("on",) if "on" in closure else ("from", "to")
        days = " – ".join(_format_day(date.fromisoformat(str(closure[name]))) for name in names)
        lines.append(f"{days} {closure.get('title', '')}".strip())
    return "\n".join(lines)


def _format_day(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _parse_day(raw: str) -> date | None:
    for date_pattern in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(raw.strip(), date_pattern).date()  # noqa: DTZ007 a day has no zone
        except ValueError:
            continue
    return None
