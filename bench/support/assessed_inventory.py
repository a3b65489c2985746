"""A published assessment over a generated inventory: every control with its counts, and open findings with members."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from bench.support.inventory_rows import SNAPSHOT

TODAY = date(2026, 1, 15)
AT = datetime(2026, 1, 15, 11, tzinfo=UTC)
_BATCH = 20_000
_FAILING_EVERY = 2
"""Every so manieth control has an open finding."""


def add_assessments(district: Any, *, people: int) -> dict[str, float]:
    """Publish two assessments; a fifth as many members as there are people are open. Return their numbers."""
    from homeroom.apps.manage.planning.commands import set_hours
    from homeroom.apps.platform.districts.models import User
    from homeroom.apps.protect.posture.assess.publisher import write_finding_results
    from homeroom.apps.protect.posture.catalog.controls import load_all_controls
    from homeroom.apps.protect.posture.models import Assessment, ControlResult, Finding, Member, PublishedAssessment
    from homeroom.domain.ids import format_public_id, hash_finding_id

    controls = list(load_all_controls().values())
    failing = controls[::_FAILING_EVERY]
    share = people // 5 // len(failing)
    for number in (1, 2):
        at = AT - timedelta(days=2 - number)
        Assessment.objects.create(
            district=district, number=number, at=at, today=at.date(), derived=SNAPSHOT, controls="c", as_of=at
        )
        ControlResult.objects.bulk_create(
            ControlResult(
                district=district,
                assessment=number,
                control=control.id,
                severity=control.severity,
                population=people,
                passing=people - (share if control in failing else 0) - 7,
                failing=share if control in failing else 0,
                cannot_tell=7,
                excepted=0,
                not_applicable=0,
            )
            for control in controls
        )
    for control in failing:
        public = format_public_id("finding", hash_finding_id(control.id, ""))
        finding = Finding.objects.create(
            district=district, public=public, control=control.id, subject_kind="account", first_opened=1
        )
        Member.objects.bulk_create(
            (
                Member(
                    district=district,
                    finding=finding,
                    subject=number,
                    since=TODAY - timedelta(days=20),
                    opened=1 + number % 50 // 49,
                    snapshot=SNAPSHOT,
                )
                for number in range(share)
            ),
            batch_size=_BATCH,
        )
    write_finding_results(district=district, number=2, today=TODAY, people={})
    PublishedAssessment.objects.update_or_create(district=district, defaults={"assessment": 2})
    director = User.objects.get(username="director").get_username()
    set_hours(district=district, actor=director, at=AT, hours={director: 18})
    return {"findings": float(len(failing)), "members": float(share * len(failing))}
