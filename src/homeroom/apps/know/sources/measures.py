"""Measures of drops of files and of verified trails, for whoever monitors the installation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from homeroom.apps.know.sources.nightly_verification import read_verification
from homeroom.apps.know.sources.queries import count_jobs_by_state
from homeroom.apps.platform.audit.verification import find_lost_trails
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.apps.platform.monitoring.measure import Measure


def measure_loads(*, at: datetime) -> Iterator[Measure]:  # noqa: ARG001  (what every measure is called with)
    """Yield the number of drops of all districts by state."""
    yield Measure(
        name="homeroom_loads",
        meaning="Drops of files by state: waiting, running, done, refused, failed.",
        labels=("state",),
        values={(state,): count for state, count in count_jobs_by_state().items()},
    )


def measure_verifications(*, at: datetime) -> Iterator[Measure]:
    """Yield how old the last verification of each district's audit trail is, and how many problems it had."""
    districts = list_districts()
    lost_trails = find_lost_trails(districts=frozenset(item.slug for item in districts))
    results = {(item.slug,): read_verification(district=item) for item in districts}
    recorded = {labels: result for labels, result in results.items() if result is not None}
    yield Measure(
        name="homeroom_verification_age_seconds",
        meaning="Seconds since a district's audit trail was last verified.",
        labels=("district",),
        values={labels: max((at - result.at).total_seconds(), 0.0) for labels, result in recorded.items()},
    )
    yield Measure(
        name="homeroom_verification_problems",
        meaning="Problems that the last verification of a district's audit trail and evidence found.",
        labels=("district",),
        values={
            **{labels: result.problems for labels, result in recorded.items()},
            **{(trail.district,): len(trail.problems) for trail in lost_trails},
        },
    )
