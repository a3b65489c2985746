"""Needs of a refresh problem: devices for the students of a school, and spares for those that are expected to break."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from homeroom.apps.manage.budget.evidence_remarks import EvidenceRemark, count_devices
from homeroom.apps.manage.budget.evidence_rows import NO_SCHOOL, RefreshEvidence

ALMOST = 1e-9
"""What a sum of shares may be above a whole number without needing a further device."""


def build_needs(
    evidence: RefreshEvidence,
    *,
    per_100_students: Mapping[str, int],
    breaking: Mapping[str, float],
    years: Sequence[int],
) -> tuple[dict[tuple[str, str, int], int], list[EvidenceRemark]]:
    """Return the devices that each school needs by kind and year, and remarks.

    `breaking` is the share of each model's devices that is expected to break within a year; a kind without such
    models gets no spares, and a remark.
    """
    remarks: list[EvidenceRemark] = []
    students = {school: count for school, count in evidence.students.items() if school != NO_SCHOOL}
    if per_100_students and not students:
        remarks.append(EvidenceRemark(about="need", name="all", reason="no roster says how many students a school has"))
    if per_100_students and (nowhere := evidence.students.get(NO_SCHOOL, 0)):
        reason = f"of all students, {nowhere:,} are in no school: nothing is needed for them"
        remarks.append(EvidenceRemark(about="need", name="students", reason=reason))
    placeless = sum(
        item.count for item in evidence.devices if item.school == NO_SCHOOL and item.kind in per_100_students
    )
    if placeless and students:
        reason = f"{count_devices(placeless)} in no school: no school's need is filled with them"
        remarks.append(EvidenceRemark(about="need", name="devices", reason=reason))
    spares = _count_spares(evidence, breaking)
    needs: dict[tuple[str, str, int], int] = {}
    for kind, per_100 in sorted(per_100_students.items()):
        total = 0
        for school, count in students.items():
            spare = math.ceil(spares.get((school, kind), 0.0) - ALMOST)
            total += spare
            for year in years:
                needs[school, kind, year] = math.ceil(count * per_100 / 100) + spare
        if students:
            remarks.append(EvidenceRemark(about="spares", name=kind, reason=_explain_spares(kind, total, spares)))
    return needs, remarks


def _explain_spares(kind: str, total: int, spares: Mapping[tuple[str, str], float]) -> str:
    if kind in {pair[1] for pair in spares}:
        return f"{total:,} spares, by the breakage that is expected within a year"
    return "no spares: its breakage cannot be told (homeroom breakage needs 10 breakages of a model)"


def _count_spares(evidence: RefreshEvidence, breaking: Mapping[str, float]) -> dict[tuple[str, str], float]:
    expected: defaultdict[tuple[str, str], float] = defaultdict(float)
    for devices in evidence.devices:
        if devices.model in breaking:
            expected[devices.school, devices.kind] += devices.count * breaking[devices.model]
    return dict(expected)
