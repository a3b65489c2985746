"""Parse the form that announces work: an entry of evidence, or for each field what would fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from django.utils.translation import gettext

from homeroom.apps.protect.detection.announced_work import ENTRY_LISTS
from homeroom.connectors.district.announcements import EntryRejected, parse_entry
from homeroom.engines.protect.enrich.country_names import find_country_code, get_country_name, suggest_country

FIELDS = (
    *ENTRY_LISTS, "from_day", "from_time", "until_day", "until_time", "daily_from", "daily_until", "reason",
)  # fmt: skip
MIN_REASON_LENGTH = 10
MAX_VALUES = 200
"""Values of a list; who announces more loads a file."""
WIDEST = {4: 16, 6: 32}
"""The shortest prefix of a network that may be announced by itself, by the version of its addresses."""
_NARROWING = ("who", "targets", "hosts")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An entry of a form: `key` and `values` as evidence's `expected_activities` has them; `errors` by field."""

    key: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


def parse_draft(form: Mapping[str, str]) -> Draft:
    """Return the entry of a form; fields that it lacks are empty."""
    texts = {name: form.get(name, "").strip() for name in FIELDS}
    errors: dict[str, str] = {}
    lists = {name: _split(texts[name], name) for name in ENTRY_LISTS}
    lists["countries"] = _find_countries(lists["countries"], errors)
    entry: dict[str, Any] = {name: values for name, values in lists.items() if values}
    entry |= {name: _join_moment(texts, name, errors) for name in ("from", "until")}
    entry |= {"daily": _join_daily(texts), "reason": " ".join(texts["reason"].split())}
    row, faults = parse_entry(entry)
    for fault in faults:
        errors.setdefault(*_explain_fault(fault))
    for name, values in lists.items():
        if len(values) > MAX_VALUES:
            errors[name] = gettext("At most %(most)d fit here; load a file with more.") % {"most": MAX_VALUES}
    if len(texts["reason"]) < MIN_REASON_LENGTH:
        errors["reason"] = gettext("Say in a sentence what the work is, so that an auditor understands it next year.")
    if not errors:
        errors = _find_breadth_problems(row)
    columns = {name: value for name, value in row.items() if name not in ("key", "reason")}
    return Draft(key=row["key"], values=columns, reason=row["reason"], errors=errors)


def _split(text: str, name: str) -> list[str]:
    """Return the values of a field: one a line, or with commas between them where no value has one."""
    separators = r"[\n\r]+" if name == "targets" else r"[\n\r,;]+"
    return [value.strip() for value in re.split(separators, text) if value.strip()]


def _find_countries(texts: list[str], errors: dict[str, str]) -> list[str]:
    codes = [find_country_code(text) for text in texts]
    unknown = next((text for text, code in zip(texts, codes, strict=True) if code is None), None)
    if unknown is not None:
        code = suggest_country(unknown) or "MX"
        errors["countries"] = gettext("“%(text)s” is no country; %(name)s or %(code)s would fit.") % {
            "text": unknown[:60], "name": get_country_name(code), "code": code,
        }  # fmt: skip
    return [code for code in codes if code]


def _join_moment(texts: Mapping[str, str], name: str, errors: dict[str, str]) -> str | None:
    """Return a day, or a day and a time without a zone, which is the district's."""
    day, time = texts[f"{name}_day"], texts[f"{name}_time"]
    if time and not day:
        errors[f"{name}_day"] = gettext("Choose the day of that time too.")
    return f"{day}T{time}" if day and time else day or None


def _join_daily(texts: Mapping[str, str]) -> str | None:
    first, last = texts["daily_from"][:5], texts["daily_until"][:5]
    return f"{first}-{last}" if first or last else None


def _explain_fault(fault: EntryRejected) -> tuple[str, str]:
    """Return the field of the form and what would fit there."""
    value = str(fault.value)[:60]
    match fault.field:
        case "entries":
            return "who", gettext("Name at least one: who, what it is done to, computers, addresses or countries.")
        case "from" | "until" if fault.reason == "is before from":
            return "until_day", gettext("The end is before the beginning; a later day would fit.")
        case "from" | "until":
            return f"{fault.field}_day", gettext("“%(value)s” is no day; 2026-12-19 would fit.") % {"value": value}
        case "daily":
            return "daily_from", gettext("Two times of day would fit, such as 01:30 and 02:30; past midnight too.")
        case "addresses":
            text = gettext("“%(value)s” is no address or network; 203.0.113.7 or 203.0.113.0/24 would fit.")
        case "hosts":
            text = gettext("“%(value)s” is no computer’s short name; FILE01 would fit, without the domain.")
        case _:
            text = gettext("“%(value)s” does not fit; at most 255 letters, digits and signs would.")
    return fault.field, text % {"value": value}


def _find_breadth_problems(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what would make an entry expect too much, by field."""
    errors = {
        name: gettext("Names are whole here, and “*” is no name; write each one.")
        for name in ("who", "targets")
        if any("*" in text for text in row[name] or ())
    }
    narrow = any(row[name] for name in _NARROWING)
    if not narrow and not row["addresses"]:
        errors["who"] = gettext(
            "Everything from these countries would be expected, an intruder’s sign-in too. Name who travels as well."
        )
    if not narrow and any(_is_wide(text) for text in row["addresses"] or ()):
        errors["addresses"] = gettext(
            "A network that large is half the Internet; a /%(widest)d or smaller would fit, or name who as well."
        ) % {"widest": WIDEST[4]}
    if not row["ends"] and not row["daily_from"]:
        errors["until_day"] = gettext("Say until when. What happens each day for good fits with a time of day.")
    return errors


def _is_wide(text: str) -> bool:
    network = ip_network(text, strict=False)
    return network.prefixlen < WIDEST[network.version]
