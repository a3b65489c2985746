"""What the agreements about one product allow on a day: the renewals among them, and whether they are in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from homeroom.domain.comply.privacy.flows import FlowState, OverreachKind, VendorAgreement
from homeroom.domain.comply.privacy.vendor_names import build_vendor_key


class AgreementState(StrEnum):
    """How the agreements about a product are, the best first."""

    SIGNED = "signed"
    ENDED = "ended"
    REFUSED = "refused"
    ASKED = "asked"
    UNSIGNED = "unsigned"
    NONE = "none"
    UNKNOWN = "unknown"


KINDS = {
    AgreementState.ENDED: OverreachKind.ENDED,
    AgreementState.REFUSED: OverreachKind.REFUSED,
    AgreementState.ASKED: OverreachKind.NOT_SIGNED,
    AgreementState.UNSIGNED: OverreachKind.NOT_SIGNED,
    AgreementState.NONE: OverreachKind.NO_AGREEMENT,
}


@dataclass(frozen=True, kw_only=True)
class TermsVerdict:
    """Whether an element may go to a product, and if not, why, and of how many children if not of all."""

    state: FlowState
    kind: OverreachKind | None = None
    beyond: int | None = None


@dataclass(frozen=True, kw_only=True)
class ProductTerms:
    """The agreements about one product. `is_listed` is false if no list of agreements was loaded.

    `known_schools` are keys of names of schools, by which those of an agreement are recognized.
    """

    agreements: Sequence[VendorAgreement]
    today: date
    is_listed: bool = True
    known_schools: frozenset[str] = frozenset()

    def find_state(self, day: date) -> AgreementState:
        """Return how the agreements are on a day."""
        if not self.agreements:
            return AgreementState.NONE if self.is_listed else AgreementState.UNKNOWN
        states = {_find_state(agreement, day) for agreement in select_current(self.agreements, day=day)}
        return next(state for state in AgreementState if state in states)

    def list_in_force(self, day: date) -> tuple[VendorAgreement, ...]:
        """Return the agreements in force on a day: signed, not over, and not replaced by a renewal."""
        current = select_current(self.agreements, day=day)
        return tuple(entry for entry in current if _find_state(entry, day) is AgreementState.SIGNED)

    def judge(self, element: str, *, day: date, schools: Sequence[tuple[str, int]] = ()) -> TermsVerdict:
        """Return whether an element that went on a day is allowed by what was in force then or is in force now.

        `schools` has the children by school, if it is known; those of a school that no agreement is for are beyond it.
        """
        verdicts = [self._judge_day(element, day, schools)]
        if day != self.today and self.find_state(self.today) is AgreementState.SIGNED:
            verdicts.append(self._judge_day(element, self.today, schools))
        for state in (FlowState.ALLOWED, FlowState.CANNOT_TELL):
            if match := next((verdict for verdict in verdicts if verdict.state is state), None):
                return match
        return verdicts[-1]

    def _judge_day(self, element: str, day: date, schools: Sequence[tuple[str, int]]) -> TermsVerdict:
        state = self.find_state(day)
        if state is AgreementState.UNKNOWN:
            return TermsVerdict(state=FlowState.CANNOT_TELL)
        if state is not AgreementState.SIGNED:
            if state is AgreementState.ENDED and day < self.today and self._has_unknown_end(day):
                return TermsVerdict(state=FlowState.CANNOT_TELL)
            return TermsVerdict(state=FlowState.OVERREACH, kind=KINDS[state])
        in_force = self.list_in_force(day)
        if naming := [entry for entry in in_force if element in entry.elements and not entry.names_none]:
            return self._judge_schools(naming, schools)
        if any(is_open(entry, element) for entry in in_force):
            return TermsVerdict(state=FlowState.CANNOT_TELL)
        return TermsVerdict(state=FlowState.OVERREACH, kind=OverreachKind.NOT_ALLOWED)

    def _judge_schools(self, naming: Sequence[VendorAgreement], schools: Sequence[tuple[str, int]]) -> TermsVerdict:
        """Return whether agreements that name an element are for the schools of all children; a blank is for all."""
        covered = {build_vendor_key(name) for entry in naming for name in entry.schools}
        beyond = sum(number for name, number in schools if build_vendor_key(name) not in covered)
        if not beyond or not all(entry.schools for entry in naming):
            return TermsVerdict(state=FlowState.ALLOWED)
        if covered - self.known_schools:
            return TermsVerdict(state=FlowState.CANNOT_TELL)  # a name that no school has may be any of them
        return TermsVerdict(state=FlowState.OVERREACH, kind=OverreachKind.NOT_ALLOWED, beyond=beyond)

    def _has_unknown_end(self, day: date) -> bool:
        current = select_current(self.agreements, day=day)
        return any(entry.is_terminated and entry.ends_on is None for entry in current)


def is_open(agreement: VendorAgreement, element: str) -> bool:
    """Return whether an agreement leaves it open if it allows an element.

    It has words that were not understood, or no words; or it denies student data and names the element all the same.
    """
    if agreement.names_none:
        return element in agreement.elements
    return bool(agreement.unknown) or not agreement.elements


def select_current(agreements: Iterable[VendorAgreement], *, day: date) -> tuple[VendorAgreement, ...]:
    """Return the agreements that no signed renewal of the same vendor and product replaced up to a day."""
    entries = tuple(agreements)
    return tuple(
        entry
        for entry in entries
        if not any(_is_replaced(entry, other, day=day) for other in entries if other is not entry)
    )


def _is_replaced(older: VendorAgreement, newer: VendorAgreement, *, day: date) -> bool:
    if newer.state != "signed" or _name(newer) != _name(older):
        return False
    if newer.signed_on is not None and newer.signed_on > day:
        return False
    if older.state != "signed":
        return True
    return _order(newer) > _order(older)


def _order(agreement: VendorAgreement) -> tuple[date, date, str]:
    return agreement.signed_on or date.min, agreement.ends_on or date.max, agreement.key


def _name(agreement: VendorAgreement) -> tuple[str, str]:
    return build_vendor_key(agreement.vendor), build_vendor_key(agreement.product)


def _find_state(agreement: VendorAgreement, day: date) -> AgreementState:
    if agreement.state == "signed":
        if agreement.signed_on is not None and agreement.signed_on > day:
            return AgreementState.UNSIGNED
        is_over = agreement.ends_on < day if agreement.ends_on is not None else agreement.is_terminated
        return AgreementState.ENDED if is_over else AgreementState.SIGNED
    return AgreementState(agreement.state)
