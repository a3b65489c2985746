"""The page of matching: the rules of identity and the table of weights, as the resolver holds them."""

from __future__ import annotations

from collections.abc import Iterator

from homeroom.engines.resolve.rules import CROWD, RULES, Phase
from homeroom.engines.resolve.weights import SCALES, SMALLEST, Level, Scale
from house.reference.markdown import table_of

INTRODUCTION = f"""# Matching

By what Homeroom decides that records are one device, one person, one account. How it goes about it is told in
[How matching decides](../how-matching-decides.md).

## Identifiers that decide

*Alone*: records that share the value are one, unless records of one source contradict each other, or {CROWD} or more records of
one source carry it. *Where unique*: only where each source has one subject of that value and nothing contradicts it.
"""
_TITLES = {
    "device": "Devices",
    "person": "People",
    "account": "Accounts and the people they belong to",
}
_PRIOR = f"From the sum goes log2 of the number of people, in steps of a doubling, at least that of {SMALLEST:,}. "


def page() -> str:
    """Rules first, then what each sign weighs."""
    rules = [(one.kind, one.name, "alone" if one.phase is Phase.STRONG else "where unique") for one in RULES]
    return "\n".join(
        [
            INTRODUCTION,
            table_of(("kind", "identifier", "decides"), list(dict.fromkeys(rules))),
            "## What the other signs weigh\n",
            "In bits of evidence: one bit doubles the odds. Of each sign the first line that applies counts; a sign of which one "
            "side says nothing counts nothing. *At most* stands where a value that many share says less.\n",
            *_scales(),
        ]
    )


def _scales() -> Iterator[str]:
    for kind, scale in SCALES.items():
        yield f"### {_TITLES[kind]}\n\n{_bounds(scale)}\n"
        rows = [(sign.name, level.says, _weight(level)) for sign in scale.signs for level in sign.levels]
        yield table_of(("sign", "where", "bits"), rows)


def _bounds(scale: Scale) -> str:
    return (
        f"{_PRIOR if scale.prior else ''}Joined from {scale.join} bits on, where nothing else comes within {scale.margin} bits; asked "
        f"of a person from {scale.doubt} bits on."
    )


def _weight(level: Level) -> str:
    return f"at most {level.bits:+g}" if level.rarity else f"{level.bits:+g}"
