"""All logs of a district, side by side."""

from __future__ import annotations

from homeroom.sample.fortnights.district.people import InventedPerson
from homeroom.sample.fortnights.district.plan import SERVICES, FortnightDistrict
from homeroom.sample.fortnights.logs.entra import EntraLogs
from homeroom.sample.fortnights.logs.google import GoogleLogs
from homeroom.sample.fortnights.logs.log_book import LogBook
from homeroom.sample.fortnights.logs.unified_log import UnifiedLog
from homeroom.sample.fortnights.logs.windows import DomainAccount, WindowsLogs


class VendorLogs:
    """The writers of all logs of a district."""

    def __init__(self, district: FortnightDistrict, book: LogBook) -> None:
        self.google = GoogleLogs(district, book)
        self.entra = EntraLogs(district, book)
        self.unified = UnifiedLog(district, book)
        self.windows = WindowsLogs(district, book)


def get_account(person: InventedPerson) -> DomainAccount:
    """Return the account of a person in the Windows domain."""
    return DomainAccount(name=person.sam, number=person.sid_number)


def get_admin_account(person: InventedPerson) -> DomainAccount:
    """Return the second account that a technician has for administration."""
    return DomainAccount(name=f"adm-{person.sam}"[:20], number=person.sid_number + 200_000)


def get_service_account(name: str) -> DomainAccount:
    """Return the account of a service."""
    return DomainAccount(name=name, number=1200 + SERVICES.index(name))
