"""Active Directory over LDAPS: every user account, with the attributes that the Get-ADUser reader uses.

Source: the AD schema (attribute names; objectGUID and objectSid are octets, MS-DTYP 2.3.4 and 2.4.2; whenCreated is a
generalized time, RFC 4517; the 64-bit times are not converted, MS-ADTS 3.1.1.5), the simple paged results control (RFC
2696) and the filter of users, `(&(objectCategory=person)(objectClass=user))`. No attribute that holds a password is
requested.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from homeroom.connectors.activedirectory.trust import NONE
from homeroom.ingest.remote import errors
from homeroom.ingest.remote.api_spec import (
    AccessToken,
    ApiSpec,
    Exchange,
    Feed,
    FeedPage,
    Request,
    SettingField,
    Settings,
    SyncStart,
)
from homeroom.ingest.remote.auth import build_basic_header

PAGE_SIZE = 500
USERS = "(&(objectCategory=person)(objectClass=user))"
BINARY = ("objectGUID", "objectSid", "sIDHistory")
ATTRIBUTES = (
    *("objectGUID", "objectSid", "objectClass", "sAMAccountName", "userPrincipalName", "mail", "proxyAddresses"),
    *("givenName", "sn", "title", "department", "employeeID", "employeeNumber", "memberOf", "adminCount"),
    *("userAccountControl", "whenCreated", "pwdLastSet", "lastLogonTimestamp", "lastLogon", "accountExpires"),
    *("servicePrincipalName", "sIDHistory"),
)
UNSET = {"adminCount": "0", "servicePrincipalName": NONE, "sIDHistory": NONE, "memberOf": NONE}
"""The value of a requested attribute that the response lacks: a directory omits what is not set."""
AUTHORITY = "Certificate-Authority"
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z")


def build_base_request(settings: Settings) -> Request:
    """Build the request for the directory and the part of it to read.

    The part is a DNS name, or a distinguished name, which is used as written.
    """
    server, part = settings["server"], settings["part"]
    address = server if "://" in server else f"ldaps://{server}"
    base = part if "=" in part else ",".join(f"DC={label}" for label in part.strip(".").split("."))
    return Request(url=f"{address.rstrip('/')}/{quote(base, safe='=,')}")


def authenticate(settings: Settings, exchange: Exchange, _at: datetime) -> AccessToken:
    """Bind once, so that a wrong password is reported before anything else. Raise RemoteError."""
    headers = build_basic_header(settings["account"], settings["password"])
    if settings["authority"]:
        headers |= {AUTHORITY: settings["authority"]}
    response = exchange(Request(url=build_base_request(settings).url, method="BIND", headers=headers))
    if response.status != 200:
        raise errors.build_status_error(response, title="signing in", scopes=())
    return AccessToken(headers=headers)


def build_first_request(settings: Settings, _start: SyncStart) -> Request:
    """Build the request for the first page of users."""
    return build_base_request(settings).replace_params(
        filter=USERS, attributes=" ".join(ATTRIBUTES), binary=" ".join(BINARY), size=str(PAGE_SIZE)
    )


def build_next_request(_settings: Settings, page: FeedPage) -> Request | None:
    """Build the request for the next page; None if the directory returned no cookie."""
    cookie = page.document["cookie"]
    return page.request.replace_params(cookie=cookie) if cookie else None


def normalize_rows(page: FeedPage) -> Sequence[dict[str, Any]]:
    """Return the rows as Get-ADUser would write them.

    Ids are text, the class is the most derived one, times are ISO 8601, and attributes that are not set have an
    explicit value, so that a page of users without any service name is known to have none.
    """
    return [_normalize_row(row) for row in page.rows]


def _normalize_row(row: dict[str, Any]) -> dict[str, Any]:
    normalized = {**UNSET, **row}
    if "objectGUID" in normalized:
        normalized["objectGUID"] = str(UUID(bytes_le=bytes.fromhex(normalized["objectGUID"])))
    if "objectSid" in normalized:
        normalized["objectSid"] = format_sid(bytes.fromhex(normalized["objectSid"]))
    if isinstance(normalized.get("objectClass"), list):
        normalized["objectClass"] = normalized["objectClass"][-1]
    if "whenCreated" in normalized:
        normalized["whenCreated"] = _TIME.sub(r"\1-\2-\3T\4:\5:\6Z", normalized["whenCreated"])
    return normalized


def format_sid(value: bytes) -> str:
    """Format a security identifier as text.

    Its parts are the revision, the authority (48 bits, big-endian), then 32-bit parts, little-endian.
    """
    parts = [int.from_bytes(value[at : at + 4], "little") for at in range(8, 8 + 4 * value[1], 4)]
    return "-".join(map(str, ("S", value[0], int.from_bytes(value[2:8], "big"), *parts)))


CLIENT = ApiSpec(
    name="activedirectory",
    title="Active Directory (LDAPS)",
    settings=(
        SettingField(
            name="server",
            title="Domain controller",
            example="dc1.maple.example",
            help="Its full name, as its certificate has it. It is asked over LDAPS, port 636.",
        ),
        SettingField(
            name="part",
            title="Domain, or the part of it to read",
            example="maple.example",
            help="A part is a distinguished name, such as OU=Staff,DC=maple,DC=example.",
        ),
        SettingField(name="account", title="Account that reads", example="homeroom-read@maple.example"),
        SettingField(name="password", title="Its password", secret=True),
        SettingField(
            name="authority",
            title="Certificate of your own authority",
            required=False,
            long=True,
            help="The PEM text of the authority that signed the controller's certificate. Empty: those that this "
            "machine trusts.",
        ),
    ),
    grant=(
        "In Active Directory Users and Computers, make a user for Homeroom, such as homeroom-read. Leave it in Domain "
        "Users alone: "
        "every domain account may read these attributes.",
        "Give it a long password, and on the tab Account, under Log On To, name the domain controller alone, so that "
        "it signs in at "
        "no other computer.",
        "The domain controller needs a certificate for LDAPS. Where Active Directory Certificate Services runs it has "
        "one; export "
        "the authority's own certificate as Base-64 and paste it here.",
        "From the machine of Homeroom, TCP port 636 of the domain controller has to be open.",
    ),
    authorize=authenticate,
    feeds=(
        Feed(
            id="users",
            title="users",
            kind="activedirectory.users.json",
            scopes=("Domain Users",),
            first=build_first_request,
            next=build_next_request,
            shape=normalize_rows,
        ),
    ),
)
