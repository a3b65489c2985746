"""The reality check: what each product was sent and granted, beside what is agreed about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from homeroom.domain.comply.privacy.flows import (
    Flow,
    FlowState,
    FlowWay,
    GrantedElement,
    Overreach,
    OverreachKind,
    SentElement,
    VendorAgreement,
    VendorReview,
)
from homeroom.domain.comply.privacy.vendor_names import build_vendor_key
from homeroom.engines.comply.privacy.agreement_terms import AgreementState, ProductTerms, TermsVerdict, select_current
from homeroom.engines.comply.privacy.vendor_index import VendorIndex, VendorParty, build_index

_WORST_FIRST = (FlowState.OVERREACH, FlowState.CANNOT_TELL, FlowState.ALLOWED)


@dataclass(frozen=True, kw_only=True)
class FlowInputs:
    """What the evidence has of vendors. `is_listed` is false if no list of agreements was loaded."""

    agreements: Sequence[VendorAgreement] = ()
    sent: Sequence[SentElement] = ()
    granted: Sequence[GrantedElement] = ()
    products: Sequence[tuple[str, str]] = ()
    is_listed: bool = True


@dataclass
class _PartyFlows:
    """What goes to one party, while it is collected."""

    party: VendorParty
    publisher: str | None = None
    sent: list[SentElement] = field(default_factory=list)
    granted: list[GrantedElement] = field(default_factory=list)


def review_vendors(inputs: FlowInputs, *, weights: Mapping[str, int], today: date) -> tuple[VendorReview, ...]:
    """Return a review of each product that has an agreement or gets student data, the heaviest overreach first.

    `weights` are the weights of the elements, by id.
    """
    index = build_index(inputs.agreements, products=inputs.products)
    schools = frozenset(build_vendor_key(name) for entry in inputs.sent for name, _ in entry.schools)
    reviews = [
        _review_party(flows, index, weights=weights, today=today, is_listed=inputs.is_listed, known_schools=schools)
        for flows in _collect_parties(inputs, index)
    ]
    return tuple(sorted(reviews, key=lambda review: _get_order(review, weights)))


def _get_order(review: VendorReview, weights: Mapping[str, int]) -> tuple[int, int, int, str, str]:
    total = sum(flow.children * weights.get(flow.element, 1) for flow in review.flows)
    return -review.weight, -total, -review.children, review.vendor.lower(), (review.product or "").lower()


def _collect_parties(inputs: FlowInputs, index: VendorIndex) -> Iterable[_PartyFlows]:
    parties: dict[tuple[str, bool], _PartyFlows] = {}

    def find_flows(name: str, publisher: str | None = None) -> _PartyFlows:
        party = index.find_party(name, publisher=publisher)
        flows = parties.setdefault((party.key, party.product is None), _PartyFlows(party=party))
        flows.publisher = flows.publisher or publisher
        return flows

    for entry in inputs.sent:
        find_flows(entry.recipient).sent.append(entry)
    for grant in inputs.granted:
        find_flows(grant.app, grant.publisher).granted.append(grant)
    for agreement in inputs.agreements:
        if agreement.product is not None:
            find_flows(agreement.product)
        else:
            find_flows(agreement.vendor)
    return parties.values()


def _review_party(
    flows: _PartyFlows,
    index: VendorIndex,
    *,
    weights: Mapping[str, int],
    today: date,
    is_listed: bool,
    known_schools: frozenset[str],
) -> VendorReview:
    agreements = index.list_agreements(flows.party, publisher=flows.publisher)
    terms = ProductTerms(agreements=agreements, today=today, is_listed=is_listed, known_schools=known_schools)
    flow_list = (*_judge_sent(flows, terms), *_judge_granted(flows, terms))
    overreach = tuple(_list_overreach(flow_list))
    current = _choose_agreements(terms)
    beyond = {flow.element for flow in flow_list if flow.state is FlowState.OVERREACH}
    doubtful = {flow.element for flow in flow_list if flow.state is FlowState.CANNOT_TELL} - beyond
    return VendorReview(
        vendor=flows.party.vendor,
        product=flows.party.product,
        agreement=current[0].key if current else None,
        state=terms.find_state(today),
        ends_on=current[0].ends_on if current else None,
        children=max((flow.children for flow in flow_list), default=0),
        weight=sum(
            flow.children_beyond * weights.get(flow.element, 1)
            for flow in flow_list
            if flow.state is FlowState.OVERREACH
        ),
        allowed=tuple(sorted({name for entry in current if not entry.names_none for name in entry.elements})),
        unread=tuple(sorted({text for entry in current for text in entry.unknown})),
        sent=tuple(_select_current_sent(flows.sent)),
        granted=tuple(flows.granted),
        flows=flow_list,
        overreach=overreach,
        cannot_tell=tuple(sorted(doubtful)),
    )


def _choose_agreements(terms: ProductTerms) -> tuple[VendorAgreement, ...]:
    """Return the agreements in force, else the newest of those that are left, as they are today."""
    if in_force := terms.list_in_force(terms.today):
        return tuple(sorted(in_force, key=lambda entry: (entry.signed_on or date.min, entry.key), reverse=True))
    left = select_current(terms.agreements, day=terms.today)
    state = terms.find_state(terms.today)
    wanted = "signed" if state is AgreementState.ENDED else str(state)
    chosen = [entry for entry in left if entry.state == wanted] or list(left)
    return tuple(sorted(chosen, key=lambda entry: (entry.ends_on or date.min, entry.key), reverse=True)[:1])


def _select_current_sent(sent: Sequence[SentElement]) -> Iterator[SentElement]:
    """Yield what was sent by hand, and of rosters the newest, which takes the place of those before."""
    newest = max((entry.sent_on for entry in sent if entry.way is FlowWay.ROSTER), default=None)
    return (entry for entry in sent if entry.way is not FlowWay.ROSTER or entry.sent_on == newest)


def _judge_sent(flows: _PartyFlows, terms: ProductTerms) -> Iterator[Flow]:
    current: dict[tuple[str, FlowWay], list[SentElement]] = defaultdict(list)
    earlier: dict[tuple[str, FlowWay], list[SentElement]] = defaultdict(list)
    for entry in _select_current_sent(flows.sent):
        current[entry.element, entry.way].append(entry)
    for entry in flows.sent:
        earlier[entry.element, entry.way].append(entry)
    for (element, way), entries in sorted(current.items()):
        verdicts = {
            entry: terms.judge(element, day=entry.sent_on, schools=entry.schools) for entry in earlier[element, way]
        }
        worst = _choose_worst([verdicts[entry] for entry in entries])
        days = [entry.sent_on for entry in earlier[element, way] if verdicts[entry].state is worst.state]
        yield Flow(
            vendor=flows.party.vendor,
            product=flows.party.product,
            element=element,
            way=way,
            children=max(entry.children for entry in entries),
            filled=max(entry.filled for entry in entries),
            since=min(days),
            newest=max(entry.sent_on for entry in entries),
            state=worst.state,
            kind=worst.kind,
            beyond=worst.beyond,
        )


def _judge_granted(flows: _PartyFlows, terms: ProductTerms) -> Iterator[Flow]:
    by_element: dict[str, list[GrantedElement]] = defaultdict(list)
    for grant in flows.granted:
        by_element[grant.element].append(grant)
    for element, grants in sorted(by_element.items()):
        students = max(grant.students for grant in grants)
        verdict = terms.judge(element, day=terms.today)
        if not students and verdict.state is FlowState.OVERREACH:
            verdict = TermsVerdict(state=FlowState.CANNOT_TELL)  # nobody knows if those accounts are students'
        yield Flow(
            vendor=flows.party.vendor,
            product=flows.party.product,
            element=element,
            way=FlowWay.GRANT,
            children=students,
            filled=students,
            since=min((grant.since for grant in grants if grant.since is not None), default=None),
            newest=None,
            state=verdict.state,
            kind=verdict.kind,
            scopes=tuple(sorted({grant.scope for grant in grants})),
        )


def _choose_worst(verdicts: Sequence[TermsVerdict]) -> TermsVerdict:
    return min(verdicts, key=lambda verdict: _WORST_FIRST.index(verdict.state))


def _list_overreach(flows: Sequence[Flow]) -> Iterator[Overreach]:
    groups: dict[tuple[OverreachKind, str | None], list[Flow]] = defaultdict(list)
    for flow in flows:
        if flow.kind is not None and flow.state is FlowState.OVERREACH:
            groups[flow.kind, flow.element if flow.kind is OverreachKind.NOT_ALLOWED else None].append(flow)
    order = list(OverreachKind)
    for (kind, element), entries in sorted(
        groups.items(), key=lambda item: (order.index(item[0][0]), item[0][1] or "")
    ):
        yield Overreach(
            kind=kind,
            element=element,
            children=max(entry.children_beyond for entry in entries),
            since=min((entry.since for entry in entries if entry.since is not None), default=None),
        )
