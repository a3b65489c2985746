"""The reference page of matching: the identity rules and the table of weights, as the resolver has them."""

from __future__ import annotations

from collections.abc import Iterator

from homeroom.engines.know.resolve.matching.match_model import MIN_POPULATION, ComparisonLevel, MatchModel
from homeroom.engines.know.resolve.matching.weights import MATCH_MODELS
from homeroom.engines.know.resolve.shared.rules import CROWD, RULES, RulePhase
from tools.reference.markdown import render_table

INTRODUCTION = f"""# Matching

The identifiers and weights by which Homeroom decides that records describe the same device, person or account.
[How matching works](../know/how-matching-works.md) explains the steps.

## Identifiers that decide

*Alone*: records that share the value are joined, unless records of one source contradict each other, or {CROWD} or
more records of one source have it. *Where unique*: only where each source has one subject with that value and nothing
contradicts it.
"""
_TITLES = {
    "device": "Devices",
    "person": "People",
    "account": "Accounts and the people they belong to",
}
_PRIOR = (
    "The log2 of the number of people, in whole bits, is subtracted from the sum; "
    f"the number counts as at least {MIN_POPULATION:,}. "
)


def render_pages() -> dict[str, str]:
    """Render the rules first, then the weights."""
    rules = [(rule.kind, rule.name, "alone" if rule.phase is RulePhase.STRONG else "where unique") for rule in RULES]
    text = "\n".join(
        [
            INTRODUCTION,
            render_table(("kind", "identifier", "decides"), list(dict.fromkeys(rules))),
            "## Weights of the other comparisons\n",
            "In bits of evidence: one bit doubles the odds. In each comparison the first line that applies counts; a\n"
            "comparison where one side has no value counts zero. *At most*: a value that many records share weighs "
            "less.\n",
            *_render_scales(),
        ]
    )
    return {"matching.md": text}


def _render_scales() -> Iterator[str]:
    for kind, scale in MATCH_MODELS.items():
        yield f"### {_TITLES[kind]}\n\n{_describe_bounds(scale)}\n"
        rows = [(sign.name, level.reason, _format_weight(level)) for sign in scale.comparisons for level in sign.levels]
        yield render_table(("comparison", "where", "bits"), rows)


def _describe_bounds(scale: MatchModel) -> str:
    return (
        f"{_PRIOR if scale.prior else ''}Joined from {scale.join} bits on if no other pair comes within "
        f"{scale.margin} bits; left to a person from {scale.review} bits on."
    )


def _format_weight(level: ComparisonLevel) -> str:
    return f"at most {level.bits:+g}" if level.rarity else f"{level.bits:+g}"
