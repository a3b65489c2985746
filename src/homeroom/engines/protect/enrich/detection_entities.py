"""Who and what a detection is about, as entities of an alert."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from homeroom.domain.protect.detections.alerts import Entity, EntityKind, Part, Role
from homeroom.domain.protect.detections.events import LogEvent
from homeroom.engines.protect.enrich.district_knowledge import WINDOWS_DIRECTORY, DistrictKnowledge
from homeroom.engines.protect.enrich.parties import Parties, clean_address, clip_host_name, find_parties, list_texts

_HOST_ROLES = {"domain_controller": Role.DOMAIN_CONTROLLER, "server": Role.SERVER}
_APP_SERVICES = frozenset({"token"})
_FILE_SERVICES = frozenset({"drive"})
MAX_NAMES = 25
"""Names that one field of an event gives; more are a crowd."""
MAX_LENGTH = 255
_SID_PREFIX = "S-1-"
_COMMON_NAME = re.compile(r"CN=((?:[^,\\]|\\.)+)(?:,|$)", re.IGNORECASE)

type EntityFields = Mapping[str, Sequence[str]]
"""A rule's own fields for its entities, by kind: account (who acts), victim, host, app, file, address."""


def list_entities(
    event: LogEvent, *, knowledge: DistrictKnowledge, fields: EntityFields | None = None
) -> tuple[Entity, ...]:
    """Return the entities of an event, those that act first: by a rule's own fields, else by those of the product."""
    parties, hints = find_parties(event), fields or {}
    entities: dict[tuple[EntityKind, str], Entity] = {}
    for entity in _iter_entities(event, parties, hints, knowledge):
        entities.setdefault((entity.kind, entity.id or entity.name.casefold()), entity)
    return tuple(entities.values())


def _iter_entities(
    event: LogEvent, parties: Parties, hints: EntityFields, knowledge: DistrictKnowledge
) -> Iterator[Entity]:
    defaults: Mapping[str, Sequence[str]] = {} if hints else {"account": (parties.actor,), "victim": parties.targets}
    for kind, part in (("account", Part.ACTOR), ("victim", Part.VICTIM)):
        texts = _choose_accounts(event, hints.get(kind, ()), directory=parties.directory, knowledge=knowledge)
        for name in texts or defaults.get(kind, ()):
            if name:
                yield build_account(name, part=part, directory=parties.directory, knowledge=knowledge)
    yield from _iter_hosts(event, parties, hints, knowledge)
    own = event.fields.get("district.address.own") is True
    for text in _choose_texts(event, hints.get("address", ())) or [parties.address]:
        if name := clean_address(text) or text:
            part = Part.OTHER if own else Part.ACTOR
            yield Entity(kind=EntityKind.ADDRESS, name=name[:MAX_LENGTH], part=part, country=parties.country)
    yield from _iter_things(event, parties, hints)


def _choose_texts(event: LogEvent, names: Sequence[str]) -> list[str]:
    """Return the texts of the first of the fields that has any."""
    for name in names:
        if texts := list_texts(event.fields, (name,)):
            return texts[:MAX_NAMES]
    return []


def _choose_accounts(
    event: LogEvent, names: Sequence[str], *, directory: str, knowledge: DistrictKnowledge
) -> list[str]:
    """Return the texts of the first of the fields that has any; an unknown SID only if no other field has a text."""
    chosen: list[str] = []
    for name in names:
        texts = list_texts(event.fields, (name,))[:MAX_NAMES]
        if texts and not all(_is_sid(text) and not knowledge.find_account(text, directory=directory) for text in texts):
            return texts
        chosen = chosen or texts
    return chosen


def _is_sid(text: str) -> bool:
    return text.startswith(_SID_PREFIX)


def _iter_hosts(
    event: LogEvent, parties: Parties, hints: EntityFields, knowledge: DistrictKnowledge
) -> Iterator[Entity]:
    for name in _choose_texts(event, hints.get("host", ())) or [parties.host]:
        if name:
            is_own = clip_host_name(name).casefold() == parties.host.casefold()
            role = event.fields.get("district.host.role") if is_own else None
            yield build_host(name, knowledge=knowledge, role=role if isinstance(role, str) else "")


def _iter_things(event: LogEvent, parties: Parties, hints: EntityFields) -> Iterator[Entity]:
    apps = _choose_texts(event, hints.get("app", ()))
    if not apps and parties.app and event.source.service in _APP_SERVICES:
        apps = [parties.app]
    for name in apps:
        yield Entity(kind=EntityKind.APP, name=name[:MAX_LENGTH])
    files = _choose_texts(event, hints.get("file", ()))
    canary = event.fields.get("district.canary")
    if not files and parties.file and (canary or event.source.service in _FILE_SERVICES):
        files = [parties.file]
    for name in files:
        is_named = name in (parties.file, parties.file_name)
        yield Entity(
            kind=EntityKind.FILE,
            name=(parties.file_name if is_named else name)[:MAX_LENGTH],
            id=parties.file[:MAX_LENGTH] if is_named and event.source.service in _FILE_SERVICES else "",
            part=Part.VICTIM if canary else Part.OTHER,
        )


def clean_account_name(name: str) -> str:
    r"""Return the account of a name such as `ana@maple.example\Rule`, which mailboxes' objects have."""
    head = name.partition("\\")[0]
    return head if "@" in head else name


def clean_logon_name(name: str) -> str:
    r"""Return the logon name in what Windows writes: `DOMAIN\name`, `name@DOMAIN.LOCAL`, `CN=name,OU=Staff,DC=…`."""
    if match := _COMMON_NAME.match(name):
        return match[1].replace("\\", "")
    return name.rpartition("\\")[2].partition("@")[0]


def build_account(name: str, *, part: Part, directory: str, knowledge: DistrictKnowledge) -> Entity:
    """Return an account as logs name it, on Windows by its logon name, with its id and role where it is known."""
    is_windows = directory == WINDOWS_DIRECTORY
    account = knowledge.find_account(name if is_windows else clean_account_name(name), directory=directory)
    logon_name = (account and account.logon_name) or clean_logon_name(name)
    name = logon_name if is_windows else clean_account_name(name)
    return Entity(
        kind=EntityKind.ACCOUNT,
        name=name[:MAX_LENGTH],
        id=account.id if account else "",
        part=part,
        role=account.role if account else Role.UNKNOWN,
        person=account.person if account and account.has_person else "",
    )


def build_host(name: str, *, knowledge: DistrictKnowledge, role: str = "") -> Entity:
    """Return a host by its short name, with its id and role where the district has it; `role` is what is known else."""
    short = clip_host_name(name)
    device = knowledge.find_device(short)
    return Entity(
        kind=EntityKind.HOST,
        name=short[:MAX_LENGTH],
        id=device.id if device else "",
        part=Part.VICTIM,
        role=_HOST_ROLES.get(role or knowledge.find_host_role(short), Role.UNKNOWN),
    )
