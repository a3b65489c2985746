"""The reference page of detection rules: what each one means, and what it needs to know."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from homeroom.domain.protect.detections.district_fields import DISTRICT_FIELDS, PREFIX
from homeroom.library.protect.detections import ShippedRule, load_shipped_rules
from homeroom.library.yaml_loader import BUILTIN_CONTENT
from tools.reference.markdown import render_table

INTRODUCTION = """# Detection rules

The rules that come with Homeroom; each is one file below `content/detections/` with the records that prove it. How
rules are judged, and how to take in those of others: [Detections](../protect/detections.md). *Needs* names what a rule
has to know from the district's own evidence; `homeroom detect PATH…`, which has none, runs the others.
"""
AREA_TITLES = {
    "google": "Google Workspace",
    "microsoft": "Microsoft 365 and Entra ID",
    "windows": "Windows and Active Directory",
    "canary": "Canaries",
}


def render_pages() -> dict[str, str]:
    """Render every rule by area, then the fields that the district's evidence adds."""
    rules = load_shipped_rules(BUILTIN_CONTENT)
    by_area = {area: list(members) for area, members in groupby(rules, key=_get_area)}
    counts = Counter(rule.level for rule in rules)
    levels = ", ".join(f"{counts[level]} {level}" for level in ("critical", "high", "medium", "low") if counts[level])
    parts = [INTRODUCTION, f"{len(rules)} rules: {levels}. Those of level low are in the weekly digest only.\n"]
    for area, title in AREA_TITLES.items():
        rows = [_build_row(rule) for rule in by_area.get(area, ())]
        parts += [f"## {title}\n", render_table(("rule", "level, stage", "what it means", "needs"), rows)]
    parts += [
        "## What the evidence adds\n",
        render_table(("field", "meaning"), [(f"`{PREFIX}{field.name}`", field.meaning) for field in DISTRICT_FIELDS]),
    ]
    return {"detections.md": "\n".join(parts)}


def _get_area(rule: ShippedRule) -> str:
    return rule.file.split("/")[1]


def _build_row(rule: ShippedRule) -> tuple[str, str, str, str]:
    needs = ", ".join(f"`{name.removeprefix(PREFIX)}`" for name in rule.district_fields)
    return f"**{rule.title}** `{rule.id}`", f"{rule.level}, {rule.stage}", rule.means, needs
