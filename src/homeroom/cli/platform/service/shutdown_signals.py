"""Signals of a web process: the first one ends it, and further ones change nothing.

Granian passes each signal on to a channel with one place that is read once. A third one then waits for that place
forever, with Python's lock held, so that the process never ends; a process whose supervisor ends hears two or three.
"""

from __future__ import annotations

import signal
from typing import Any


def install_signal_handler() -> None:
    """Let granian's loop, which is started after this, heed the first signal alone."""
    from granian import _signals

    _signals.set_loop_signals = _handle_first_signal


def _handle_first_signal(loop: Any) -> Any:
    """Return granian's signal of the loop, which is set once."""
    from granian import _granian, _signals

    event = _granian.WorkerSignal()
    unheard = [event]

    def set_once(*_: Any) -> None:
        if unheard:
            unheard.pop().set()

    for number in _signals._get_signals():  # type: ignore[no-untyped-call]
        try:
            loop.add_signal_handler(number, set_once)
        except NotImplementedError:  # Windows
            signal.signal(number, set_once)
    return event
