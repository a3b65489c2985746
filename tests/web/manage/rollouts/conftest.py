"""A rollout in the cast's district that is ready to be planned, and one that was planned."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.web.shared.secret_addresses import BUDGET
from tests.apps.manage.rollouts.rollout_cases import make_ready_rollout, plan_at_once, publish_bells
from tests.cast import Cast


@pytest.fixture
def rollout(cast: Cast, store: EvidenceStore) -> str:
    publish_bells(store)
    return make_ready_rollout(cast.district)


@pytest.fixture
def planned(cast: Cast, rollout: str) -> str:
    plan_at_once(cast.district, rollout)
    return rollout


@pytest.fixture(autouse=True)
def _full_budget() -> Iterator[None]:
    """Give every network its whole budget."""
    BUDGET.clear()
    yield
    BUDGET.clear()
