"""Who may pay for a device, and how: a fund with a way, and the payments that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from homeroom.domain.manage.refresh.problem import PaymentWay, RefreshFund, RefreshProblem


@dataclass(frozen=True, kw_only=True)
class PaymentShare:
    """A share of the price that a fund pays so many years after the purchase."""

    fund: str
    years_later: int
    share: Fraction


@dataclass(frozen=True, kw_only=True)
class PaymentOffer:
    """A fund and a way. `money` is the share of the price that counts when plans are compared."""

    fund: str
    way: str
    payments: tuple[PaymentShare, ...]
    money: Fraction
    uses_total: bool


def build_offers(problem: RefreshProblem) -> tuple[PaymentOffer, ...]:
    """Return every fund with every way of one or more payments that fit together for some kind."""
    return tuple(
        _build_offer(fund, way)
        for fund in problem.funds
        for way in problem.ways
        if any(way.may_use(fund, kind) for kind in problem.prices)
    )


def _build_offer(fund: RefreshFund, way: PaymentWay) -> PaymentOffer:
    if fund.total is None:
        payments = tuple(
            PaymentShare(fund=fund.name, years_later=later, share=share) for later, share in enumerate(way.payments)
        )
        return PaymentOffer(
            fund=fund.name, way=way.name, payments=payments, money=sum(way.payments, Fraction(0)), uses_total=False
        )
    share = way.payments[0]
    shares = [PaymentShare(fund=fund.name, years_later=0, share=share * fund.pays)]
    rest = share * (1 - fund.pays)
    if fund.match is not None and rest:
        shares.append(PaymentShare(fund=fund.match, years_later=0, share=rest))
    return PaymentOffer(fund=fund.name, way=way.name, payments=tuple(shares), money=rest, uses_total=True)


def list_offer_numbers(
    problem: RefreshProblem, offers: tuple[PaymentOffer, ...], school: str, kind: str
) -> tuple[int, ...]:
    """Return the places of the offers that may pay for a kind in a school; each fund that pays has to allow it."""
    funds: Mapping[str, RefreshFund] = {fund.name: fund for fund in problem.funds}
    ways = {way.name: way for way in problem.ways}
    return tuple(
        number
        for number, offer in enumerate(offers)
        if ways[offer.way].may_use(funds[offer.fund], kind)
        and all(funds[payment.fund].may_pay_for(school, kind) for payment in offer.payments)
    )
