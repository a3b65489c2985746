"""What the agreements in force allow a product to have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from homeroom.engines.privacy.agreement_terms import AgreementState, ProductTerms
from homeroom.engines.privacy.flow_review import FlowInputs
from homeroom.engines.privacy.vendor_index import build_index


@dataclass(frozen=True, kw_only=True)
class AllowedElements:
    """The elements that a product may have today, by its name as the agreements have it, and how those are."""

    product: str
    state: AgreementState
    elements: frozenset[str]


def find_allowed(inputs: FlowInputs, *, product: str, today: date) -> AllowedElements:
    """Return what the agreements in force name for a product or vendor; nothing if none is in force."""
    index = build_index(inputs.agreements, products=inputs.products)
    party = index.find_party(product)
    terms = ProductTerms(agreements=index.list_agreements(party), today=today, is_listed=inputs.is_listed)
    in_force = terms.list_in_force(today)
    return AllowedElements(
        product=party.product or party.vendor,
        state=terms.find_state(today),
        elements=frozenset(name for entry in in_force if not entry.names_none for name in entry.elements),
    )
