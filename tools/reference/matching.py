"""The reference page of matching: the identity rules and the table of weights, as the resolver has them."""

from __future__ import annotations

from collections.abc import Iterator

from homeroom.engines.resolve.matching.match_model import MIN_POPULATION, ComparisonLevel, MatchModel
from homeroom.engines.resolve.matching.weights import MATCH_MODELS
from homeroom.engines.resolve.shared.rules import CROWD, RULES, RulePhase
from tools.reference.markdown import render_table

INTRODUCTION = f"""# Matching

By what Homeroom decides that records are one device, one person, one account. How it goes about it is told in
[How matching decides](../how-matching-decides.md).

## Identifiers that decide

*Alone*: records that share the value are one, unless records of one source contradict each other, or {CROWD} or more
records of
one source carry it. *Where unique*: only where each source has one subject of that value and nothing contradicts it.
"""
_TITLES = {
    "device": "Devices",
    "person": "People",
    "account": "Accounts and the people they belong to",
}
_PRIOR = (
    f"From the sum goes log2 of the number of people, in steps of a doubling, at least that of {MIN_POPULATION:,}. "
)


def render_page() -> str:
    """Render the rules first, then the weights."""
    rules = [(rule.kind, rule.name, "alone" if rule.phase is RulePhase.STRONG else "where unique") for rule in RULES]
    return "\n".join(
        [
            INTRODUCTION,
            render_table(("kind", "identifier", "decides"), list(dict.fromkeys(rules))),
            "## What the other signs weigh\n",
            "In bits of evidence: one bit doubles the odds. Of each sign the first line that applies counts; a sign "
            "of which one "
            "side says nothing counts nothing. *At most* stands where a value that many share says less.\n",
            *_render_scales(),
        ]
    )


def _render_scales() -> Iterator[str]:
    for kind, scale in MATCH_MODELS.items():
        yield f"### {_TITLES[kind]}\n\n{_describe_bounds(scale)}\n"
        rows = [(sign.name, level.reason, _format_weight(level)) for sign in scale.comparisons for level in sign.levels]
        yield render_table(("sign", "where", "bits"), rows)


def _describe_bounds(scale: MatchModel) -> str:
    return (
        f"{_PRIOR if scale.prior else ''}Joined from {scale.join} bits on, where nothing else comes within "
        f"{scale.margin} bits; asked "
        f"of a person from {scale.doubt} bits on."
    )


def _format_weight(level: ComparisonLevel) -> str:
    return f"at most {level.bits:+g}" if level.rarity else f"{level.bits:+g}"
