"""The laws of the clock benchmark, written for it: every unit, reading, period, version and extension."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

LIMITS: dict[str, tuple[int, str]] = {
    **{f"hours-{count}": (count, "hours") for count in (1, 24, 48, 72, 100)},
    **{f"days-{count}": (count, "days") for count in (1, 7, 10, 30, 45, 60, 365)},
    **{f"months-{count}": (count, "months") for count in (1, 2, 6, 12, 13)},
    **{f"business-{count}": (count, "business days") for count in (1, 5, 10, 20, 90)},
    **{f"school-{count}": (count, "school days") for count in (1, 5, 15, 40)},
}
"""The duties of one limit after the earliest of two moments."""
LAWS = ("us-plain", "us-rolls", "us-texas")
"""The laws that have them: federal holidays, those with a rule for weekends, and holidays of Texas."""
NEW_FROM = date(2026, 1, 1)
"""First day of the newer version of a law: three days where there were ten."""
STARTS = ["discovered", "vendor_notified"]


def write_laws(folder: Path) -> None:
    """Write the laws as a content folder."""
    duties = [build_duty(name, starts=STARTS, within=build_limit(*limit)) for name, limit in LIMITS.items()]
    rolls = {"rolls": {"to": "next business day", "citation": "Rule 6"}}
    write_law(folder, "us-plain", duties=duties)
    write_law(folder, "us-rolls", duties=duties, counting={"holidays": ["us"], **rolls})
    write_law(folder, "us-texas", duties=duties, counting={"holidays": ["us-tx"]})
    days = {count: build_limit(count, "days") for count in (3, 10, 29, 30)}
    ten = build_limit(10, "business days")
    write_law(
        folder,
        "us-readings",
        applies_to={"state": "NY"},
        duties=[
            build_duty("doubt", starts=["signed"], within=ten, doubt={"says": "guides differ", "or_within": days[10]}),
            build_duty("longer", starts=["requested"], within=ten,
                       extension={"within": build_limit(5, "business days"), "when": "with reasons"}),
            build_duty("dated", on=[{"when": {"population|gte": 50_000}, "date": date(2027, 4, 26)},
                                    {"when": {"population|lt": 50_000}, "date": date(2028, 4, 26)}]),
            build_duty("monthly", every={"period": "month"}),
            build_duty("yearly", every=[{"period": "calendar year", "within": days[29], "or_within": days[30]},
                                        {"period": "fiscal year", "within": days[30]}]),
            build_duty("soon", as_soon_as="without delay"),
        ],
    )  # fmt: skip
    write_law(folder, "us-old", duties=[build_duty("notice", starts=STARTS, within=days[10])])
    write_law(
        folder,
        "us-new",
        effective=NEW_FROM,
        supersedes="us-old",
        duties=[build_duty("notice", starts=STARTS, within=days[3])],
    )
    write_law(folder, "us-proposed", standing="proposed", duties=duties[:1])


def build_limit(count: int, unit: str) -> dict[str, Any]:
    """Build an amount of time."""
    return {"count": count, "unit": unit}


def build_duty(name: str, **clock: Any) -> dict[str, Any]:
    """Build a duty with its clock."""
    return {
        "id": name,
        "title": "Somebody is notified",
        "citation": "1 (a)",
        "who": "privacy officer",
        "to": "the state",
        "trigger": "breach",
        **clock,
    }


def write_law(folder: Path, name: str, **values: Any) -> None:
    """Write one law, with federal holidays unless it has others."""
    law = {
        "id": name,
        "title": "A law of a benchmark",
        "version": "1",
        "citation": "1 Bench 1",
        "source": "https://example.org/law",
        "license": "Our own words",
        "effective": date(2010, 1, 1),
        "checked_on": date(2026, 11, 28),
        "standing": "in force",
        "depth": "clocks",
        "applies_to": {},
        "counting": {"holidays": ["us"]},
        **values,
    }
    path = folder / "laws" / "us" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(law), encoding="utf-8")
