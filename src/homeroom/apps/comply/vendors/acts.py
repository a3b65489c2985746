"""What ends an overreach: the act for each kind, in words, with the command where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from homeroom.domain.comply.privacy.flows import Flow, FlowState, FlowWay, OverreachKind, VendorReview


@dataclass(frozen=True, kw_only=True)
class EndingAct:
    """One act that ends an overreach; `command` is what to run for it, or empty."""

    text: Any
    command: str = ""


def list_acts(review: VendorReview, *, kind: OverreachKind, element: str | None) -> tuple[EndingAct, ...]:
    """Return the acts that end one overreach of a product."""
    flows = [
        flow
        for flow in review.flows
        if flow.state is FlowState.OVERREACH and flow.kind is kind and (element is None or flow.element == element)
    ]
    return tuple(_iter_acts(review, kind, flows))


def _iter_acts(review: VendorReview, kind: OverreachKind, flows: Sequence[Flow]) -> Iterator[EndingAct]:
    name = review.product or review.vendor
    ways = {flow.way for flow in flows}
    if FlowWay.ROSTER in ways and kind is OverreachKind.NOT_ALLOWED:
        yield EndingAct(
            text=_("Write the roster with only what is allowed, give the vendor that, and record it as sent."),
            command=f'homeroom rosters export OUT.zip --for "{name}"',
        )
    elif FlowWay.ROSTER in ways:
        yield EndingAct(text=_("Take the product out of the roster sync."))
    if FlowWay.GRANT in ways:
        yield EndingAct(text=_("Block the app or limit its access; blocking ends its permissions."))
    if FlowWay.HAND in ways or FlowWay.ROSTER in ways:
        yield EndingAct(text=_("Ask the vendor in writing to delete what it has, with a certificate."))
    yield EndingAct(
        text={
            OverreachKind.NOT_ALLOWED: _("If class needs the data, ask for an amendment that names it."),
            OverreachKind.ENDED: _("If class needs the product, renew the agreement."),
            OverreachKind.NOT_SIGNED: _("Have the agreement signed on both sides."),
            OverreachKind.NO_AGREEMENT: _("If class needs the product, ask for the state’s standard agreement."),
            OverreachKind.REFUSED: _("Choose another product: this vendor refused to sign."),
        }[kind]
    )
