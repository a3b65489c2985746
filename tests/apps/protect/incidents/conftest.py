"""The cast, and an incident that was opened from two alerts of an account that somebody took over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.protect.incidents.commands import open_incident
from homeroom.engines.protect.incidents import propose_incidents
from tests.cast import Cast, create_cast
from tests.unit.protect.incidents.alert_cases import ANA, HOUR, MONDAY, make_address, make_incident_alert

NOON = MONDAY + timedelta(hours=5)
FOREIGN = make_address("203.0.113.9")


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    return create_cast()


@pytest.fixture
def alerts():
    return [
        make_incident_alert("odd-sign-in", ANA, FOREIGN),
        make_incident_alert("mail-forwarded", ANA, minutes=HOUR),
    ]


def read_no_rows(_references):
    """Return no row, as evidence does for events that it does not hold."""
    return {}


def open_proposed(cast: Cast, alerts, *, at=NOON, read_rows=read_no_rows) -> str:
    """Let the technician open the first incident that is proposed from alerts."""
    proposed = propose_incidents(alerts)[0]
    return open_incident(district=cast.district, proposed=proposed, read_rows=read_rows, actor="technician", at=at)


@pytest.fixture
def incident(cast: Cast, alerts) -> str:
    return open_proposed(cast, alerts)
