"""The district's facts in district.yaml: where accounts sign in, authoritative sources, and the school calendar."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from homeroom.sample.plan.district import DistrictPlan
from homeroom.sample.plan.school_calendar import ClosedDays


def write_facts(folder: Path, district: DistrictPlan) -> Path:
    """Write district.yaml."""
    calendar = district.calendar
    lines = [
        "# What no export says about the district. Written by its technology office.",
        "homeroom: district",
        f"name: {district.name}",
        f"timezone: {district.timezone}",
        "sign_in:",
        f'  - {{directory: google, unit: "{district.federated_unit}", provider: microsoft}}',
        "authority:",
        "  staff: hr",
        "  student: oneroster",
        "facts: {state: IL, city: Maple Valley, kind: district, special_district: false, e_rate: true, hhs_funds: true,"
        ' fiscal_year_starts: "07-01"}',
        "calendar:",
        f"  first_day: {calendar.first_day.isoformat()}",
        f"  last_day: {calendar.last_day.isoformat()}",
        "  weekdays: [mon, tue, wed, thu, fri]",
        "  closed:",
        *(
            f"    - {{{_format_days(closed)}, kind: {closed.kind}, title: {_quote(closed.title)}}}"
            for closed in calendar.closed
        ),
    ]
    path = folder / "district.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return path


def _format_days(closed: ClosedDays) -> str:
    def format_day(value: date) -> str:
        return value.isoformat()

    if closed.first == closed.last:
        return f"on: {format_day(closed.first)}"
    return f"from: {format_day(closed.first)}, to: {format_day(closed.last)}"


def _quote(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'
