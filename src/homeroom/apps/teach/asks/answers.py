"""What people answered to asks, and the state that an ask has by it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from homeroom.apps.teach.asks.models import AskClaim, AskExemption
from homeroom.apps.teach.asks.proofs import ProofTimes
from homeroom.domain.platform.district import District
from homeroom.domain.protect.controls import Control
from homeroom.domain.teach.awareness.ask_states import AskState, ExemptionState, judge_claim


@dataclass(frozen=True, kw_only=True)
class AskAnswers:
    """Claims, and open requests for exemption, by (person, control)."""

    claims: Mapping[tuple[int, str], datetime]
    requests: Collection[tuple[int, str]]
    proofs: ProofTimes
    now: datetime

    @property
    def people(self) -> set[int]:
        """People with any answer."""
        return {person for person, _ in (*self.claims, *self.requests)}

    def get_state(self, *, person: int, control: Control, connectors: Collection[str]) -> AskState:
        """Return the state of an ask that still fails."""
        key = (person, control.id)
        if key in self.requests:
            return AskState.REQUESTED
        claimed_at = self.claims.get(key)
        if claimed_at is None:
            return AskState.OPEN
        proven_at = self.proofs.get_time(control, connectors)
        return judge_claim(claimed_at=claimed_at, proven_at=proven_at, now=self.now)


def load_answers(
    *, district: District, controls: Iterable[str], proofs: ProofTimes, now: datetime, person: int | None = None
) -> AskAnswers:
    """Return the answers to asks of those controls, of one person if given."""
    limits = {} if person is None else {"person": person}
    names = list(controls)
    claims = AskClaim.objects.of(district).filter(control__in=names, **limits)
    requests = AskExemption.objects.of(district).filter(control__in=names, state=ExemptionState.OPEN, **limits)
    return AskAnswers(
        claims={(owner, control): at for owner, control, at in claims.values_list("person", "control", "claimed_at")},
        requests=frozenset(requests.values_list("person", "control")),
        proofs=proofs,
        now=now,
    )
