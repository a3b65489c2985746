"""Who and what an event is about: who acts, on whom, from where, on which computer, with which app or file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from homeroom.domain.protect.detections.events import LogEvent

CACHED_ADDRESSES = 1 << 15
"""Addresses that are remembered, since most events come from few of them."""
_NOBODY = frozenset({"", "-", "n/a", "not available"})
_WINDOWS_PREFIX = "::ffff:"


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyFields:
    """Names of a product's fields, those with a value first come first. `directory` is the accounts' connector."""

    directory: str
    actor: tuple[str, ...]
    targets: tuple[str, ...]
    address: tuple[str, ...]
    country: tuple[str, ...] = ()
    app: tuple[str, ...] = ()
    file: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Parties:
    """The parties of an event; empty where it names none."""

    directory: str = ""
    actor: str = ""
    targets: tuple[str, ...] = ()
    address: str = ""
    country: str = ""
    host: str = ""
    app: str = ""
    file: str = ""
    file_name: str = ""


_GOOGLE = PartyFields(
    directory="google",
    actor=("actor.email",),
    targets=(
        *("parameters.USER_EMAIL", "parameters.target_user", "parameters.affected_email_address"),
        *("parameters.email_forwarding_destination_address", "parameters.EMAIL_FORWARDING_DESTINATION_ADDRESS"),
        "parameters.delegate",
    ),
    address=("ipAddress", "networkInfo.ip"),
    country=("networkInfo.regionCode", "country"),
    app=("parameters.app_name", "parameters.API_CLIENT_NAME", "parameters.OAUTH2_APP_NAME"),
    file=("parameters.doc_id",),
)
_ENTRA = PartyFields(
    directory="microsoft",
    actor=("initiatedBy.user.userPrincipalName", "userPrincipalName", "initiatedBy.app.displayName"),
    targets=("targetResources.userPrincipalName",),
    address=("ipAddress", "initiatedBy.user.ipAddress", "callerIpAddress"),
    country=("location.countryOrRegion",),
    app=("appDisplayName",),
)
_OFFICE = PartyFields(
    directory="microsoft",
    actor=("UserId",),
    targets=("MailboxOwnerUPN", "Parameters.ForwardTo", "Parameters.RedirectTo", "Parameters.ForwardingSmtpAddress"),
    address=("ClientIP", "ClientIPAddress", "ActorIpAddress"),
    file=("SourceFileName", "ObjectId"),
)
_OFFICE_DIRECTORY = PartyFields(
    directory="microsoft", actor=_OFFICE.actor, targets=("ObjectId",), address=_OFFICE.address
)
_DIRECTORY_WORKLOAD = "AzureActiveDirectory"
_WINDOWS = PartyFields(
    directory="activedirectory",
    actor=("SubjectUserName", "User", "AccountName"),
    targets=("TargetUserName", "MemberName"),
    address=("IpAddress", "SourceIp", "ClientAddress", "SourceNetworkAddress"),
)
_WINDOWS_SIGN_IN = PartyFields(
    directory="activedirectory", actor=("TargetUserName",), targets=(), address=_WINDOWS.address
)
SIGN_IN_EVENTS = frozenset({4624, 4625, 4768, 4769, 4770, 4771, 4776, 4778})
"""Windows events about the account that signs in, by whatever account they were asked for."""
_PARTS = ("actor", "targets", "address", "country", "app", "file")
_FILE_NAMES = ("parameters.doc_title", "SourceFileName")
_BY_PRODUCT = {"google_workspace": _GOOGLE, "azure": _ENTRA, "m365": _OFFICE, "windows": _WINDOWS}


def list_party_fields() -> frozenset[str]:
    """Return the names of all fields that parties are read from."""
    products = (*_BY_PRODUCT.values(), _WINDOWS_SIGN_IN)
    names = (getattr(item, part) for item in products for part in _PARTS)
    return frozenset(name for fields in names for name in fields) | {"EventID", "Workload", *_FILE_NAMES}


def find_parties(event: LogEvent) -> Parties:
    """Return the parties of an event, by the fields of its product."""
    fields, names = event.fields, _BY_PRODUCT.get(event.source.product)
    if names is None:
        return Parties(actor=event.user, host=clip_host_name(event.host))
    if names is _WINDOWS and fields.get("EventID") in SIGN_IN_EVENTS:
        names = _WINDOWS_SIGN_IN
    elif names is _OFFICE and fields.get("Workload") == _DIRECTORY_WORKLOAD:
        names = _OFFICE_DIRECTORY  # its object is who it is done to; of files and mailboxes it is a path
    actor = find_text(fields, names.actor) or event.user
    file = find_text(fields, names.file)
    return Parties(
        directory=names.directory,
        actor=actor,
        targets=tuple(list_texts(fields, names.targets)),
        address=clean_address(find_text(fields, names.address)),
        country=find_text(fields, names.country).upper()[:2],
        host=clip_host_name(event.host),
        app=find_text(fields, names.app),
        file=file,
        file_name=find_text(fields, _FILE_NAMES) or file,
    )


def find_text(fields: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return the first value that is a text, empty if there is none."""
    for name in names:
        value = fields.get(name)
        if value is None:
            continue
        if isinstance(value, str):
            if value not in _NOBODY and value.strip().casefold() not in _NOBODY:
                return value.strip()
        elif texts := list_texts(fields, (name,)):
            return texts[0]
    return ""


def list_texts(fields: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Return the texts in these fields, each once and in their order."""
    texts: dict[str, None] = {}
    for name in names:
        value = fields.get(name)
        if value is None:
            continue
        for item in value if isinstance(value, list | tuple) else (value,):
            if isinstance(item, str) and (text := item.strip()).casefold() not in _NOBODY:
                texts[text] = None
    return list(texts)


def clip_host_name(name: str) -> str:
    """Return the short name of a host; an address stays as it is."""
    if not name or (name[0].isdigit() and _is_address(name)):
        return name
    return name.partition(".")[0]


@lru_cache(maxsize=CACHED_ADDRESSES)
def clean_address(text: str) -> str:
    """Return an address without brackets, port and the prefix of IPv4 in IPv6; empty if it is none."""
    if not text:
        return ""
    text = text.removeprefix(_WINDOWS_PREFIX)
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    return text if _is_address(text) else ""


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=CACHED_ADDRESSES)
def find_network(address: str) -> str:
    """Return the network of an address: /24 of IPv4, /48 of IPv6; empty if there is none."""
    if not address:
        return ""
    if ":" not in address:
        return f"{address.rpartition('.')[0]}.0/24"
    groups = ip_address(address).exploded.split(":")
    return ":".join(group.lstrip("0") or "0" for group in groups[:3]) + "::/48"
