"""Add to an event what the district's evidence knows of it, under the names of `detections/district_fields`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.domain.protect.detections.district_fields import PREFIX
from homeroom.domain.protect.detections.events import LogEvent
from homeroom.engines.protect.enrich.district_knowledge import (
    WINDOWS_DIRECTORY,
    AccountFacts,
    Canary,
    DistrictKnowledge,
)
from homeroom.engines.protect.enrich.host_roles import DOMAIN_CONTROLLER, SERVER_ROLES
from homeroom.engines.protect.enrich.learned_behavior import Aspect, DistrictHabits, LearnedBehavior
from homeroom.engines.protect.enrich.observations import TAKING_EVENTS, name_tool
from homeroom.engines.protect.enrich.parties import Parties, find_network, find_parties, find_text

_PROGRAM_FIELDS = ("NewProcessName", "Image", "ImagePath", "ServiceFileName", "ServiceName")
_PROGRAM_EVENTS = frozenset({4688, 1, 7045, 4697})
_TICKET_REQUEST = 4769
"""Kerberos: somebody asks for a ticket of a service's account, as who collects tickets to guess its password does."""
_KINDS = {"staff": "staff", "student": "student"}


_TAKING = frozenset(TAKING_EVENTS)


def is_weekday(day: date) -> bool:
    """Return whether a day is from Monday to Friday, for districts without a calendar."""
    return day.weekday() < 5


def is_taking(event: LogEvent) -> bool:
    """Return whether a file leaves its place."""
    return event.fields.get("name") in _TAKING or event.fields.get("Operation") in _TAKING


@dataclass(frozen=True, kw_only=True)
class EventEnricher:
    """What is known and was learned, ready to be asked of any number of events."""

    knowledge: DistrictKnowledge
    learned: LearnedBehavior
    habits: DistrictHabits
    timezone: str
    tools: Sequence[str] = ()
    is_school_day: Callable[[date], bool] = is_weekday

    def __post_init__(self) -> None:
        object.__setattr__(self, "_zone", ZoneInfo(self.timezone))
        object.__setattr__(self, "_days", {})
        object.__setattr__(self, "_roles", {})

    def enrich(self, event: LogEvent) -> LogEvent:
        """Return the event with the district's fields among its own; one that the log already has is replaced."""
        values = self.build_fields(event, find_parties(event))
        return LogEvent(  # as `replace` would, in a third of the time
            file=event.file,
            record=event.record,
            time=event.time,
            source=event.source,
            host=event.host,
            user=event.user,
            fields={**event.fields, **values},
            raw=event.raw,
            key=event.key,
        )

    def build_fields(self, event: LogEvent, parties: Parties) -> dict[str, Any]:
        """Return the district's fields of an event; what is not known is absent."""
        values: dict[str, Any] = {}
        day = self.get_day(event.time)
        if parties.actor:
            self._add_account(values, "actor", parties.actor, parties)
        if parties.targets:
            self._add_targets(values, parties)
        if parties.host:
            role = self.find_host_role(parties.host, day=day)
            if role:
                values["district.host.role"] = role
        if parties.address:
            self._add_address(values, parties, day)
        if day is not None and parties.directory == "activedirectory":
            self._add_tool(values, event.fields, parties.host, day)
        if day is not None and parties.actor and is_taking(event):
            unusual = self.learned.is_volume_unusual(
                parties.actor.casefold(), day=day, is_school_day=self.is_school_day
            )
            if unusual is not None:
                values["district.volume.unusual"] = unusual
        canary = self.find_canary(event, parties)
        if canary is not None:
            values["district.canary"] = canary.name
        return values

    def find_host_role(self, host: str, *, day: date | None) -> str:
        """Return what a host does: by the inventory, by the tickets that it gave out, else by its name."""
        roles: dict[tuple[str, date | None], str] = self._roles  # type: ignore[attr-defined]
        role = roles.get((host, day))
        if role is None:
            role = roles[host, day] = self._choose_host_role(host, day)
        return role

    def _choose_host_role(self, host: str, day: date | None) -> str:
        device = self.knowledge.find_device(host)
        if device is not None and device.role:
            return device.role
        if day is not None and self.learned.list_usual(Aspect.ROLE, host.casefold(), day=day):
            return DOMAIN_CONTROLLER
        return self.knowledge.find_host_role(host)

    def get_day(self, time: datetime | None) -> date | None:
        """Return the day of a time in the district's zone."""
        if time is None:
            return None
        hour = time.replace(minute=0, second=0, microsecond=0)  # zones are whole hours from UTC in the United States
        days: dict[datetime, date] = self._days  # type: ignore[attr-defined]
        if hour not in days:
            days[hour] = time.astimezone(self._zone).date()  # type: ignore[attr-defined]
        return days[hour]

    def find_canary(self, event: LogEvent, parties: Parties) -> Canary | None:
        """Return the canary that an event touches; None if it touches none, or one that is not planted at its time."""
        canaries = self.knowledge.canaries
        touched: list[Canary | None] = []
        if accounts := canaries["account"]:
            touched += [accounts.get(name) for name in _iter_account_names(event.fields, parties)]
        if parties.file:
            touched.append(canaries["document"].get(parties.file.casefold()))
        if canaries["file"]:
            touched.append(_find_file_canary(event.fields, canaries["file"]))
        return next((canary for canary in touched if canary is not None and canary.covers(event.time)), None)

    def _add_account(self, values: dict[str, Any], part: str, name: str, parties: Parties) -> None:
        account = self.knowledge.find_account(name, directory=parties.directory)
        if account is not None:
            values |= build_account_fields(part, account)
        elif parties.directory in self.knowledge.directories:
            values[f"{PREFIX}{part}.in_directory"] = False

    def _add_targets(self, values: dict[str, Any], parties: Parties) -> None:
        outside = [self.knowledge.is_outside(name) for name in parties.targets]
        if any(answer is not None for answer in outside):
            values["district.target.outside"] = any(outside)
        for name, is_outside in zip(parties.targets, outside, strict=True):
            if not is_outside:
                self._add_account(values, "target", name, parties)
                return

    def _add_address(self, values: dict[str, Any], parties: Parties, day: date | None) -> None:
        network = find_network(parties.address)
        values["district.address.network"] = network
        if self.knowledge.has_own_network(parties.address):
            values["district.address.own"] = True
        elif day is not None and (self.knowledge.declares_networks or self.habits.has_own_networks(day=day)):
            values["district.address.own"] = self.habits.is_own_network(network, day=day)
        if day is None or not parties.actor:
            return
        account = parties.actor.casefold()
        usual = self.is_country_usual(account, parties.country, day=day)
        if usual is not None:
            values["district.country.usual"] = usual
        usual = self.learned.is_usual(Aspect.NETWORK, account, network, day=day)
        if usual is not None:
            values["district.network.usual"] = usual or values.get("district.address.own") is True

    def is_country_usual(self, account: str, country: str, *, day: date) -> bool | None:
        """Return whether a country is usual: for the account, or, if it has no history, for the district's people."""
        if not country or not self.learned.has_history(Aspect.COUNTRY, day=day):
            return None
        if self.habits.is_home_country(country, day=day):
            return True
        return self.learned.is_usual(Aspect.COUNTRY, account, country, day=day) is True

    def _add_tool(self, values: dict[str, Any], fields: Mapping[str, Any], host: str, day: date) -> None:
        if fields.get("EventID") not in _PROGRAM_EVENTS or not self.learned.has_history(Aspect.TOOL, day=day):
            return
        tool = name_tool(find_text(fields, _PROGRAM_FIELDS))
        is_server = self.find_host_role(host, day=day) in SERVER_ROLES
        if tool and (is_server or tool.startswith(tuple(self.tools))):
            usual = self.learned.is_usual(Aspect.TOOL, host.casefold(), tool, day=day)
            values["district.tool.first_use"] = usual is not True


def build_account_fields(part: str, account: AccountFacts) -> dict[str, Any]:
    """Return the fields of the account that acts (`actor`) or that it is done to (`target`)."""
    prefix = f"{PREFIX}{part}."
    values: dict[str, Any] = {
        f"{prefix}kind": _KINDS.get(account.kind, "other"),
        f"{prefix}state": account.state,
        f"{prefix}in_directory": True,
    }
    if account.administrator is not None:
        values[f"{prefix}administrator"] = account.administrator
    if account.super_administrator is not None:
        values[f"{prefix}super_administrator"] = account.super_administrator
    return values


def _iter_account_names(fields: Mapping[str, Any], parties: Parties) -> Iterator[str]:
    """Yield the accounts of an event, on Windows without domain; of a request for a ticket also whose ticket it is."""
    names = [parties.actor, *parties.targets]
    if fields.get("EventID") == _TICKET_REQUEST and isinstance(service := fields.get("ServiceName"), str):
        names.append(service)
    for name in names:
        key = name.rpartition("\\")[2].casefold()
        yield key
        if parties.directory == WINDOWS_DIRECTORY and "@" in key:
            yield key.partition("@")[0]


def _find_file_canary(fields: Mapping[str, Any], canaries: Mapping[str, Canary]) -> Canary | None:
    r"""Return the canary file of an event: `share\path` of a share's access, or the end of a local path."""
    share, path = fields.get("ShareName"), fields.get("RelativeTargetName")
    if isinstance(share, str) and isinstance(path, str):
        return canaries.get(f"{share.rpartition('\\')[2]}\\{path}".casefold())
    name = fields.get("ObjectName") or fields.get("TargetFilename")
    if not isinstance(name, str):
        return None
    local = name.replace("/", "\\").casefold()
    return next((canary for path, canary in canaries.items() if local.endswith(f"\\{path}")), None)
