"""Open members of findings that a source still sees and that are not accepted: those that somebody can act on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

import numpy as np
from django.db.models import Q

from homeroom.apps.protect.exceptions.queries import list_acceptances
from homeroom.apps.protect.posture.models import Member
from homeroom.apps.protect.posture.published.queries import AssessmentRef, OpenFinding, list_open_findings
from homeroom.apps.protect.posture.rows.subject_states import load_finding_members
from homeroom.domain.platform.district import District
from homeroom.evidence.page_cache.mapped_files import Positions


def iter_seen_members(
    *, district: District, assessment: AssessmentRef, controls: Collection[str], today: date
) -> Iterator[tuple[OpenFinding, Positions]]:
    """Yield the findings of those controls, each with the subjects that fail today.

    Left out is what no source sees any more, and what is accepted today, assessed with the acceptance or not yet.
    Raise QueryTimeout.
    """
    acceptances = [entry for entry in list_acceptances(district=district, today=today) if entry.control in controls]
    findings = [
        finding
        for finding in list_open_findings(district=district, assessment=assessment)
        if finding.control.id in controls
    ]
    for finding in findings:
        own = [entry for entry in acceptances if (entry.control, entry.group) == (finding.control.id, finding.group)]
        if any(entry.subject is None for entry in own):
            continue
        subjects = load_finding_members(district=district, assessment=assessment, finding_id=finding.id).subjects
        left_out = {entry.subject for entry in own if entry.subject is not None}
        if finding.not_seen or finding.stale:
            left_out |= set(_list_unseen(district, assessment.number, finding.id))
        yield finding, subjects[~np.isin(subjects, list(left_out))] if left_out else subjects


def _list_unseen(district: District, number: int, finding_id: int) -> Collection[int]:
    is_open = Q(closed=None) | Q(closed__gt=number)
    rows = Member.objects.of(district).filter(
        is_open, finding_id=finding_id, opened__lte=number, not_seen_since__isnull=False
    )
    return rows.values_list("subject", flat=True)
