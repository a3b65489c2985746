"""The measure of connections to consoles, for whoever monitors the installation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from homeroom.apps.know.connections.sync_states import count_connections_by_state
from homeroom.apps.platform.monitoring.measure import Measure


def measure_connections(*, at: datetime) -> Iterator[Measure]:  # noqa: ARG001  (what every measure is called with)
    """Yield the number of connections by district and state."""
    yield Measure(
        name="homeroom_connections",
        meaning="Connections to consoles by the state of their newest sync; failed means that data gets old.",
        labels=("district", "state"),
        values=count_connections_by_state(),
    )
