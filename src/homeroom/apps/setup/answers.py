"""What was written into a step's form, as facts of the district; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

Form = Mapping[str, Sequence[str]]
RULES = 6
LONGEST = 800
"""Days from the first day of school to the last: two school years; more is a slip of the pen, and refused where facts are read."""
_DAY = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
_LINE = re.compile(
    rf"(?P<first>{_DAY})(?:\s*(?:to|until|through|[-–])\s*(?P<last>{_DAY}))?(?![\d/.-])[\s,:;]*(?P<title>.*)"
)
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_STAFF = re.compile(r"\b(staff|teacher|professional|inservice|in-service|development|pd|work ?day)\b", re.IGNORECASE)


class Wrong(Exception):
    """A form that does not fit: `problems` has a sentence for each field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True, kw_only=True)
class Closure:
    """Days without school; `first` and `last` may be the same day."""

    first: date
    last: date
    title: str

    def as_fact(self) -> dict[str, Any]:
        """As the district's facts write it."""
        kind = "staff" if _STAFF.search(self.title) else ("break" if self.last > self.first else "closed")
        days = {"on": self.first.isoformat()}
        if self.last > self.first:
            days = {"from": self.first.isoformat(), "to": self.last.isoformat()}
        return {**days, "kind": kind, **({"title": self.title} if self.title else {})}


def text(given: Form, name: str) -> str:
    """The last value of a field, without outer blanks."""
    values = given.get(name) or [""]
    return values[-1].strip()


def authority(given: Form, *, choices: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """{kind of person: connector} of the fields `staff` and `student`; a field left empty decides nothing. Raises Wrong."""
    wrong = {
        kind: _("Choose one of the lists, or nobody.")
        for kind, known in choices.items()
        if text(given, kind) and text(given, kind) not in set(known)
    }
    if wrong:
        raise Wrong(wrong)
    return {kind: text(given, kind) for kind in choices if text(given, kind)}


def sign_in(given: Form, *, directories: Iterable[str]) -> list[dict[str, str]]:
    """The rules of the rows `directory-0`, `unit-0`, `domain-0`, `provider-0` and so on; a row that says nothing is none.

    A unit gets its leading /, a domain loses its @. Raises Wrong.
    """
    rules: list[dict[str, str]] = []
    wrong: dict[str, str] = {}
    known = set(directories)
    for row in range(RULES):
        values = {name: text(given, f"{name}-{row}") for name in ("directory", "unit", "domain", "provider")}
        if not any(values.values()):
            continue
        values["unit"] = f"/{values['unit'].strip('/')}" if values["unit"] else ""
        values["domain"] = values["domain"].lower().removeprefix("@")
        wrong |= {f"{field}-{row}": told for field, told in _rule_problems(values, known).items()}
        rules.append({name: value for name, value in values.items() if value})
    if wrong:
        raise Wrong(wrong)
    return rules


def _rule_problems(values: Mapping[str, str], known: set[str]) -> dict[str, str]:
    """What is wrong with one rule, by field."""
    wrong = {}
    if values["directory"] not in known:
        wrong["directory"] = _("Choose whose accounts these are.")
    if not values["provider"]:
        wrong["provider"] = _("Choose with whom they sign in, or leave the whole rule empty.")
    elif values["directory"] == values["provider"]:
        wrong["provider"] = _("Accounts that sign in where they are need no rule.")
    if values["domain"] and not _DOMAIN.fullmatch(values["domain"]):
        wrong["domain"] = _("This is no mail domain; students.example.org would fit.")
    return wrong


def hours(given: Form) -> dict[str, float]:
    """Hours a week by user name, of the fields `hours-NAME`; a field left empty says nothing of that person. Raises Wrong."""
    told: dict[str, float] = {}
    wrong = {}
    for field in given:
        if field.startswith("hours-") and text(given, field):
            try:
                told[field.removeprefix("hours-")] = float(text(given, field).replace(",", "."))
            except ValueError:
                wrong[field] = _("A number of hours would fit, such as 6.")
    if wrong:
        raise Wrong(wrong)
    return told


def calendar(given: Form) -> dict[str, Any]:
    """First and last day of school and the days without it; empty where no day was given. Raises Wrong."""
    wrong: dict[str, str] = {}
    first, last = (_day_of(text(given, name)) for name in ("first_day", "last_day"))
    if not text(given, "first_day") and not text(given, "last_day") and not text(given, "closed"):
        return {}
    for name, day in (("first_day", first), ("last_day", last)):
        if day is None:
            wrong[name] = _("A day is missing here; 2026-08-17 would fit.")
    if first and last and not first < last:
        wrong["last_day"] = _("The last day comes after the first.")
    elif first and last and (last - first).days > LONGEST:
        wrong["last_day"] = _("That is more than two school years; the last day of this one would fit.")
    closed, misread = closures(text(given, "closed"))
    if misread:
        wrong["closed"] = misread
    outside = [one for one in closed if first and last and (one.first > last or one.last < first)]
    if outside and "closed" not in wrong:
        wrong["closed"] = _("%(day)s is outside the school year.") % {"day": outside[0].first.isoformat()}
    if wrong or first is None or last is None:
        raise Wrong(wrong)
    return {
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "closed": [one.as_fact() for one in closed],
    }


def closures(written: str) -> tuple[list[Closure], str]:
    """One closure a line, such as `2025-12-22 to 2026-01-02 Winter break`; and what is wrong with the first bad line."""
    found: list[Closure] = []
    for number, line in enumerate(written.splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        first = _day_of(match["first"]) if match else None
        last = _day_of(match["last"]) if match and match["last"] else first
        if match is None or first is None or last is None or last < first:
            fits = "2025-12-22 to 2026-01-02 Winter break"
            return found, _("Line %(n)s is no day or span of days; %(fits)s would fit.") % {"n": number, "fits": fits}
        found.append(Closure(first=first, last=last, title=match["title"].strip()[:120]))
    return found, ""


def written(closed: Iterable[Mapping[str, Any]]) -> str:
    """Closures as facts have them, one a line, as somebody would write them."""
    lines = []
    for one in closed:
        days = str(one["on"]) if "on" in one else f"{one['from']} to {one['to']}"
        lines.append(f"{days} {one.get('title', '')}".strip())
    return "\n".join(lines)


def _day_of(given: str) -> date | None:
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(given.strip(), form).date()  # noqa: DTZ007 a day has no zone
        except ValueError:
            continue
    return None
