"""What the evidence knows of a district, in tables that are looked up once an event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from homeroom.domain.protect.detections.alerts import Role
from homeroom.domain.protect.detections.canaries import TouchWindow
from homeroom.engines.protect.enrich.host_roles import guess_role

_PRIVATE: list[IPv4Network | IPv6Network] = [
    *(ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")),
    *(ip_network(text) for text in ("::1/128", "fc00::/7", "fe80::/10")),
]

WINDOWS_DIRECTORY = "activedirectory"


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountFacts:
    """An account: `id` is public, `names` are all that logs use, in lower case, `logon_name` is that of Windows.

    `person` is the number of whose it is, else the account's own; `has_person` is whether somebody was found.
    """

    id: str
    directory: str
    name: str
    names: tuple[str, ...]
    kind: str
    administrator: bool | None = None
    super_administrator: bool | None = None
    state: str = "active"
    person: str = ""
    logon_name: str = ""
    has_person: bool = False

    @property
    def role(self) -> Role:
        """Return whose account it is, the strongest first."""
        if self.super_administrator:
            return Role.SUPER_ADMINISTRATOR
        if self.administrator:
            return Role.ADMINISTRATOR
        return {"staff": Role.STAFF, "student": Role.STUDENT, "service": Role.SERVICE}.get(self.kind, Role.UNKNOWN)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceFacts:
    """A device: its public id and what it does, by its short name in lower case."""

    id: str
    name: str
    role: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Canary:
    """An account, document or file that nobody has a reason to touch; `value` in lower case.

    A touch counts from when it was planted until it was retired, if either is known. `tests` are planned touches.
    """

    kind: str
    value: str
    name: str
    since: datetime | None = None
    until: datetime | None = None
    tests: tuple[TouchWindow, ...] = ()

    def covers(self, time: datetime | None) -> bool:
        """Return whether an event of that time is a touch."""
        if time is None:
            return True
        return (self.since is None or time >= self.since) and (self.until is None or time <= self.until)

    def find_test(self, time: datetime | None) -> TouchWindow | None:
        """Return the test that was running at that time, the newest first; None if none was."""
        running = (test for test in self.tests if time is not None and test.covers(time))
        return max(running, key=lambda test: test.since, default=None)

    def merge(self, other: Canary) -> Canary:
        """Return one canary for two entries of it, which is watched while either is."""
        return replace(
            self,
            since=None if self.since is None or other.since is None else min(self.since, other.since),
            until=None if self.until is None or other.until is None else max(self.until, other.until),
            tests=(*self.tests, *other.tests),
        )


class DistrictKnowledge:
    """Accounts, devices, domains, addresses and canaries of a district."""

    def __init__(
        self,
        *,
        accounts: Iterable[AccountFacts] = (),
        devices: Iterable[DeviceFacts] = (),
        own_networks: Iterable[str] = (),
        canaries: Iterable[Canary] = (),
    ) -> None:
        self._accounts: dict[str, dict[str, AccountFacts]] = {}
        self._anywhere: dict[str, AccountFacts | None] = {}
        domains: set[str] = set()
        for account in accounts:
            self._add_account(account)
            domains.add(account.name.rpartition("@")[2] if "@" in account.name else "")
        self.domains = {domain.casefold() for domain in domains} - {""}
        self.directories = set(self._accounts)
        self._devices = {device.name: device for device in devices}
        self._own = [ip_network(text, strict=False) for text in own_networks]
        self._own_answers: dict[str, bool] = {}
        self.canaries: dict[str, dict[str, Canary]] = {"account": {}, "document": {}, "file": {}}
        self.add_canaries(canaries)

    def _add_account(self, account: AccountFacts) -> None:
        in_directory, anywhere = self._accounts.setdefault(account.directory, {}), self._anywhere
        for name in account.names:
            in_directory.setdefault(name, account)
            before = anywhere.setdefault(name, account)
            if before is not account and before is not None and before.person != account.person:
                anywhere[name] = None

    def add_canaries(self, canaries: Iterable[Canary]) -> None:
        """Watch canaries, those of accounts by all names that logs call them."""
        for canary in canaries:
            values = [canary.value]
            if canary.kind == "account" and (account := self.find_account(canary.value, directory="")):
                values += [name for name in account.names if not name.isdecimal()]
            group = self.canaries[canary.kind]
            for value in dict.fromkeys(values):
                before = group.get(value)
                merged = before.merge(canary) if before else canary
                group[value] = replace(merged, name=canary.name, value=value) if value == canary.value else merged

    def find_account(self, name: str, *, directory: str) -> AccountFacts | None:
        """Return the account of that name, in that directory before others; None if none or several have it.

        Windows also writes `DOMAIN\\name` and, in tickets, `name@DOMAIN.LOCAL`.
        """
        key = name.rpartition("\\")[2].casefold()
        account = self._accounts.get(directory, {}).get(key) or self._anywhere.get(key)
        if account is None and directory == WINDOWS_DIRECTORY and "@" in key:
            return self.find_account(key.partition("@")[0], directory=directory)
        return account

    def find_device(self, host: str) -> DeviceFacts | None:
        """Return the device with that short name."""
        return self._devices.get(host.casefold())

    def find_host_role(self, host: str) -> str:
        """Return what a host with that short name does, by the inventory or else its name; empty if neither knows."""
        device = self.find_device(host)
        return (device.role if device else "") or guess_role(host)

    def is_outside(self, address: str) -> bool | None:
        """Return whether a mail address is of no domain of the district; None for other names and without accounts."""
        domain = address.rpartition("@")[2].casefold()
        if "@" not in address or not self.domains:
            return None
        return not any(domain == own or domain.endswith(f".{own}") for own in self.domains)

    @property
    def declares_networks(self) -> bool:
        """Whether the district declared its own networks."""
        return bool(self._own)

    def has_own_network(self, address: str) -> bool:
        """Return whether an address is declared as the district's own, or of a private network."""
        answer = self._own_answers.get(address)
        if answer is None:
            answer = self._own_answers[address] = self._is_own(address)
        return answer

    def _is_own(self, address: str) -> bool:
        number = ip_address(address)
        return any(number in network for network in (*_PRIVATE, *self._own))
