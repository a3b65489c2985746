"""The snapshot that was judged, as pages ask it: its rows in the order in which they are listed, and questions in SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb

from homeroom.apps.districts.stores import store_of
from homeroom.apps.posture.queries import Judgement
from homeroom.evidence.asking import asker
from homeroom.evidence.by_device import OnDevices, on_devices
from homeroom.evidence.laid import Laid, laid


def answered[T](*, district: Any, of: Judgement, ask: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
    """What `ask` makes of a session over the snapshot that was judged. Raises TooSlow."""
    store = store_of(district=district)
    return asker().answer(
        pinned_to=f"{store.folder}/derived/{of.derived}", pinned=lambda: store.pinned(derived=of.derived), ask=ask
    )


def places(*, district: Any, of: Judgement, table: str) -> Laid:
    """A table of the judged snapshot in order. Raises TooSlow."""
    return laid(store_of(district=district), derived=of.derived, table=table)


def on_devices_of(*, district: Any, of: Judgement, table: str) -> OnDevices:
    """A table of what stands on devices in the judged snapshot. Raises TooSlow."""
    return on_devices(store_of(district=district), derived=of.derived, table=table)
