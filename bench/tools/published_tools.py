"""Derived tables of a large district's tools, as resolving publishes them; nothing of the program's code is used."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

TODAY = date(2026, 11, 28)
CAPABILITIES = (
    "content-filter", "endpoint-protection", "mail-security", "second-factor", "single-sign-on", "password-manager",
    "vulnerability-scanning", "log-monitoring", "backup-servers", "backup-saas", "awareness-training",
    "safety-monitoring", "device-management", "asset-inventory", "help-desk", "remote-support", "print-management",
    "network-management", "rostering", "identity-provisioning", "classroom-management", "lms", "sis",
    "productivity-suite", "video-meeting", "video-recording", "interactive-lesson", "quiz-game",
    "assessment-diagnostic", "assessment-secure-browser", "plagiarism-check", "pdf-annotation", "math-practice",
    "reading-practice", "vocabulary-practice", "digital-books", "library-catalog", "coding", "typing",
    "creative-design", "drawing", "music", "maps-geography", "portfolio", "summer-learning", "computer-aided-design",
    "grade-sync", "family-messaging", "website", "forms-signatures", "visitor-management", "emergency-alert",
    "food-service", "transport-routing", "staff-absence", "special-education", "hr-payroll", "finance",
    "substitute-calling", "athletics", "counseling", "survey", "science-simulation", "language-learning",
    "read-aloud", "translation", "attendance-calls", "data-warehouse", "printing-3d", "signage", "phone-system", "wiki",
)  # fmt: skip
NEEDED = CAPABILITIES[:24]


def build_published_tools(*, tools: int, schools: int) -> dict[str, pa.Table]:
    """Build the tables of so many running tools in so many schools, with findings of each kind."""
    chance = np.random.default_rng(77)
    names = [f"School {number:02}" for number in range(schools)]
    rows = [_build_tool(number, chance, names) for number in range(tools)]
    paid = [row for row in rows if row["costs"]]
    return {
        "tools": pa.Table.from_pylist(rows),
        "tool_cover": _build_cover(rows),
        "tool_links": pa.Table.from_pylist([
            {"tool": row["id"], "record_table": "app_use_records", "record_key": row["name"]} for row in rows
        ]),
        "tool_overlaps": pa.Table.from_pylist([
            _build_overlap(*pair) for pair in zip(paid[:400], paid[400:800], strict=True)
        ]),
        "tool_needs": pa.Table.from_pylist([_build_need(number, names) for number in range(len(NEEDED))]),
        "tool_hollow": pa.Table.from_pylist([
            {"tool": row["id"], "kind": "not used", "total": 400, "working": 12, "dollars_minor": row["year_minor"]}
            for row in paid[:300]
        ]),
        "tool_renewals": pa.Table.from_pylist([_build_renewal(place, row) for place, row in enumerate(paid[:200])]),
    }  # fmt: skip


def _build_tool(number: int, chance: np.random.Generator, schools: list[str]) -> dict[str, Any]:
    does = sorted(map(str, chance.choice(CAPABILITIES, size=1 + number % 3, replace=False)))
    also = sorted(map(str, chance.choice(CAPABILITIES, size=number % 2, replace=False)))
    first = int(chance.integers(len(schools)))
    is_paid = number % 3 == 0
    return {
        "id": number + 1, "name": f"Tool {number:04}", "tool": f"tool-{number:04}", "known": "content", "does": does,
        "also_does": also, "runs": True, "schools": schools[first:] if number % 4 else schools, "costs": is_paid,
        "year_minor": 100_000 + 37 * number if is_paid else None, "currency": "USD" if is_paid else None,
        "seats": 400 if is_paid else None, "users": int(chance.integers(2_000)),
        "hollow": "not used" if is_paid and number < 900 else None,
        "cannot_tell": "no list of use tells of it" if number % 7 == 0 else None,
        "paid_twice": ["tool-0003"] if is_paid and number < 2_400 else None, "owned_already": None,
    }  # fmt: skip


def _build_cover(rows: list[dict[str, Any]]) -> pa.Table:
    cells = [
        (capability, school, "everybody", row["id"], capability in row["does"])
        for row in rows
        for capability in {*row["does"], *row["also_does"]}
        for school in row["schools"]
    ]
    return pa.table(
        dict(zip(("capability", "school", "audience", "tool", "main"), zip(*cells, strict=True), strict=True))
    )


def _build_overlap(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "paid twice", "first": first["id"], "second": second["id"], "capability": first["does"][0],
        "schools": first["schools"], "people": 9_000, "dollars_minor": first["year_minor"],
    }  # fmt: skip


def _build_need(number: int, schools: list[str]) -> dict[str, Any]:
    gap = ("none", "part", None)[number % 3] if number % 5 else None
    return {
        "id": number, "capability": NEEDED[number], "audience": "students", "because": "Schools need it",
        "covered": gap is None, "gap": gap, "schools": schools[:7] if gap == "part" else None, "cannot_tell": None,
    }  # fmt: skip


def _build_renewal(place: int, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": place, "position": place, "contract": f"C-{place:04}", "tool": row["id"],
        "suggestion": ("drop", "choose", "fewer", "keep")[place % 4], "seats": 220 if place % 4 == 2 else None,
        "notice_on": TODAY + timedelta(days=place // 2), "ends_on": TODAY + timedelta(days=place // 2 + 30),
        "dollars_minor": row["year_minor"], "why": "at most 200 of 400 seats were ever used",
    }  # fmt: skip
