"""Whether work that somebody called done is proved: a claim until newer data was judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from homeroom.apps.planning.acts import DONE, Told
from homeroom.apps.posture.proving import outcomes
from homeroom.apps.posture.queries import Judgement

WAITING, PROVED, FAILED, UNSEEN, SETUP = "waiting", "proved", "failed", "unseen", "setup"


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One claim and what the newest judgement says of it: `left` still fail, or could not be looked at."""

    told: Told
    state: str
    left: int = 0


def proofs(*, district: Any, of: Judgement, told: Iterable[Told]) -> tuple[Proof, ...]:
    """The proof of every piece of done work, newest first."""
    claims = sorted((one for one in told if one.state == DONE and one.at), key=lambda one: (one.week, one.item))
    judged = [one for one in claims if _newer(of, one) and one.subjects]
    found = outcomes(district=district, of=of, since=[(one.item, one.assessment) for one in judged])
    made = []
    for one in claims:
        outcome = found.get((one.item, one.assessment)) if one in judged else None
        if outcome is None:
            made.append(Proof(told=one, state=PROVED if one in judged else WAITING if one.subjects else SETUP))
            continue
        missing = max(0, one.subjects - outcome.closed)
        unseen = max(0, missing - outcome.failing)
        state = PROVED if not missing else FAILED if outcome.failing else UNSEEN
        made.append(Proof(told=one, state=state, left=missing if state == UNSEEN else missing - unseen))
    return tuple(sorted(made, key=lambda one: (one.told.week, one.told.item), reverse=True))


def _newer(of: Judgement, told: Told) -> bool:
    """Whether a judgement after the claim saw data from after it."""
    return bool(of.number > told.assessment and told.at and of.as_of and of.as_of > told.at)
