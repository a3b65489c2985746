"""Active Directory over LDAPS: every user account, with the attributes that the reader of Get-ADUser's exports reads.

Source: the AD schema (attribute names; objectGUID and objectSid are octets, MS-DTYP 2.3.4 and 2.4.2; whenCreated is a
generalized time, RFC 4517; the 64-bit times stay as they are, MS-ADTS 3.1.1.5), the simple paged results control (RFC 2696) and
the filter of users, `(&(objectCategory=person)(objectClass=user))`. No attribute that holds a password is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from homeroom.connectors.activedirectory.trust import NONE
from homeroom.ingest.remote import faults
from homeroom.ingest.remote.client import Client, Exchange, Feed, Field, Page, Request, Settings, Start, Token
from homeroom.ingest.remote.signing import basic

AT_ONCE = 500
USERS = "(&(objectCategory=person)(objectClass=user))"
BINARY = ("objectGUID", "objectSid", "sIDHistory")
ATTRIBUTES = (
    *("objectGUID", "objectSid", "objectClass", "sAMAccountName", "userPrincipalName", "mail", "proxyAddresses"),
    *("givenName", "sn", "title", "department", "employeeID", "employeeNumber", "memberOf", "adminCount"),
    *("userAccountControl", "whenCreated", "pwdLastSet", "lastLogonTimestamp", "lastLogon", "accountExpires"),
    *("servicePrincipalName", "sIDHistory"),
)
UNSET = {"adminCount": "0", "servicePrincipalName": NONE, "sIDHistory": NONE, "memberOf": NONE}
"""What an attribute stands for that was asked for and is not there: a directory leaves out what is not set."""
AUTHORITY = "Certificate-Authority"
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z")


def asking(settings: Settings) -> Request:
    """The address of the directory and the part of it that is read: a DNS name, or a distinguished name as it stands."""
    server, part = settings["server"], settings["part"]
    address = server if "://" in server else f"ldaps://{server}"
    base = part if "=" in part else ",".join(f"DC={label}" for label in part.strip(".").split("."))
    return Request(url=f"{address.rstrip('/')}/{quote(base, safe='=,')}")


def signed(settings: Settings, exchange: Exchange, _at: datetime) -> Token:
    """Binds once, so that a wrong password is told before anything else. Raises Fault."""
    headers = basic(settings["account"], settings["password"])
    if settings["authority"]:
        headers |= {AUTHORITY: settings["authority"]}
    answer = exchange(Request(url=asking(settings).url, method="BIND", headers=headers))
    if answer.status != 200:
        raise faults.of_status(answer, asked="signing in", scopes=())
    return Token(headers=headers)


def first(settings: Settings, _start: Start) -> Request:
    """The first page of users."""
    return asking(settings).asking(
        filter=USERS, attributes=" ".join(ATTRIBUTES), binary=" ".join(BINARY), size=str(AT_ONCE)
    )


def following(_settings: Settings, page: Page) -> Request | None:
    """The page after, for which the directory gave a cookie."""
    cookie = page.document["cookie"]
    return page.request.asking(cookie=cookie) if cookie else None


def shaped(page: Page) -> Sequence[dict[str, Any]]:
    """The rows as Get-ADUser would write them: ids as text, the most derived class alone, times in ISO 8601, and what is
    not set said to be so: a page of users of whom nobody has a service name knows that as well."""
    return [_shaped(row) for row in page.rows]


def _shaped(row: dict[str, Any]) -> dict[str, Any]:
    made = {**UNSET, **row}
    if "objectGUID" in made:
        made["objectGUID"] = str(UUID(bytes_le=bytes.fromhex(made["objectGUID"])))
    if "objectSid" in made:
        made["objectSid"] = sid(bytes.fromhex(made["objectSid"]))
    if isinstance(made.get("objectClass"), list):
        made["objectClass"] = made["objectClass"][-1]
    if "whenCreated" in made:
        made["whenCreated"] = _TIME.sub(r"\1-\2-\3T\4:\5:\6Z", made["whenCreated"])
    return made


def sid(value: bytes) -> str:
    """A security identifier as text: revision, authority (48 bits, big-endian), then 32-bit parts, little-endian."""
    parts = [int.from_bytes(value[at : at + 4], "little") for at in range(8, 8 + 4 * value[1], 4)]
    return "-".join(map(str, ("S", value[0], int.from_bytes(value[2:8], "big"), *parts)))


CLIENT = Client(
    name="activedirectory",
    title="Active Directory (LDAPS)",
    settings=(
        Field(
            name="server",
            title="Domain controller",
            example="dc1.maple.example",
            help="Its full name, as its certificate has it. It is asked over LDAPS, port 636.",
        ),
        Field(
            name="part",
            title="Domain, or the part of it to read",
            example="maple.example",
            help="A part is a distinguished name, such as OU=Staff,DC=maple,DC=example.",
        ),
        Field(name="account", title="Account that reads", example="homeroom-read@maple.example"),
        Field(name="password", title="Its password", secret=True),
        Field(
            name="authority",
            title="Certificate of your own authority",
            required=False,
            long=True,
            help="The PEM text of the authority that signed the controller's certificate. Empty: those that this machine trusts.",
        ),
    ),
    grant=(
        "In Active Directory Users and Computers, make a user for Homeroom, such as homeroom-read. Leave it in Domain Users alone: "
        "every domain account may read these attributes.",
        "Give it a long password, and on the tab Account, under Log On To, name the domain controller alone, so that it signs in at "
        "no other computer.",
        "The domain controller needs a certificate for LDAPS. Where Active Directory Certificate Services runs it has one; export "
        "the authority's own certificate as Base-64 and paste it here.",
        "From the machine of Homeroom, TCP port 636 of the domain controller has to be open.",
    ),
    authorise=signed,
    feeds=(
        Feed(
            id="users",
            title="users",
            kind="activedirectory.users.json",
            scopes=("Domain Users",),
            first=first,
            next=following,
            shape=shaped,
        ),
    ),
)
