"""Groups of duties on their page: what is late or due first is open, all others are folded; chips choose a state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy

from homeroom.apps.comply.duties.queries import DistrictDuty
from homeroom.domain.comply.laws.duties import DutyState

NEXT = timedelta(days=90)
"""How far ahead the open group looks: about a quarter, the time that a policy needs to pass a board."""
MET = "met"
STATES: dict[str, Any] = {
    "late": gettext_lazy("Late"),
    "due": gettext_lazy("Due"),
    "cannot-tell": gettext_lazy("Unknown"),
    "waits": gettext_lazy("Waits for an event"),
    MET: gettext_lazy("Met"),
    "does-not-apply": gettext_lazy("Does not apply"),
}
"""Titles of the states that a chip chooses, by their name in an address."""
_MET_STATES = (DutyState.MET_BY_DATA, DutyState.MET_BY_ATTESTATION)


@dataclass(frozen=True, kw_only=True)
class DutyChip:
    """A link that chooses a state, with how many duties are in it."""

    title: Any
    url: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class DutyGroup:
    """Duties under one heading; `is_open` if they are shown without a click."""

    name: str
    title: Any
    hint: Any
    duties: tuple[DistrictDuty, ...]
    is_open: bool = False


def get_state_name(duty: DistrictDuty) -> str:
    """Return the state of a duty as an address names it; both ways of being met are the same."""
    state = duty.status.state
    return MET if state in _MET_STATES else str(state).replace(" ", "-")


def build_chips(duties: Iterable[DistrictDuty], *, chosen: str, law: str) -> list[DutyChip]:
    """Return the chips of the states that occur, after the chip of all that apply."""
    counts = Counter(get_state_name(duty) for duty in duties)
    total = sum(counts.values())
    first = (
        ("", gettext_lazy("All"), total)
        if law
        else ("", gettext_lazy("All that apply"), total - counts["does-not-apply"])
    )
    shown = [first, *((name, STATES[name], counts[name]) for name in STATES)]
    return [
        DutyChip(title=title, url=f"?{_build_query(name, law)}", count=count, is_chosen=name == chosen)
        for name, title, count in shown
        if count or name == chosen
    ]


def group_duties(duties: Sequence[DistrictDuty], *, today: date) -> list[DutyGroup]:
    """Return the duties by what they need: the first group is open and never left out, empty ones are."""
    rules: tuple[tuple[str, Any, Any, Callable[[DistrictDuty], bool]], ...] = (
        (
            "next",
            gettext_lazy("Late, or due within 90 days"),
            "",
            lambda duty: _is_dated(duty) and duty.status.due <= today + NEXT,  # type: ignore[operator]
        ),
        ("later", gettext_lazy("Due later"), "", _is_dated),
        (
            "undated",
            gettext_lazy("No set day, not shown to be met"),
            gettext_lazy("These hold all year. A control or an attestation shows that one is met."),
            lambda duty: duty.status.is_open,
        ),
        (
            "cannot-tell",
            gettext_lazy("Unknown"),
            gettext_lazy("A fact or a piece of evidence is missing; “Why” names it."),
            lambda duty: duty.status.state is DutyState.CANNOT_TELL,
        ),
        (
            "waits",
            gettext_lazy("Waits for an event"),
            gettext_lazy("The clock starts with a breach, a request or another event."),
            lambda duty: duty.status.state is DutyState.WAITS,
        ),
        ("met", gettext_lazy("Met"), "", lambda duty: duty.status.state in _MET_STATES),
        ("does-not-apply", gettext_lazy("Does not apply"), "", lambda _duty: True),
    )
    groups: list[DutyGroup] = []
    rest = list(duties)
    for name, title, hint, is_member in rules:
        members = tuple(duty for duty in rest if is_member(duty))
        rest = [duty for duty in rest if duty not in members]
        if members or not groups:
            groups.append(DutyGroup(name=name, title=title, hint=hint, duties=members, is_open=not groups))
    return groups


def _is_dated(duty: DistrictDuty) -> bool:
    return duty.status.is_open and duty.status.due is not None


def _build_query(state: str, law: str) -> str:
    return urlencode({key: value for key, value in (("state", state), ("law", law)) if value})
