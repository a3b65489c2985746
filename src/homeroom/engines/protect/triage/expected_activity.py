"""Which announced work a detection belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from ipaddress import ip_address, ip_network
from zoneinfo import ZoneInfo

from homeroom.domain.protect.detections.alerts import Entity, EntityKind, Part
from homeroom.domain.protect.detections.expected_activity import ExpectedActivity


class ExpectedActivities:
    """The announced work of a district, in its time zone."""

    def __init__(self, activities: Iterable[ExpectedActivity], *, timezone: str) -> None:
        self._activities = tuple(activities)
        self._zone = ZoneInfo(timezone)

    def find(self, entities: Sequence[Entity], *, at: datetime) -> ExpectedActivity | None:
        """Return the announced work that something at that time belongs to; None if nobody announced it."""
        return next((item for item in self._activities if self._covers(item, entities, at=at)), None)

    def _covers(self, item: ExpectedActivity, entities: Sequence[Entity], *, at: datetime) -> bool:
        if (item.starts and at < item.starts) or (item.ends and at > item.ends):
            return False
        if item.daily and not is_within_day(at.astimezone(self._zone).time(), item.daily):
            return False
        return _fits_entities(item, entities)


def is_within_day(local: time, daily: tuple[time, time]) -> bool:
    """Return whether a time of day lies between two, the last minute among them, past midnight too."""
    starts, ends = daily
    local = local.replace(second=0, microsecond=0)
    return starts <= local <= ends if starts <= ends else local >= starts or local <= ends


def _fits_entities(item: ExpectedActivity, entities: Sequence[Entity]) -> bool:
    accounts = [entity for entity in entities if entity.kind == EntityKind.ACCOUNT]
    actors = [entity for entity in accounts if entity.part == Part.ACTOR] or accounts
    hosts = [entity.name for entity in entities if entity.kind in (EntityKind.HOST, EntityKind.DEVICE)]
    addresses = [entity.name for entity in entities if entity.kind == EntityKind.ADDRESS]
    countries = [entity.country for entity in entities if entity.country]
    return (
        _fits_accounts(item.who, actors)
        and _fits_targets(item.targets, entities)
        and _fits_texts(item.hosts, [name.partition(".")[0] for name in hosts])
        and (not item.addresses or (bool(addresses) and all(_is_in(text, item.addresses) for text in addresses)))
        and _fits_texts(item.countries, countries)
    )


def _fits_accounts(wanted: Sequence[str], accounts: Sequence[Entity]) -> bool:
    if not wanted:
        return True
    names = {text.casefold() for text in wanted}
    return bool(accounts) and all(names & set(_list_account_names(entity)) for entity in accounts)


def _fits_targets(wanted: Sequence[str], entities: Sequence[Entity]) -> bool:
    """Return whether all victims are among the targets, or an app, file or account that is named besides."""
    if not wanted:
        return True
    victims = [item for item in entities if item.part == Part.VICTIM and item.kind == EntityKind.ACCOUNT]
    if victims and _fits_accounts(wanted, victims):
        return True
    others = [item for item in entities if item.part != Part.ACTOR and item not in victims]
    names = {text.casefold() for text in wanted}
    return any(names & {item.name.casefold(), item.id.casefold()} for item in others)


def _list_account_names(entity: Entity) -> list[str]:
    """Return what an account may be called: its name, that without its domain, and the id that pages show."""
    name = entity.name.casefold()
    return [name, name.rpartition("\\")[2], *([entity.id.casefold()] if entity.id else [])]


def _fits_texts(wanted: Sequence[str], values: Sequence[str]) -> bool:
    names = {text.casefold() for text in wanted}
    return not wanted or (bool(values) and all(value.casefold() in names for value in values))


def _is_in(address: str, networks: Sequence[str]) -> bool:
    try:
        number = ip_address(address)
    except ValueError:
        return False
    return any(number in ip_network(network, strict=False) for network in networks)
