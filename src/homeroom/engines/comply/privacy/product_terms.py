"""What the agreements in force allow a product to have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from homeroom.engines.comply.privacy.agreement_terms import AgreementState, ProductTerms
from homeroom.engines.comply.privacy.flow_review import FlowInputs
from homeroom.engines.comply.privacy.vendor_index import build_index


@dataclass(frozen=True, kw_only=True)
class AllowedElements:
    """The elements that a product may have today, by its name as the agreements have it, and how those are.

    `schools` has the names of schools by each element that is allowed for some alone.
    """

    product: str
    state: AgreementState
    elements: frozenset[str]
    schools: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def covered_schools(self) -> frozenset[str] | None:
        """The schools about whose students anything may be had; None for all."""
        if not self.elements or self.elements - self.schools.keys():
            return None
        return frozenset(name for names in self.schools.values() for name in names)


def find_allowed(inputs: FlowInputs, *, product: str, today: date) -> AllowedElements:
    """Return what the agreements in force name for a product or vendor; nothing if none is in force."""
    index = build_index(inputs.agreements, products=inputs.products)
    party = index.find_party(product)
    terms = ProductTerms(agreements=index.list_agreements(party), today=today, is_listed=inputs.is_listed)
    in_force = [entry for entry in terms.list_in_force(today) if not entry.names_none]
    elements = frozenset(name for entry in in_force for name in entry.elements)
    naming = {name: [entry.schools for entry in in_force if name in entry.elements] for name in elements}
    return AllowedElements(
        product=party.product or party.vendor,
        state=terms.find_state(today),
        elements=elements,
        schools={
            name: frozenset(school for schools in lists for school in schools)
            for name, lists in naming.items()
            if all(lists)
        },
    )
