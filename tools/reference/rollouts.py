"""The reference page of the rollout's two formats: every key of the spec, and every key of the plan."""

from __future__ import annotations

from collections.abc import Iterable

from homeroom.apps.manage.rollouts.specs.plan_documents import FORMAT
from homeroom.domain.manage.rollouts.plan import LeftOutReason, RelaxedRule
from homeroom.domain.schooldays import BETWEEN_WORDS
from homeroom.library.manage.rollouts import spec_fields
from homeroom.library.manage.rollouts.spec_fields import SpecField
from tools.reference.markdown import render_table

SPEC_INTRODUCTION = """# Formats of a rollout

`homeroom rollout plan SPEC.yaml --out plan.json` reads the first and writes the second; no district has to be loaded.

## The spec

YAML, or JSON. Times are in quotes (`"07:30"`) and in the zone of the rollout; days are `"2025-11-11"` or
`"2025-11-24..2025-11-28"`; paths are relative to the spec. A key that is not listed here is refused, as is a value that
does not fit, with its path of keys and what would fit.
"""
RULES = f"""## What the rules mean

- **Type of a day**: the last line of calendar.bell about that day, else its weekday's.
- **Stretch**: from one line of schedules.bell to the next; the last line begins none, and braces are dropped. It is
  class unless it has no name, or its name begins, as whole words in any case, with one of `between`. The default list:
  {", ".join(BETWEEN_WORDS)}.
- **A room has class** in every class stretch whose name is not in its `free`, and never on a `closed` day.
- **A school is visited** on days that are not `closed`, not in `no_visits`, of a type that schedules.bell has, and that
  have class or are in `open`.
- **A visit** is in one room, once: `hands` different people, on the grid, within the building's hours and everybody's:
  `works` without `away` and without the events of `calendar` that are neither cancelled nor transparent.
- **Between two visits** of one person lie `walk` minutes in one school, and the minutes of `travel` between schools.
- **A week** goes from Monday to Sunday. Each day counts from a person's first start to the last end.
- **A ring** begins at the earliest `soak_days` days after the day of the last visit of the ring before.
- **Stock**: the devices of all visits up to a day have arrived by that day.
- **What counts**, in this order: minutes of class disturbed, the day of the last visit, minutes of travel.
"""
PLAN_KEYS = (
    ("format", f"`{FORMAT}`"),
    ("status", "`complete`, or `partial` if rooms are left out"),
    ("visits[]", "one a room, in order of time"),
    ("visits[].room", "the room's id"),
    ("visits[].people[]", "the ids of those who are there"),
    ("visits[].starts, ends", "moments with the offset of the zone"),
    ("visits[].class_minutes", "how many minutes of it the room has class"),
    ("visits[].wave", "a number from 1: a ring's visits of one week are approved together"),
    ("visits[].locked", "true for a visit that a replan does not move; set it by hand"),
    ("left_out[]", "rooms without a visit: `room`, `why`, and a sentence, `says`"),
    ("left_out[].why", "one of " + ", ".join(f"`{reason}`" for reason in LeftOutReason)),
    ("objective", "`disrupted_minutes`, `finished_on`, `travel_minutes` of the plan"),
    ("bound", "the same three: no plan is better; `travel_minutes` is null where nothing is proven"),
    ("relax[]", "single rules that, relaxed alone, make a partial plan complete, cheapest first"),
    ("relax[].rule", "one of " + ", ".join(f"`{rule}`" for rule in RelaxedRule)),
    ("relax[].to, then", "the least change, and the objective of the plan that it allows"),
    ("offers[]", "other deadlines: `until`, `disrupted_minutes`, `finished_on`"),
    ("seconds", "CPU-seconds to the `first` plan, and of `all` planning"),
)


def render_pages() -> dict[str, str]:
    """Render the page of both formats."""
    parts = [
        SPEC_INTRODUCTION,
        _render_fields("The rollout", spec_fields.ROLLOUT),
        _render_fields("`schools[]`", spec_fields.SCHOOL),
        _render_fields("`schools[].no_visits`", spec_fields.NO_VISITS),
        _render_fields("`rooms[]`", spec_fields.ROOM),
        _render_fields("`team[]`", spec_fields.PERSON),
        _render_fields("`rings[]`", spec_fields.RING),
        _render_fields("`stock[]`", spec_fields.STOCK),
        _render_fields("`limits`", spec_fields.LIMITS),
        "`travel` holds `default`, and by school the minutes to others: `{default: 30, s01: {s02: 8}}`. They are the\n"
        "same both ways.\n",
        RULES,
        "## The plan\n",
        render_table(("key", "meaning"), ((f"`{key}`", meaning) for key, meaning in PLAN_KEYS)),
        "`--json` prints the same document without its visits. Exit 0 if the plan is complete, 1 if it is partial, 2\n"
        "if the spec is refused; then no plan is written.\n",
        "## Class at a moment\n",
        "`homeroom rollout when SPEC.yaml MOMENTS.csv --json` reads the columns `room` and `at`, and answers in\n"
        'their order: `{"moments": [{"room", "at", "class": "yes"|"no"|"cannot tell", "period", "type"}]}`. A day\n'
        "of unknown type is `cannot tell`. Lines that cannot be read are in `rejects`; the exit code is 1.\n",
    ]
    return {"rollout-formats.md": "\n".join(parts)}


def _render_fields(title: str, fields: Iterable[SpecField]) -> str:
    rows = ((f"`{field.name}`", "yes" if field.required else "", field.means) for field in fields)
    return f"### {title}\n\n{render_table(('key', 'required', 'meaning'), rows)}"
