"""Hollow tools: they cost money, and do not work, are not deployed, do not report, or are not used."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from homeroom.domain.manage.tools.capabilities import Audience, Capability
from homeroom.domain.manage.tools.portfolio import CannotTell, HollowKind, HollowTool
from homeroom.engines.manage.tools.fleet_lists import BACKUP_DAYS
from homeroom.engines.manage.tools.running import RunningTool, list_schools
from homeroom.engines.manage.tools.schools import Schools
from homeroom.engines.manage.tools.use import ListedSchools, UsePeriod

DEPLOYED_SHARE = Fraction(1, 2)
SILENT_SCHOOL_DAYS = 14
USED_SHARE = Fraction(1, 10)
PERIOD_SCHOOL_DAYS = 10
START_DAYS = 60
MAX_NAMED = 3
"""Schools that a reason names; further ones are counted."""


class SchoolDayCounter:
    """The days with school, in order."""

    def __init__(self, days: Sequence[date]) -> None:
        self._days = sorted(days)

    def __bool__(self) -> bool:
        return bool(self._days)

    def count(self, first: date, last: date) -> int:
        """Count the school days from the first to the last day."""
        return max(bisect_right(self._days, last) - bisect_left(self._days, first), 0)


@dataclass(frozen=True, kw_only=True)
class Check:
    """The result of one check: hollow with its counts, sound, or unknown with the reason."""

    kind: HollowKind
    is_hollow: bool = False
    of: int = 0
    working: int = 0
    unknown: str = ""


@dataclass(frozen=True, kw_only=True)
class HealthRules:
    """What the checks need beside the tool."""

    schools: Schools
    capabilities: Mapping[str, Capability]
    audiences: Mapping[str, Audience]
    listed: ListedSchools
    calendar: SchoolDayCounter
    today: date

    def find_purpose(self, purpose: str) -> Audience:
        """Return the audience of a list of coverage: of the capability that its purpose names, by id or word."""
        for name, entry in self.capabilities.items():
            if purpose == name or purpose in entry.words:
                return self.audiences.get(name, entry.audience)
        return Audience.EVERYBODY


@dataclass(frozen=True, kw_only=True)
class JudgedHealth:
    """The hollow tools by id, those that cannot be verdict, and the checks of each tool that may cost money."""

    hollow: tuple[HollowTool, ...]
    cannot_tell: tuple[CannotTell, ...]
    checks: Mapping[str, Mapping[HollowKind, bool | None]]


def judge_health(tools: Sequence[RunningTool], rules: HealthRules) -> JudgedHealth:
    """Judge the running tools that cost money; one whose cost is not written is checked, and cannot be verdict."""
    hollow: list[HollowTool] = []
    unknown: list[CannotTell] = []
    checks: dict[str, Mapping[HollowKind, bool | None]] = {}
    for tool in tools:
        if not tool.running or tool.money.costs is False:
            continue
        results = (*_iter_fleet_checks(tool, rules), _check_use(tool, rules))
        checks[tool.id] = _list_results(results, has_use=tool.use is not None)
        if tool.money.costs is None:
            unknown.append(CannotTell(about="tool", id=tool.id, why=_describe_missing_cost(tool)))
            continue
        verdict = _judge_tool(tool, results)
        if isinstance(verdict, HollowTool):
            hollow.append(verdict)
        elif verdict:
            unknown.append(CannotTell(about="tool", id=tool.id, why=verdict))
    return JudgedHealth(hollow=tuple(hollow), cannot_tell=tuple(unknown), checks=checks)


def _list_results(checks: Sequence[Check], *, has_use: bool) -> dict[HollowKind, bool | None]:
    """Return whether each check is passed, up to the first that fails; None where that is unknown.

    Use is left out where no list has it and something else was checked.
    """
    results: dict[HollowKind, bool | None] = {}
    for check in checks:
        if check.kind is HollowKind.NOT_USED and not has_use and len(checks) > 1:
            continue
        passed = results.get(check.kind, True) if not check.unknown else None
        results[check.kind] = False if check.is_hollow else passed
        if check.is_hollow:
            break
    return results


def _judge_tool(tool: RunningTool, checks: Sequence[Check]) -> HollowTool | str:
    """Return the first check that a tool fails, else the reason why it cannot be verdict; empty where it is sound.

    A tool without a list of use is sound where its backups or its devices were checked.
    """
    for check in checks:
        if check.is_hollow:
            return HollowTool(
                tool=tool.id,
                kind=check.kind,
                of=check.of,
                working=check.working,
                dollars_minor=tool.money.year_minor,
            )
    unknown = [check.unknown for check in checks if check.unknown]
    if tool.use is None and len(checks) > 1 and len(unknown) == 1:
        return ""
    return "; ".join(unknown)


def _iter_fleet_checks(tool: RunningTool, rules: HealthRules) -> Iterator[Check]:
    if tool.fleet is None:
        return
    if tool.fleet.backups:
        yield _check_backups(tool.fleet.backups, rules.today)
    for purpose in sorted(tool.fleet.coverage):
        yield _check_deployed(tool, purpose, rules)
    if tool.fleet.reports:
        yield _check_reports(tool.fleet.reports, rules)


def _check_backups(backups: Mapping[str, date | None], today: date) -> Check:
    """Check whether over half of the systems have no backup within a week."""
    blank = sum(day is None for day in backups.values())
    old = sum((today - day).days > BACKUP_DAYS for day in backups.values() if day is not None)
    total = len(backups)
    if 2 * old > total:
        return Check(kind=HollowKind.NOT_WORKING, is_hollow=True, of=total, working=total - old - blank)
    reason = f"its list names no newest backup of {blank} of {total} systems" if 2 * (old + blank) > total else ""
    return Check(kind=HollowKind.NOT_WORKING, unknown=reason)


def _check_deployed(tool: RunningTool, purpose: str, rules: HealthRules) -> Check:
    """Check whether a list of coverage has under half of the active devices of its audience."""
    assert tool.fleet is not None
    audience = rules.find_purpose(purpose)
    coverage = tool.fleet.coverage[purpose]
    total = rules.schools.count_devices(tool.scope, audience)
    if not total:
        return Check(kind=HollowKind.NOT_DEPLOYED, unknown="no active device of those that it is for is known")
    covered, unclear = (
        sum(count for school, count in part[audience].items() if tool.scope is None or school in tool.scope)
        for part in (coverage.covered, coverage.unclear)
    )
    if covered + unclear < DEPLOYED_SHARE * total:
        return Check(kind=HollowKind.NOT_DEPLOYED, is_hollow=True, of=total, working=covered)
    reason = f"its list does not say whether it protects {unclear} of {total} devices"
    return Check(kind=HollowKind.NOT_DEPLOYED, unknown=reason if covered < DEPLOYED_SHARE * total else "")


def _check_reports(reports: Mapping[date | None, int], rules: HealthRules) -> Check:
    """Check whether half of the listed devices last reported over 14 school days ago."""
    total, blank = sum(reports.values()), reports.get(None, 0)
    if blank == total:
        return Check(kind=HollowKind.SILENT)
    if not rules.calendar:
        return Check(kind=HollowKind.SILENT, unknown="no school calendar says how long its devices are silent")
    silent = sum(
        count
        for day, count in reports.items()
        if day is not None and rules.calendar.count(day + timedelta(days=1), rules.today) > SILENT_SCHOOL_DAYS
    )
    if 2 * silent >= total:
        return Check(kind=HollowKind.SILENT, is_hollow=True, of=total, working=total - silent - blank)
    reason = f"its list has no last report of {blank} of {total} devices" if 2 * (silent + blank) >= total else ""
    return Check(kind=HollowKind.SILENT, unknown=reason)


def _check_use(tool: RunningTool, rules: HealthRules) -> Check:
    """Check whether under a tenth of the seats, else of the people in its schools, used it in the newest period."""
    if tool.use is None:
        return Check(kind=HollowKind.NOT_USED, unknown="no list of use tells of it")
    period = tool.use.newest
    if reason := "; ".join(_iter_doubts(tool, period, rules)):
        return Check(kind=HollowKind.NOT_USED, unknown=reason)
    seats = tool.seats
    total = rules.schools.count_people(tool.scope) if seats is None else seats
    if not total or period.users is None:
        reason = (
            "no seats are written, and no people in its schools are known" if not total else "its users are not counted"
        )
        return Check(kind=HollowKind.NOT_USED, unknown=reason)
    is_hollow = period.users < USED_SHARE * total
    return Check(kind=HollowKind.NOT_USED, is_hollow=is_hollow, of=total, working=period.users)


def _iter_doubts(tool: RunningTool, period: UsePeriod, rules: HealthRules) -> Iterator[str]:
    """Yield why the newest period does not show whether the tool is used."""
    if period.since is None or period.until is None:
        yield "its list of use names no first and last day of the period"
        return
    if not rules.calendar:
        yield "no school calendar says how many school days the period of use has"
    elif (days := rules.calendar.count(period.since, period.until)) < PERIOD_SCHOOL_DAYS:
        yield f"the newest period of use has {days} school days; it takes {PERIOD_SCHOOL_DAYS}"
    starts = [contract.starts_on for contract in tool.running]
    written = [day for day in starts if day is not None]
    if not written:
        yield "its contract names no first day"
    elif period.until < min(written) + timedelta(days=START_DAYS):
        yield f"the newest period of use ends within {START_DAYS} days after its contract began"
    season = tool.entry.season
    if season is not None and not _is_in_season(period.since, period.until, season.starts, season.ends):
        yield f"the newest period of use is not in its season, {season.starts} to {season.ends}"
    missing = rules.listed.list_missing(list_schools(tool, rules.schools, rules.capabilities), period)
    if missing:
        named = ", ".join(missing[:MAX_NAMED])
        more = f" and {len(missing) - MAX_NAMED} more" if len(missing) > MAX_NAMED else ""
        yield f"its list of use does not tell of {named}{more}"


def _is_in_season(first: date, last: date, starts: str, ends: str) -> bool:
    """Check whether all days from the first to the last are in one season, given as MM-DD."""
    days = (last - first).days
    return days < 366 and all(_is_in(first + timedelta(days=number), starts, ends) for number in range(days + 1))


def _is_in(day: date, starts: str, ends: str) -> bool:
    month_day = f"{day:%m-%d}"
    return starts <= month_day <= ends if starts <= ends else month_day >= starts or month_day <= ends


def _describe_missing_cost(tool: RunningTool) -> str:
    keys = sorted(contract.key for contract in tool.running if contract.cost_minor is None)
    return f"what it costs is not written: {', '.join(keys)}"
