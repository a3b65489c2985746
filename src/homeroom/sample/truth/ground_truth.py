"""Ground truth of the invented district: the subjects that fail each control, and look-alikes.

Written from the facts that the district was made from, never from the exports: nothing here links records or reads
files. The definitions are those of the controls' descriptions; no code is shared with what assesses the district.
`people` and `devices` have, in districts of up to 50,000 students, the records of each person in a roster or staff list
(including their accounts) and of each device. Accounts that belong to no such person are in `accounts`, by kind: of a
service, shared, an administrator's, a leaver's (closed), or unknown; several of one unknown person are in `people` too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from homeroom.sample.files.active_directory import DirectoryAccount
from homeroom.sample.plan.school_calendar import SampleCalendar
from homeroom.sample.truth.covered_controls import COVERED_CONTROLS

RecordRef = dict[str, str]
"""A source record: {"source": connector's name, "key": the source's own id}."""

MAX_EXAMPLES: Final = 20
UNOWNED_KINDS: Final = {"nobody": "unknown", "service": "service", "shared": "shared", "built-in": "administrator"}
"""Kind of an account without a person, by its owner."""
UNREAD_LOGS: Final = {
    "canary-planted": (
        ("google", "google-canaries"),
        ("microsoft", "microsoft-canaries"),
        ("windows", "windows-canaries"),
    ),
    "google-logs-read": tuple(("google", f"google-{log}") for log in ("login", "admin", "drive", "token")),
    "microsoft-logs-read": (("microsoft", "entra-sign-ins"), ("microsoft", "entra-directory")),
    "vendor-alerts-read": (("google", "google-alerts"), ("microsoft", "microsoft-alerts")),
    "windows-powershell-read": (("windows", "windows-powershell"),),
    "windows-security-read": (("windows", "windows-security"),),
    "windows-sysmon-read": (("windows", "windows-sysmon"),),
}
"""By control, the logs that the district has and its exports lack: they are lists alone, without canaries."""
MAX_STUDENTS_WITH_CLUSTERS: Final = 50_000  # students


def build_ref(source: str, key: str) -> RecordRef:
    """Build the reference of one source record."""
    return {"source": source, "key": key}


@dataclass(slots=True, kw_only=True)
class GoogleAccount:
    """A Google account, and what is true of it.

    `owner` is works, student, left, guardian, service, shared or nobody; `kind` is how its idleness counts: student or
    staff; `second` is the second factor by the record of the sign-in provider, None if that record is missing; `upper`
    is true of students in grades 9 to 12, `young` of those in grades 3 to 5; `is_prompted` if Google requires one of a
    student.
    """

    key: str
    email: str
    first_name: str
    last_name: str
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
    is_prompted: bool = False

    @property
    def enabled(self) -> bool:
        """True if sign-in is possible."""
        return not (self.suspended or self.archived)

    @property
    def enforced(self) -> bool:
        """True if Google requires a second factor: of all employees, also in their weeks to enroll."""
        return self.enrolled or self.is_prompted or self.owner == "works"


@dataclass(slots=True, kw_only=True)
class Chromebook:
    """A ChromeOS device in Google's console, and what is true of it."""

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
        """End of updates that applies with the opt-in of the device."""
        return self.extended if self.extended and self.opted_in else self.expires


def add_years(day: date, years: int) -> date:
    """Return the same day some years later, or the last of February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


@dataclass(kw_only=True)
class GroundTruth:
    """Collector of what is true while the district is written."""

    calendar: SampleCalendar
    failing: dict[str, list[list[RecordRef]]] = field(
        default_factory=lambda: {control: [] for control in COVERED_CONTROLS}
    )
    cannot_tell: dict[str, list[list[RecordRef]]] = field(
        default_factory=lambda: {control: [] for control in COVERED_CONTROLS}
    )
    look_alikes: dict[tuple[str, str, str], list[RecordRef]] = field(default_factory=dict)
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    tools: dict[str, Any] = field(default_factory=dict)
    silent_carts: list[dict[str, Any]] = field(default_factory=list)
    super_admins: list[RecordRef] = field(default_factory=list)
    people: list[list[RecordRef]] = field(default_factory=list)
    devices: list[list[RecordRef]] = field(default_factory=list)
    accounts: dict[str, list[RecordRef]] = field(default_factory=dict)
    keep_clusters: bool = True

    def add_failure(self, control: str, records: list[RecordRef]) -> None:
        """Add a subject that fails one control."""
        self.failing[control].append(records)

    def add_unknown(self, control: str, records: list[RecordRef]) -> None:
        """Add a subject for which no source answers one control."""
        self.cannot_tell[control].append(records)

    def add_look_alike(self, name: str, control: str, reason: str, records: Iterable[RecordRef]) -> None:
        """Add a subject that only seems to fail; the first ones of a kind are listed."""
        examples = self.look_alikes.setdefault((name, control, reason), [])
        if len(examples) < MAX_EXAMPLES:
            examples.extend(records)

    def add_person(self, records: list[RecordRef]) -> None:
        """Add the records of one person."""
        if self.keep_clusters:
            self.people.append(records)

    def add_device(self, records: list[RecordRef]) -> None:
        """Add the records of one device."""
        if self.keep_clusters:
            self.devices.append(records)

    def evaluate_second_factor(self, control: str, second: bool | None, records: list[RecordRef]) -> None:
        """Evaluate a sign-in with, without, or with an unknown second factor."""
        if second is None:
            self.add_unknown(control, records)
        elif not second:
            self.add_failure(control, records)

    def evaluate_account(self, account: GoogleAccount) -> None:
        """Evaluate one Google account."""
        records = [build_ref("google", account.key)]
        self._add_unowned_account(account, records)
        if not account.enabled:
            if account.admin or account.delegated:
                self.add_failure("suspended-administrator", records)
            return
        if account.is_prompted and account.young:
            self.add_failure("young-students-not-asked", records)
        elif account.is_prompted:
            self.add_look_alike(
                "middle-asked", "young-students-not-asked", "Of the grades above, not of the youngest.", records
            )
        if account.owner in UNOWNED_KINDS:
            self.add_failure("unknown-person", records)
        if account.owner == "left":
            self.add_failure("leaver-account", records)
        self._evaluate_use(account, records)
        if account.owner == "works":
            self.evaluate_second_factor("staff-second-factor", account.second, records)
        if account.owner == "student" and account.upper:
            self.evaluate_second_factor("student-second-factor", account.second, records)
        if account.admin or account.delegated:
            self.evaluate_second_factor("admin-second-factor", account.second, records)
        if account.admin:
            self.super_admins.extend(records)

    def evaluate_directory_account(
        self, account: DirectoryAccount, records: list[RecordRef], *, cloud_record: RecordRef | None = None
    ) -> None:
        """Evaluate one on-premises account, which needs no second factor, since it cannot have one.

        An unknown person is one subject, with its account in the cloud.
        """
        self._add_unowned_account(account, records)
        if not account.enabled:
            return
        if account.owner in UNOWNED_KINDS:
            self._add_unknown_person(records, cloud_record=cloud_record)
        if account.owner == "left":
            self.add_failure("leaver-account", records)
        self._evaluate_use(account, records)

    def _add_unknown_person(self, records: list[RecordRef], *, cloud_record: RecordRef | None) -> None:
        subjects = self.failing["unknown-person"]
        place = next((index for index, subject in enumerate(subjects) if cloud_record in subject), None)
        if place is None:
            self.add_failure("unknown-person", records)
        else:
            subjects[place] = [*subjects[place], *records]

    def _add_unowned_account(self, account: GoogleAccount | DirectoryAccount, records: list[RecordRef]) -> None:
        """Add an account without a person in any list; a closed personal one is a leaver's."""
        if account.owner in UNOWNED_KINDS and self.keep_clusters:
            left = account.owner == "nobody" and not account.enabled
            self.accounts.setdefault("leaver" if left else UNOWNED_KINDS[account.owner], []).extend(records)

    def _evaluate_use(self, account: GoogleAccount | DirectoryAccount, records: list[RecordRef]) -> None:
        if account.last is None:
            if (self.calendar.today - account.created).days > 90:
                self.add_failure("never-used-account", records)
        elif account.kind == "student":
            if self.calendar.count_school_days(account.last) >= 45:
                self.add_failure("dormant-account", records)
        elif self.calendar.count_term_days(account.last) > 90:
            self.add_failure("dormant-account", records)

    def evaluate_chromebook(self, device: Chromebook) -> bool:
        """Evaluate one Chromebook and return whether it is silent."""
        records = [build_ref("google", device.key)]
        if device.in_assets:
            records.append(build_ref("snipeit", device.tag))
        self.add_device(records)
        if device.holder_left:
            self.add_failure("holder-gone", records)
        if device.lost:
            self._evaluate_lost(device, records)
        if device.status != "ACTIVE":
            return False
        if device.compliance == "notCompliant":
            self.add_failure("chromeos-version-asked-for", records)
        if not device.in_assets:
            self.add_failure("managed-without-asset-record", records)
        if device.retired:
            self.add_failure("retired-but-managed", records)
        if device.developer:
            self.add_failure("chromeos-developer-mode", records)
        is_extension_offered = device.extended is not None and not device.opted_in
        if is_extension_offered and device.expires <= add_years(self.calendar.today, 1):
            self.add_failure("chromeos-extension-offered", records)
        expiry_control = self._get_expiry_control(device.until)
        if expiry_control:
            self.add_failure(expiry_control, records)
        silent = not device.resting and self.calendar.count_school_days(device.last) >= 15
        if silent:
            self.add_failure("chromeos-silent", records)
        return silent

    def _evaluate_lost(self, device: Chromebook, records: list[RecordRef]) -> None:
        if device.status == "ACTIVE":
            self.add_failure("lost-chromebook-open", records)
        else:
            self.add_look_alike("lost-closed", "lost-chromebook-open", "Lost, and disabled since.", records)
        if (self.calendar.today - device.last).days <= 30:
            self.add_failure("lost-but-seen", records)

    def _get_expiry_control(self, until: date) -> str:
        today = self.calendar.today
        if until < today:
            return "chromeos-expired"
        if until <= add_years(today, 1):
            return "chromeos-expires-12-months"
        return "chromeos-expires-24-months" if until <= add_years(today, 2) else ""

    def close(self) -> None:
        """Evaluate what needs the complete district: the number of super administrators, and logs that nobody reads."""
        if not 2 <= len(self.super_admins) <= 8:
            self.add_failure("few-super-admins", self.super_admins)
        for control, refs in UNREAD_LOGS.items():
            for product, kind in refs:
                self.add_failure(control, [build_ref(product, kind)])

    def write(self, path: Path, *, header: dict[str, Any]) -> None:
        """Write truth.json."""
        document = {
            **header,
            "controls": {control: self._build_control_entry(control) for control in COVERED_CONTROLS},
            "policies": self.policies,
            "tools": self.tools,
            "look_alikes": [
                {"name": name, "control": control, "records": records, "why": reason}
                for (name, control, reason), records in self.look_alikes.items()
            ],
            **(
                {"people": self.people, "devices": self.devices, "accounts": self.accounts}
                if self.keep_clusters
                else {}
            ),
        }
        with path.open("w", encoding="utf-8", newline="\n") as file:
            json.dump(document, file, ensure_ascii=False)

    def _build_control_entry(self, control: str) -> dict[str, Any]:
        entry: dict[str, Any] = {"failing": self.failing[control], "cannot_tell": self.cannot_tell[control]}
        if control == "chromeos-silent":
            entry["silent_carts"] = self.silent_carts
        return entry


def build_scan_refs(mac: str, *scanners: str) -> list[RecordRef]:
    """Build the references of a host at scanners.

    They know it by its MAC address, which does not change, while its IP address is leased.
    """
    return [build_ref(scanner, mac.replace(":", "")) for scanner in scanners]
