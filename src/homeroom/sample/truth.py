"""What is true of the invented district: which subject fails which control, and who only looks as if.

Written from the facts that the district was made from, never from the exports: nothing here links records or reads
files. The definitions are those of the controls' descriptions; no code is shared with what judges the district. `people`
and `devices` hold, in districts of up to 50,000 pupils, the records of each person whom a roster or staff list carries
(their accounts among them) and of each device. Accounts that belong to no such person are in `accounts`, by what they are:
of a service, shared, an administrator's, a leaver's (closed), or unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from homeroom.sample.activedirectory import DirectoryAccount
from homeroom.sample.days import Calendar
from homeroom.sample.spoken import CONTROLS

Ref = dict[str, str]
"""One source record: {"source": connector's name, "key": the source's own id}."""

EXAMPLES_AT_MOST: Final = 20
NOBODYS: Final = {"nobody": "unknown", "service": "service", "shared": "shared", "built-in": "administrator"}
"""What an account of nobody is, by its owner."""
CLUSTERS_AT_MOST: Final = 50_000  # students


def ref(source: str, key: str) -> Ref:
    """One source record."""
    return {"source": source, "key": key}


@dataclass(slots=True, kw_only=True)
class Account:
    """A Google account, and what is true of it.

    `owner` is works, pupil, left, guardian, service, shared or nobody; `kind` is how its idleness counts: pupil or staff;
    `second` is the second factor by the record that judges the sign-in, None where that record is missing; `upper` is true
    of pupils in grades 9 to 12, `young` of those in grades 3 to 5; `demanded` where Google asks a pupil for one.
    """

    key: str
    email: str
    given: str
    family: str
    unit: str
    number: str = ""
    aliases: tuple[str, ...] = ()
    suspended: bool = False
    archived: bool = False
    admin: bool = False
    delegated: bool = False
    enrolled: bool = False
    last: date | None = None
    created: date
    owner: str
    kind: str = "staff"
    second: bool | None = None
    upper: bool = False
    young: bool = False
    demanded: bool = False

    @property
    def enabled(self) -> bool:
        """Whether sign-in is possible."""
        return not (self.suspended or self.archived)

    @property
    def enforced(self) -> bool:
        """Whether Google demands a second factor: of all who work here, also in the weeks that they have to enrol."""
        return self.enrolled or self.demanded or self.owner == "works"


@dataclass(slots=True, kw_only=True)
class Chromebook:
    """A ChromeOS device in Google's console, and what is true of it. `case` is why it is not like the others."""

    key: str
    serial: str
    tag: str
    model: str
    unit: str
    location: str
    user: str = ""
    status: str = "ACTIVE"
    developer: bool = False
    last: date
    enrolled: date
    expires: date
    extended: date | None = None
    opted_in: bool = False
    in_assets: bool = True
    resting: bool = False
    retired: bool = False
    lost: bool = False
    compliance: str = "compliant"  # of its version with the policy
    holder_left: bool = False

    @property
    def until(self) -> date:
        """The end of updates that applies with the opt-in it has."""
        return self.extended if self.extended and self.opted_in else self.expires


def years_after(day: date, years: int) -> date:
    """The same day some years later; the last of February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


@dataclass(kw_only=True)
class Truth:
    """Collects what is true while the district is written."""

    calendar: Calendar
    failing: dict[str, list[list[Ref]]] = field(default_factory=lambda: {control: [] for control in CONTROLS})
    cannot_tell: dict[str, list[list[Ref]]] = field(default_factory=lambda: {control: [] for control in CONTROLS})
    look_alikes: dict[tuple[str, str, str], list[Ref]] = field(default_factory=dict)
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    silent_carts: list[dict[str, Any]] = field(default_factory=list)
    super_admins: list[Ref] = field(default_factory=list)
    people: list[list[Ref]] = field(default_factory=list)
    devices: list[list[Ref]] = field(default_factory=list)
    accounts: dict[str, list[Ref]] = field(default_factory=dict)
    keep_clusters: bool = True

    def fails(self, control: str, records: list[Ref]) -> None:
        """One subject fails one control."""
        self.failing[control].append(records)

    def unknown(self, control: str, records: list[Ref]) -> None:
        """Of one subject no source says what one control asks."""
        self.cannot_tell[control].append(records)

    def innocent(self, name: str, control: str, why: str, records: Iterable[Ref]) -> None:
        """Somebody or something that looks guilty; the first of a kind are kept."""
        kept = self.look_alikes.setdefault((name, control, why), [])
        if len(kept) < EXAMPLES_AT_MOST:
            kept.extend(records)

    def person(self, records: list[Ref]) -> None:
        """The records of one person."""
        if self.keep_clusters:
            self.people.append(records)

    def device(self, records: list[Ref]) -> None:
        """The records of one device."""
        if self.keep_clusters:
            self.devices.append(records)

    def second_factor(self, control: str, second: bool | None, records: list[Ref]) -> None:
        """A sign-in with, without, or with an unknown second factor."""
        if second is None:
            self.unknown(control, records)
        elif not second:
            self.fails(control, records)

    def account(self, account: Account) -> None:
        """Judge one Google account."""
        records = [ref("google", account.key)]
        self._nobodys(account, records)
        if not account.enabled:
            if account.admin or account.delegated:
                self.fails("suspended-administrator", records)
            return
        if account.demanded and account.young:
            self.fails("young-pupils-not-asked", records)
        elif account.demanded:
            self.innocent(
                "middle-asked", "young-pupils-not-asked", "Of the grades above, not of the youngest.", records
            )
        if account.owner in NOBODYS:
            self.fails("unknown-person", records)
        if account.owner == "left":
            self.fails("leaver-account", records)
        self._use(account, records)
        if account.owner == "works":
            self.second_factor("staff-second-factor", account.second, records)
        if account.owner == "pupil" and account.upper:
            self.second_factor("student-second-factor", account.second, records)
        if account.admin or account.delegated:
            self.second_factor("admin-second-factor", account.second, records)
        if account.admin:
            self.super_admins.extend(records)

    def on_premises(self, account: DirectoryAccount, records: list[Ref]) -> None:
        """Judge one account on premises. Nobody asks it for a second factor: it cannot hold one."""
        self._nobodys(account, records)
        if not account.enabled:
            return
        if account.owner in NOBODYS:
            self.fails("unknown-person", records)
        if account.owner == "left":
            self.fails("leaver-account", records)
        self._use(account, records)

    def _nobodys(self, account: Account | DirectoryAccount, records: list[Ref]) -> None:
        """An account of nobody whom a list carries; one that is closed and of no use to a machine is a leaver's."""
        if account.owner in NOBODYS and self.keep_clusters:
            left = account.owner == "nobody" and not account.enabled
            self.accounts.setdefault("leaver" if left else NOBODYS[account.owner], []).extend(records)

    def _use(self, account: Account | DirectoryAccount, records: list[Ref]) -> None:
        if account.last is None:
            if (self.calendar.today - account.created).days > 90:
                self.fails("never-used-account", records)
        elif account.kind == "pupil":
            if self.calendar.school_days(account.last) >= 45:
                self.fails("dormant-account", records)
        elif self.calendar.term_days(account.last) > 90:
            self.fails("dormant-account", records)

    def chromebook(self, device: Chromebook) -> bool:
        """Judge one Chromebook; true where it is silent."""
        records = [ref("google", device.key)]
        if device.in_assets:
            records.append(ref("snipeit", device.tag))
        self.device(records)
        if device.holder_left:
            self.fails("holder-gone", records)
        if device.lost:
            self._lost(device, records)
        if device.status != "ACTIVE":
            return False
        if device.compliance == "notCompliant":
            self.fails("chromeos-version-asked-for", records)
        if not device.in_assets:
            self.fails("managed-without-asset-record", records)
        if device.retired:
            self.fails("retired-but-managed", records)
        if device.developer:
            self.fails("chromeos-developer-mode", records)
        offered = device.extended is not None and not device.opted_in
        if offered and device.expires <= years_after(self.calendar.today, 1):
            self.fails("chromeos-extension-offered", records)
        band = self._band(device.until)
        if band:
            self.fails(band, records)
        silent = not device.resting and self.calendar.school_days(device.last) >= 15
        if silent:
            self.fails("chromeos-silent", records)
        return silent

    def _lost(self, device: Chromebook, records: list[Ref]) -> None:
        if device.status == "ACTIVE":
            self.fails("lost-chromebook-open", records)
        else:
            self.innocent("lost-closed", "lost-chromebook-open", "Lost, and disabled since.", records)
        if (self.calendar.today - device.last).days <= 30:
            self.fails("lost-but-seen", records)

    def _band(self, until: date) -> str:
        today = self.calendar.today
        if until < today:
            return "chromeos-expired"
        if until <= years_after(today, 1):
            return "chromeos-expires-12-months"
        return "chromeos-expires-24-months" if until <= years_after(today, 2) else ""

    def close(self) -> None:
        """Judge what needs the whole district: how many super administrators there are."""
        if not 2 <= len(self.super_admins) <= 8:
            self.fails("few-super-admins", self.super_admins)

    def write(self, path: Path, *, head: dict[str, Any]) -> None:
        """Write truth.json."""
        document = {
            **head,
            "controls": {control: self._control(control) for control in CONTROLS},
            "policies": self.policies,
            "look_alikes": [
                {"name": name, "control": control, "records": records, "why": why}
                for (name, control, why), records in self.look_alikes.items()
            ],
            **(
                {"people": self.people, "devices": self.devices, "accounts": self.accounts}
                if self.keep_clusters
                else {}
            ),
        }
        with path.open("w", encoding="utf-8", newline="\n") as file:
            json.dump(document, file, ensure_ascii=False)

    def _control(self, control: str) -> dict[str, Any]:
        stated: dict[str, Any] = {"failing": self.failing[control], "cannot_tell": self.cannot_tell[control]}
        if control == "chromeos-silent":
            stated["silent_carts"] = self.silent_carts
        return stated


def scanned_as(mac: str, *scanners: str) -> list[Ref]:
    """Records of a host at scanners: known by its network address, which stays while its IP address is only lent."""
    return [ref(scanner, mac.replace(":", "")) for scanner in scanners]
