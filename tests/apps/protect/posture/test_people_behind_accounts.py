"""People behind open accounts are counted as in a loop over them, however many they are."""

from __future__ import annotations

from collections import defaultdict

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from homeroom.apps.protect.posture.assess.publisher import count_people
from homeroom.apps.protect.posture.models import Finding
from homeroom.domain.platform.district import District
from tests.amounts import choose_amount
from tests.cast import create_cast

ACCOUNTS = choose_amount(brief=20_000, thorough=1_000_000)


@pytest.fixture
def district(db: None) -> District:
    return create_cast().district


def _create_finding(district: District, control: str, kind: str) -> int:
    finding = Finding.objects.create(
        district_id=district.pk, public=f"F-{control}", control=control, group="", subject_kind=kind, first_opened=1
    )
    return finding.pk


def test_people_are_counted_as_in_a_loop(district: District) -> None:
    numbers = [_create_finding(district, f"control-{number}", "account") for number in range(6)]
    devices = _create_finding(district, "control-of-devices", "device")
    random = np.random.default_rng(20261127)
    people = [None if not number % 7 else int(number % 5_000) for number in range(ACCOUNTS)]
    findings = random.choice([*numbers[:5], devices], ACCOUNTS).astype(np.int64)
    subjects = np.arange(ACCOUNTS, dtype=np.int64)
    subjects[::11] += ACCOUNTS  # accounts that the snapshot lacks
    expected: dict[int, set[tuple[str, int]]] = defaultdict(set)
    for finding, subject in zip(findings.tolist(), subjects.tolist(), strict=True):
        person = people[subject] if subject < ACCOUNTS else None
        if finding != devices:
            expected[finding].add(("account", subject) if person is None else ("person", person))
    session = duckdb.connect()
    session.register("accounts", pa.table({"id": np.arange(ACCOUNTS), "person": pa.array(people, pa.int64())}))
    counted = count_people(district=district, session=session, findings=findings, subjects=subjects)
    assert counted == {finding: len(members) for finding, members in expected.items()}
    assert devices not in counted
    only_devices = np.full(3, devices, dtype=np.int64)
    assert count_people(district=district, session=session, findings=only_devices, subjects=subjects[:3]) == {}
