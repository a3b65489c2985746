"""Collect the reach of an incident from events: each thing once, with who did what to it, how often and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from homeroom.domain.protect.detections.events import LogEvent
from homeroom.domain.protect.incidents.reach import ReachItem, ReachKind, ReachQuestion, ReachSection
from homeroom.engines.protect.incidents.reach_rules import OUTSIDE_VALUES, ReachRule, find_reach_rule

MAX_NOTES = 1_000
"""Notes of one touched, such as with whom a document was shared; more are cut."""
SHARED_BY = 25
"""Other accounts up to which an address is one that an intruder may have; more are a school's or a carrier's."""
SHARED_NAMED_BY = 500
"""The same of an address that an alert names as an intruder's, who may have got in often."""
_SIGN_INS = frozenset({"login", "signin", "signins", "signinlogs"})
_SIGN_IN_EVENTS = frozenset({"userloggedin", "login_success", "sign-in"})
_OF_HOSTS = (ReachKind.COMPUTER, ReachKind.ACCOUNT)
"""What is shown of all that happened on an incident's computer; what others opened there is no reach of it."""
_AT_THE_COMPUTER = frozenset({"2", "7", "10", "11"})
"""Logon types of somebody who works at a computer, in person or over Remote Desktop."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReachEvent:
    """An event with its columns: `actor` is the account by the incident's name, or as the log has it if `is_actor` is
    false: then a computer of the incident brought it. `count` are how many like it there were since `first`.
    """

    at: datetime
    event: str
    actor: str
    count: int = 1
    first: datetime | None = None
    is_actor: bool = True
    outcome: str = ""
    address: str = ""
    country: str = ""
    device: str = ""
    log: LogEvent


@dataclass(slots=True)
class _Thing:
    """One thing while it is collected."""

    kind: ReachKind
    name: str
    id: str
    first: datetime
    last: datetime
    owner: str = ""
    outside: bool | None = None
    events: int = 0
    foreign: int = 0
    words: Counter[str] = field(default_factory=Counter)
    accounts: Counter[str] = field(default_factory=Counter)
    notes: dict[str, None] = field(default_factory=dict)

    def add(self, event: ReachEvent, word: str, notes: Iterable[str], *, is_foreign: bool) -> None:
        self.first, self.last = min(self.first, event.first or event.at), max(self.last, event.at)
        self.events += event.count
        self.foreign += event.count if is_foreign else 0
        self.words[word] += event.count
        if event.actor:
            self.accounts[event.actor] += event.count
        for note in notes:
            if len(self.notes) < MAX_NOTES:
                self.notes[note] = None

    def add_outside(self, answer: bool | None) -> None:
        """Note an answer; something that was open to outside once counts as open."""
        if answer is not None:
            self.outside = answer or self.outside is True

    def build(self) -> ReachItem:
        return ReachItem(
            kind=self.kind,
            name=self.name,
            id=self.id,
            words=tuple(word for word, _ in self.words.most_common() if word),
            accounts=tuple(name for name, _ in self.accounts.most_common()),
            owner=self.owner,
            outside=self.outside,
            notes=tuple(self.notes),
            events=self.events,
            foreign=self.foreign,
            first=self.first,
            last=self.last,
        )


class ReachCollector:
    """Collects what the accounts and hosts of an incident did; the order of the events does not matter.

    `foreign` are the addresses from which the accounts came for the first time.
    """

    def __init__(self, *, foreign: frozenset[str] = frozenset()) -> None:
        self._foreign = foreign
        self._things: dict[tuple[ReachKind, str], _Thing] = {}
        self.events = self.failed = 0

    def add(self, event: ReachEvent) -> None:
        """Add an event; one that failed reached nothing and is only counted."""
        if event.outcome == "failure":
            self.failed += event.count
            return
        rule = find_reach_rule(event.log.source.product, event.log.source.service, event.event)
        if not event.is_actor and not _is_about_host(event, rule):
            return
        self.events += event.count
        if event.is_actor:
            self._add_address(event)
            self._add_device(event)
        name = _find_text(event.log.fields, rule.name) if rule else ""
        if rule is not None and rule.kind is ReachKind.COMPUTER:
            name = _clip_host(event.log.host) or name
        if rule is None or not name:
            self._add_rest(event)
            return
        self._add_thing(event, rule, name)

    def build_sections(self) -> tuple[ReachSection, ...]:
        """Return all sections that have something, in the order of their kinds."""
        by_kind: dict[ReachKind, list[ReachItem]] = {}
        for touched in self._things.values():
            by_kind.setdefault(touched.kind, []).append(touched.build())
        return tuple(build_section(kind, by_kind[kind]) for kind in ReachKind if kind in by_kind)

    def _add_thing(self, event: ReachEvent, rule: ReachRule, name: str) -> None:
        fields = event.log.fields
        owner = _find_text(fields, rule.owner)
        key = _find_text(fields, rule.id) or (f"{owner}\\{name}" if owner else name)
        touched = self._get_thing(rule.kind, key, name=name, at=event.at)
        touched.owner = owner or touched.owner
        touched.id = _find_text(fields, rule.id)
        notes = [
            text for item in rule.notes for text in _list_texts(fields.get(item)) if text.casefold() != name.casefold()
        ]
        self._add_event(touched, event, rule.word or _name_event(event.event), notes)
        if rule.kind is ReachKind.DOCUMENT:
            touched.add_outside(_find_outside(fields, rule))

    def _add_address(self, event: ReachEvent) -> None:
        if event.address:
            touched = self._get_thing(ReachKind.ADDRESS, event.address, name=event.address, at=event.at)
            is_sign_in = event.log.source.service in _SIGN_INS or event.event.casefold() in _SIGN_IN_EVENTS
            word = "signed in" if is_sign_in else "used"
            self._add_event(touched, event, word, [event.country] if event.country else [])

    def _add_device(self, event: ReachEvent) -> None:
        if event.device and event.log.source.product != "windows":
            name = _find_text(event.log.fields, ("deviceDetail.displayName", "DeviceProperties.DisplayName"))
            touched = self._get_thing(ReachKind.COMPUTER, event.device, name=name or event.device, at=event.at)
            touched.id = event.device
            self._add_event(touched, event, "used", ())

    def _add_rest(self, event: ReachEvent) -> None:
        if event.log.source.service in _SIGN_INS or event.event.casefold() in _SIGN_IN_EVENTS:
            return  # its address has it
        name = _name_event(event.event)
        touched = self._get_thing(ReachKind.REST, f"{event.log.file}:{name}", name=name, at=event.at)
        self._add_event(touched, event, "", [event.log.file])

    def _add_event(self, touched: _Thing, event: ReachEvent, word: str, notes: Iterable[str]) -> None:
        touched.add(event, word, notes, is_foreign=event.address in self._foreign)

    def _get_thing(self, kind: ReachKind, key: str, *, name: str, at: datetime) -> _Thing:
        return self._things.setdefault((kind, key.casefold()), _Thing(kind=kind, name=name, id="", first=at, last=at))


def build_section(kind: ReachKind, items: Iterable[ReachItem]) -> ReachSection:
    """Return a section with all its items: first what was touched from a new address or is open to outside."""
    ordered = sorted(items, key=_order_item)
    return ReachSection(
        kind=kind,
        total=len(ordered),
        events=sum(item.events for item in ordered),
        outside=sum(item.outside is True for item in ordered),
        foreign=sum(item.foreign > 0 for item in ordered),
        items=tuple(ordered),
    )


def _order_item(item: ReachItem) -> tuple[bool, bool, int, str, str]:
    return item.foreign == 0, item.outside is not True, -item.events, item.name.casefold(), item.id


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressUse:
    """How often an account was let in or acted from an address, and when; its name as the log has it."""

    address: str
    account: str
    events: int
    first: datetime
    last: datetime


def choose_foreign_addresses(
    question: ReachQuestion, uses: Iterable[AddressUse], *, is_own: Mapping[str, bool]
) -> frozenset[str]:
    """Return the addresses that an alert names, and those that the accounts used for the first time in the incident.

    `uses` are those of the incident's accounts, also from before it began. `is_own` answers for the district's own.
    """
    before, during = set[tuple[str, str]](), set[tuple[str, str]]()
    for use in uses:
        account = question.accounts.get(use.account.casefold())
        if account is None:
            continue
        if use.first < question.began_at:
            before.add((account, use.address))
        else:
            during.add((account, use.address))
    new = {address for account, address in during - before}
    return frozenset(address for address in new | question.named_addresses if not is_own.get(address, False))


def find_other_accounts(
    question: ReachQuestion, uses: Iterable[AddressUse], *, foreign: frozenset[str]
) -> list[ReachItem]:
    """Return the accounts that were let in from the same foreign addresses, but for those of the incident.

    An address that many came from is a school's or a carrier's.
    """
    by_address: dict[str, list[AddressUse]] = {}
    for use in uses:
        if use.address in foreign and use.account.casefold() not in question.accounts:
            by_address.setdefault(use.address, []).append(use)
    by_account: dict[str, _Thing] = {}
    for address, found_uses in by_address.items():
        limit = SHARED_NAMED_BY if address in question.named_addresses else SHARED_BY
        if len({use.account.casefold() for use in found_uses}) > limit:
            continue
        for use in found_uses:
            touched = by_account.setdefault(
                use.account.casefold(),
                _Thing(kind=ReachKind.OTHER_ACCOUNT, name=use.account, id="", first=use.first, last=use.last),
            )
            touched.first, touched.last = min(touched.first, use.first), max(touched.last, use.last)
            touched.events += use.events
            touched.foreign += use.events
            touched.notes[address] = None
    return [touched.build() for touched in by_account.values()]


def _is_about_host(event: ReachEvent, rule: ReachRule | None) -> bool:
    if rule is None or rule.kind not in _OF_HOSTS:
        return False
    kind = event.log.fields.get("LogonType")
    return event.event != "4624" or str(kind) in _AT_THE_COMPUTER


def _find_outside(fields: Mapping[str, Any], rule: ReachRule) -> bool | None:
    """Return whether a document is open to outside, by the fields that say so, else by the event itself."""
    answers = [
        values.get(text.casefold()) for name, values in OUTSIDE_VALUES.items() for text in _list_texts(fields.get(name))
    ]
    if True in answers:
        return True
    return rule.outside if rule.outside is not None else (False if False in answers else None)


def _find_text(fields: Mapping[str, Any], names: Iterable[str]) -> str:
    return next((text for name in names for text in _list_texts(fields.get(name))), "")


def _list_texts(value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else (value,)
    return [text for item in values if item is not None and not isinstance(item, dict) and (text := str(item).strip())]


def _clip_host(name: str) -> str:
    return name if name[:1].isdigit() else name.partition(".")[0]


def _name_event(event: str) -> str:
    return event.replace("_", " ").strip()
