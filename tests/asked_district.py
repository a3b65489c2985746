"""A small district with staff, students, their accounts and devices, loaded, resolved and assessed as in production."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from copy import copy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.inventory.models import Person
from homeroom.apps.platform.districts.models import District
from homeroom.apps.protect.posture.commands import assess
from homeroom.evidence.files.manifests import Load
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.loads.writer import LoadWriter
from homeroom.library.protect.controls import load_controls
from tests.cast import create_cast

TODAY = date(2026, 1, 15)
AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)
# key, given name, family name, role, school
PEOPLE = (
    ("e1", "Ruth", "Castellan", "teacher", "Lincoln Elementary"),
    ("e2", "Mary Ann", "Okafor", "teacher", "Cedar Middle"),
    ("e3", "Jorge", "Valdez", "staff", "Cedar Middle"),
    ("s1", "Kofi", "Ondaatje", "student", "Cedar Middle"),
    ("b1", "Priya", "Berisha", "staff", "Lincoln Elementary"),  # also a student
)


class AskedDistrict:
    """A district whose lists a test changes, one morning after another."""

    def __init__(self, district: District, folder: Path) -> None:
        self.district, self.store = district, EvidenceStore(folder, district=district.slug)
        self.at, self.runs = AT, 0
        self.enrolled: dict[str, bool | None] = {key: False for key, *_ in PEOPLE}
        """Whether the Google account of a person has a second factor."""
        self.restarted = False

    @property
    def today(self) -> date:
        return self.at.date()

    def load_roster(self) -> None:
        """Load the roster, which decides who works and learns here."""
        roles = [
            {"person_key": key, "role": role, "org_key": school, "org_name": school, "status": "active"}
            for key, _, _, role, school in PEOPLE
        ]
        roles.append({**roles[-1], "role": "student"})
        people = [
            {
                "key": key, "status": "active", "enabled": True, "given_name": first_name, "family_name": family,
                "email": build_address(key), "identifier": key, "org_key": school, "org_name": school,
            }
            for key, first_name, family, _, school in PEOPLE
        ]  # fmt: skip
        self._publish("oneroster", "oneroster.roster", {"person_records": people, "role_records": roles}, decides=True)

    def load_accounts(self) -> None:
        """Load the Google users, each with the second factor that `enrolled` has."""
        accounts = [
            {
                "key": key, "email": build_address(key), "given_name": first_name, "family_name": family,
                "external_ids": [key], "org_unit": "/Students" if role == "student" else "/Staff", "suspended": False,
                "archived": False, "super_admin": False, "delegated_admin": False, "mfa_enrolled": self.enrolled[key],
                "mfa_enforced": False, "last_sign_in": self.at - timedelta(days=1), "never_signed_in": False,
            }
            for key, first_name, family, role, _ in PEOPLE
        ]  # fmt: skip
        self._publish("google", "google.users", {"account_records": accounts})

    def load_devices(self) -> None:
        """Load the computers of the first teacher and of the student from Intune, restarted long ago or today."""
        restarted = self.at - timedelta(days=0 if self.restarted else 60)
        devices = [
            {
                "key": f"d-{key}", "serial": f"5CD{key}", "name": f"LAPTOP-{key}", "model": "Latitude 3340",
                "kind": "laptop", "platform": "windows", "holder_email": build_address(key), "status": "active",
                "managed": True,
                "last_seen": self.at - timedelta(hours=3), "last_restart": restarted,
            }
            for key in ("e1", "s1")
        ]  # fmt: skip
        self._publish("microsoft", "microsoft.devices", {"device_records": devices})

    def judge(self) -> None:
        """Resolve what is loaded, and assess it by the controls that ask people."""
        self.at += timedelta(minutes=5)
        resolve(district=self.district, store=self.store, today=self.today, at=self.at)
        controls = [control for control in load_controls() if control.ask is not None]
        assess(district=self.district, store=self.store, today=self.today, at=self.at, controls=controls)

    def load_all(self) -> None:
        """Load all lists and judge them."""
        self.load_roster()
        self.load_accounts()
        self.load_devices()
        self.judge()

    def wait(self, **time: float) -> None:
        """Let time pass, such as days=1."""
        self.at += timedelta(**time)

    def get_person(self, key: str) -> int:
        """Return the person of a key by ledger id."""
        rows = Person.objects.of(self.district).filter(email=build_address(key), closed=None)
        return int(rows.values_list("subject", flat=True).get())

    def _publish(
        self, connector: str, stream: str, rows: dict[str, list[dict[str, Any]]], *, decides: bool = False
    ) -> None:
        self.runs += 1
        self.at += timedelta(minutes=1)
        with self.store.lock_for_writing():
            draft = LoadWriter(self.store.blobs)
            for table, records in rows.items():
                lines = [{"_line": line} | record for line, record in enumerate(records, 2)]
                draft.write(table, pl.DataFrame(lines, infer_schema_length=None), file=0)
            tables, _, _ = draft.finish(names=["export.csv"])
            self.store.publish(
                Load(
                    id="", connector=connector, instance=connector, stream=stream, scope="/", mode="full",
                    loaded_at=self.at, fingerprint=f"{connector}-{self.runs}", reader_version="1", files=(),
                    tables=tables, rows_read=len(rows), rows_kept=len(rows), rows_rejected=0,
                    decides=("staff", "student") if decides else (),
                )
            )  # fmt: skip


def build_address(key: str) -> str:
    """Return the address of a person."""
    return f"{key}@maple.test"


def prepare_asked_district(blocker: Any, folder: Path) -> Iterator[tuple[AskedDistrict, Path]]:
    """Yield a loaded and assessed district and its data folder, within a transaction that is rolled back after.

    Tests of a module share it: each gets a copy of the folder, and its own changes of the database are rolled back.
    """
    data = settings.DATA
    with blocker.unblock(), transaction.atomic():
        settings.DATA = folder
        place = AskedDistrict(create_cast().district, folder / "evidence")
        place.load_all()
        settings.DATA = data
        yield place, folder
        transaction.set_rollback(True)


def copy_asked_district(place: AskedDistrict, folder: Path, target: Path) -> AskedDistrict:
    """Return the district with a copy of its data folder."""
    shutil.copytree(folder, target, dirs_exist_ok=True)
    copied = copy(place)
    copied.enrolled = dict(place.enrolled)
    copied.store = EvidenceStore(target / "evidence", district=place.district.slug)
    return copied
