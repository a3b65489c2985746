"""Build a refresh problem from what is loaded, with what is missing by name; plan it, or write it as files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

from homeroom.apps.manage.breakage.loaded_devices import estimate_breaking_shares
from homeroom.apps.manage.budget.evidence_funds import build_funds
from homeroom.apps.manage.budget.evidence_needs import build_needs
from homeroom.apps.manage.budget.evidence_prices import build_prices, find_life, find_minutes
from homeroom.apps.manage.budget.evidence_remarks import EvidenceRemark, count_devices
from homeroom.apps.manage.budget.evidence_rows import NothingLoaded, RefreshEvidence, load_refresh_evidence
from homeroom.apps.manage.budget.last_good_days import (
    EvidenceDevices,
    find_devices_end,
    list_extensions,
    may_extend,
)
from homeroom.apps.manage.budget.problem_files import check_problem_folder, write_problem_files
from homeroom.domain.manage.refresh.fiscal_years import FiscalCalendar
from homeroom.domain.manage.refresh.lifetimes import UNKNOWN, SupportExtension
from homeroom.domain.manage.refresh.problem import FleetGroup, PaymentWay, RefreshProblem
from homeroom.domain.platform.district import District
from homeroom.library.manage.refresh.programs import load_programs

__all__ = [
    "EvidenceProblem",
    "ExtensionOffer",
    "NothingLoaded",
    "UnknownExtension",
    "WrittenProblem",
    "build_evidence_problem",
    "write_evidence_problem",
]
YEARS = 5
NEEDED_UNTIL = (5, 31)
AGE_RULE = "age rule"


class UnknownExtension(ValueError):
    """An extension of support that content does not have; the message has those that it has."""


@dataclass(frozen=True, kw_only=True)
class ExtensionOffer:
    """Support beyond the usual end that devices could get.

    `device_years` are those within the plan for which the devices would be good with it and are not without it;
    `dollars` is what it costs for all of them and all its years. `is_taken` is True if the plan counts on it.
    """

    extension: SupportExtension
    devices: int
    device_years: int
    dollars: Fraction
    is_taken: bool


@dataclass(frozen=True, kw_only=True)
class EvidenceProblem:
    """A problem with its remarks, how many devices by what their last good day is from, and support to be had.

    `waiting` are the groups of kinds without a price, which are no part of the problem.
    """

    problem: RefreshProblem
    remarks: tuple[EvidenceRemark, ...]
    devices: Mapping[str, int]
    offers: tuple[ExtensionOffer, ...]
    unpriced: tuple[str, ...]
    waiting: tuple[FleetGroup, ...]


@dataclass(frozen=True, kw_only=True)
class WrittenProblem:
    """What was written: the path of the plan, how many devices by what their last good day is from, kinds to price.

    `remarks` and `offers` are as in the problem.
    """

    path: Path
    devices: Mapping[str, int]
    unpriced: tuple[str, ...]
    remarks: tuple[EvidenceRemark, ...]
    offers: tuple[ExtensionOffer, ...]


def build_evidence_problem(*, district: District, today: date, extensions: Collection[str] = ()) -> EvidenceProblem:
    """Build the problem of a district as if the extensions with these ids were taken.

    Raise NothingLoaded without devices, UnknownExtension, QueryTimeout.
    """
    _check_extensions(extensions)
    evidence = load_refresh_evidence(district)
    calendar = FiscalCalendar(starts_in_month=district.fiscal_year_starts, needed_until=NEEDED_UNTIL)
    first_year = find_first_year(today, starts_in_month=district.fiscal_year_starts)
    years = range(first_year, first_year + YEARS)
    groups, origins = _build_groups(evidence, extensions)
    prices = build_prices(evidence)
    breaking, breakage_remarks = estimate_breaking_shares(district=district, today=today)
    needs, need_remarks = build_needs(
        evidence, per_100_students=prices.per_100_students, breaking=breaking, years=years
    )
    priced = tuple(group for group in groups if group.kind in prices.prices)
    schools = {group.school for group in priced} | {school for school, _, _ in needs}
    funds, fund_remarks = build_funds(
        evidence.funds,
        years=years,
        schools=schools,
        students=sum(evidence.students.values()),
        programs={program.id: program for program in load_programs()},
    )
    remarks = [*fund_remarks, *prices.remarks, *need_remarks, *_explain_origins(origins)]
    remarks += [EvidenceRemark(about="spares", name="all", reason=reason) for reason in breakage_remarks if needs]
    return EvidenceProblem(
        problem=RefreshProblem(
            first_year=first_year,
            year_count=YEARS,
            calendar=calendar,
            groups=priced,
            prices=prices.prices,
            needs=needs,
            funds=funds,
            ways=(PaymentWay(name="buy", payments=(Fraction(1),)),),
        ),
        remarks=tuple(remarks),
        devices=origins,
        offers=_list_offers(evidence.devices, calendar, years, extensions),
        unpriced=prices.unpriced,
        waiting=tuple(group for group in groups if group.kind not in prices.prices),
    )


def write_evidence_problem(
    folder: Path, *, district: District, today: date, extensions: Collection[str] = ()
) -> WrittenProblem:
    """Write the problem of a district into a new or empty folder.

    Raise NothingLoaded without devices, UnknownExtension, FileExistsError if the folder has files of a problem, OSError
    if it cannot be written, QueryTimeout.
    """
    check_problem_folder(folder)
    built = build_evidence_problem(district=district, today=today, extensions=extensions)
    path = write_problem_files(
        folder,
        built.problem,
        unpriced={kind: (find_life(kind), find_minutes(kind)) for kind in built.unpriced},
        waiting=built.waiting,
        notes=[f"{remark.about} {remark.name}: {remark.reason}" for remark in built.remarks],
    )
    return WrittenProblem(
        path=path, devices=built.devices, unpriced=built.unpriced, remarks=built.remarks, offers=built.offers
    )


def find_first_year(today: date, *, starts_in_month: int) -> int:
    """Return the fiscal year after the current one, by the year in which it ends."""
    return today.year + 1 + (starts_in_month > 1 and today.month >= starts_in_month)


def _check_extensions(extensions: Collection[str]) -> None:
    choices = [extension.id for extension in list_extensions()]
    unknown = [name for name in extensions if name not in choices]
    if unknown:
        raise UnknownExtension(f"{unknown[0]!r} is no extension of support; {', '.join(choices)} would fit")


def _build_groups(
    evidence: RefreshEvidence, extensions: Collection[str]
) -> tuple[tuple[FleetGroup, ...], dict[str, int]]:
    """Return groups by school, kind, model and last good day, and how many devices by what that day is from."""
    counts: Counter[tuple[str, str, str, date | None]] = Counter()
    origins: Counter[str] = Counter()
    for devices in evidence.devices:
        last_good, origin = find_devices_end(devices, extensions)
        counts[devices.school, devices.kind, devices.model, last_good] += devices.count
        origins[origin] += devices.count
    groups = tuple(
        FleetGroup(
            id=f"{number}: {model}" if model else str(number),
            school=school,
            kind=kind,
            count=count,
            last_good=last_good,
        )
        for number, ((school, kind, model, last_good), count) in enumerate(counts.items(), 1)
    )
    return groups, dict(origins)


def _explain_origins(origins: Mapping[str, int]) -> list[EvidenceRemark]:
    remarks = []
    if count := origins.get(AGE_RULE, 0):
        reason = f"{count_devices(count)}: no end of support is known, so years after the purchase count"
        remarks.append(EvidenceRemark(about="device", name=AGE_RULE, reason=reason))
    if count := origins.get(UNKNOWN, 0):
        reason = f"{count_devices(count)}: neither an end of support nor a purchase is known, left alone"
        remarks.append(EvidenceRemark(about="device", name=UNKNOWN, reason=reason))
    return remarks


def _list_offers(
    devices: Sequence[EvidenceDevices], calendar: FiscalCalendar, years: range, taken: Collection[str]
) -> tuple[ExtensionOffer, ...]:
    offers = []
    for extension in list_extensions():
        fitting = [item for item in devices if may_extend(extension, item)]
        gained = 0
        for item in fitting:
            before, _ = find_devices_end(item)
            after, _ = find_devices_end(item, (extension.id,))
            if before is not None and after is not None:
                first, last = (
                    min(max(calendar.find_due_year(day), years[0]), years[-1] + 1) for day in (before, after)
                )
                gained += item.count * max(0, last - first)
        count = sum(item.count for item in fitting)
        if count:
            offers.append(
                ExtensionOffer(
                    extension=extension,
                    devices=count,
                    device_years=gained,
                    dollars=count * sum(extension.dollars, Fraction()),
                    is_taken=extension.id in taken,
                )
            )
    return tuple(offers)
