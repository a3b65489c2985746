"""Whom a district calls in an incident, in the order in which it calls them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ContactKind(StrEnum):
    """Whom a contact is: the insurer's hotline and counsel come before anything is sent to anybody."""

    INSURER = "insurer"
    COUNSEL = "counsel"
    SUPERINTENDENT = "superintendent"
    STATE = "state"
    FBI = "fbi"
    CISA = "cisa"
    MS_ISAC = "ms_isac"
    POLICE = "police"
    COMMUNICATIONS = "communications"
    INTERNET_PROVIDER = "internet_provider"


@dataclass(frozen=True, kw_only=True)
class PublishedContact:
    """A contact that is the same for all districts, as its owner publishes it."""

    name: str
    phone: str = ""
    email: str = ""
    address: str = ""


PUBLISHED = {
    ContactKind.FBI: PublishedContact(
        name="FBI Internet Crime Complaint Center", phone="1-800-225-5324", address="https://www.ic3.gov"
    ),
    ContactKind.CISA: PublishedContact(
        name="CISA", phone="1-844-729-2472", email="report@cisa.gov", address="https://www.cisa.gov/report"
    ),
}
"""Contacts that a district need not look up. MS-ISAC is none of them: it answers its members only."""
