"""Flows of student data to vendors: agreements, what was sent, what was granted, and what goes beyond."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FlowWay(StrEnum):
    """How an element goes to a product."""

    ROSTER = "roster"
    HAND = "hand"
    GRANT = "grant"


class OverreachKind(StrEnum):
    """Why no agreement in force allows a flow, the gravest first."""

    REFUSED = "refused"
    NO_AGREEMENT = "no agreement"
    NOT_SIGNED = "not signed"
    ENDED = "ended"
    NOT_ALLOWED = "not allowed"


class FlowState(StrEnum):
    """Whether a flow goes beyond what is agreed."""

    ALLOWED = "allowed"
    OVERREACH = "overreach"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, kw_only=True)
class VendorAgreement:
    """An agreement as its list has it.

    `state` is signed, asked, refused or unsigned. `elements` are those that its words name; `unknown` the words that
    were not understood; `names_none` is true if it denies that student data is handed over. `schools` are those that it
    is for; none means all.
    """

    key: str
    vendor: str
    product: str | None
    kind: str
    state: str
    signed_on: date | None
    ends_on: date | None
    is_terminated: bool = False
    elements: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    names_none: bool = False
    schools: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SentElement:
    """An element that a product or vendor was given on a day: how many rows filled it, and how many children those are.

    `recipient` is the name that was given. The newest roster takes the place of the ones before. `schools` has the
    children by the name of their school; it is empty where the files have none.
    """

    recipient: str
    way: FlowWay
    element: str
    sent_on: date
    filled: int
    children: int
    schools: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class GrantedElement:
    """An element that an app may read by one permission: of how many students, and since when.

    `unknown` counts the accounts that granted it and that nobody knows.
    """

    app: str
    publisher: str | None
    scope: str
    element: str
    students: int
    since: date | None = None
    unknown: int = 0


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One element that goes to one product by one way, and its state beside the agreements.

    `beyond` counts the children whose school no agreement is for, where those alone are beyond it.
    """

    vendor: str
    product: str | None
    element: str
    way: FlowWay
    children: int
    filled: int
    since: date | None
    newest: date | None
    state: FlowState
    kind: OverreachKind | None = None
    scopes: tuple[str, ...] = ()
    beyond: int | None = None

    @property
    def children_beyond(self) -> int:
        """Children whose data goes beyond what is agreed."""
        return self.children if self.beyond is None else self.beyond


@dataclass(frozen=True, kw_only=True)
class Overreach:
    """What a product gets beyond what is agreed; `element` is None where the agreement as such is missing."""

    kind: OverreachKind
    element: str | None
    children: int
    since: date | None


@dataclass(frozen=True, kw_only=True)
class VendorReview:
    """One product, or all of a vendor's: what is agreed, what was sent and granted, and what goes beyond.

    `agreement` is the key of the agreement that counts, and `state` how it is: signed, ended, refused, asked, unsigned,
    none, or unknown where no list of agreements was loaded. `cannot_tell` are elements.
    """

    vendor: str
    product: str | None
    agreement: str | None
    state: str
    ends_on: date | None
    children: int
    weight: int
    allowed: tuple[str, ...]
    unread: tuple[str, ...]
    sent: tuple[SentElement, ...]
    granted: tuple[GrantedElement, ...]
    flows: tuple[Flow, ...]
    overreach: tuple[Overreach, ...]
    cannot_tell: tuple[str, ...]
