"""The clocks of the background worker: what apps do now and then, each by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from django.db import connections

from homeroom.apps.platform.districts.app_sources import load_functions

_log = logging.getLogger(__name__)


class WorkerClocks:
    """All clocks that apps name in `clocks`; one that fails is logged, and costs the others nothing."""

    def __init__(self, clocks: Mapping[str, Callable[[], object]] | None = None) -> None:
        self._clocks = load_functions("clocks") if clocks is None else clocks

    @property
    def names(self) -> frozenset[str]:
        """Dotted names of the clocks."""
        return frozenset(self._clocks)

    def run_all(self) -> tuple[str, ...]:
        """Call each clock, and return the names of those that failed."""
        return tuple(name for name, call in self._clocks.items() if not _run(name, call))


def _run(name: str, call: Callable[[], object]) -> bool:
    try:
        call()
    except Exception:  # noqa: BLE001  (whatever it is, the next clock does not depend on it)
        _log.exception("The clock %s failed; it is called again in the next round.", name)
        connections.close_all()  # the next one does not get a transaction that is broken
        return False
    return True
