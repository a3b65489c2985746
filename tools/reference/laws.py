"""The reference page of laws: their duties, clocks and citations, from content/laws."""

from __future__ import annotations

from collections.abc import Iterator

from homeroom.domain.comply.laws.clocks import DateClock, MomentClock, PeriodClock, PeriodRule, PromptClock
from homeroom.domain.comply.laws.law import Law, LawDuty, LawStanding
from homeroom.library.comply.laws.law_files import load_laws

INTRODUCTION = """# Laws

Duties of laws with their clocks, in our own words ([how they are counted](../comply/laws-and-clocks.md)). They help to
keep deadlines and are not legal advice.
"""


def render_pages() -> dict[str, str]:
    """Render all laws on one page."""
    parts = [INTRODUCTION, *(part for law in load_laws() for part in _render_law(law))]
    return {"laws.md": "\n".join(parts)}


def _render_law(law: Law) -> Iterator[str]:
    yield f"## {law.title}\n"
    state = "" if law.standing is LawStanding.IN_FORCE else f" **{law.standing.capitalize()}: it does not apply.**"
    doubt = f" Or from {law.doubt.or_effective}: {law.doubt.text}." if law.doubt else ""
    yield (
        f"`{law.id}`: {law.citation}, from {law.effective}.{doubt}{state} Depth: {law.depth}. "
        f"Read on {law.checked_on}: <{law.source}>.\n"
    )
    yield "| duty | what | to | clock | citation |\n|---|---|---|---|---|"
    yield from (_render_duty(duty) for duty in law.duties)
    yield ""


def _render_duty(duty: LawDuty) -> str:
    clock = _describe_clock(duty)
    if duty.extension:
        clock += f"; {duty.extension.within} more {duty.extension.condition}"
    if duty.doubt:
        other = f" (or {duty.doubt.or_within})" if duty.doubt.or_within else ""
        clock += f"; in doubt{other}: {duty.doubt.text}"
    return f"| `{duty.id}` | {duty.title} | {duty.to} | {clock} | {duty.citation} |"


def _describe_clock(duty: LawDuty) -> str:
    match duty.clock:
        case MomentClock(starts=starts, within=within):
            return f"{within} after {' or '.join(starts)}"
        case DateClock(dates=dates):
            return " or ".join(str(item.date) for item in dates)
        case PeriodClock(rules=rules):
            return ", ".join(map(_describe_rule, rules))
        case PromptClock(wording=wording, starts=starts):
            return f"{wording} (waits for {' or '.join(starts)})" if starts else wording


def _describe_rule(rule: PeriodRule) -> str:
    if rule.within is None:
        return f"each {rule.period}"
    other = f" (or {rule.or_within})" if rule.or_within else ""
    return f"{rule.within}{other} after the {rule.period} begins"
