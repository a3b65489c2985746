"""Runs of background jobs: each is logged, counted and recorded as a span, under the request that queued it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django_ox.backend import OxBackend

from homeroom.apps.platform.telemetry.counters import get_counters
from homeroom.apps.platform.telemetry.request_ids import bind_request_id, get_request_id, is_request_id
from homeroom.apps.platform.telemetry.spans import CONSUMER, get_traceparent, start_span

ORIGIN = "origin"
"""Argument of a queued job: the id of the request that queued it, and the span."""
DONE, FAILED = "done", "failed"
_log = logging.getLogger(__name__)


class TracedQueue(OxBackend):
    """The queue, which also notes for each job which request queued it."""

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        """Queue a job."""
        return super().enqueue(task, args, add_origin(task, kwargs))


def add_origin(task: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a job with the current request and span, if there are any and the job takes them."""
    origin = {"request_id": get_request_id(), "traceparent": get_traceparent()}
    arrival = {name: value for name, value in origin.items() if value}
    is_traced = getattr(task.func, "is_traced", False)
    return {**arguments, ORIGIN: arrival} if is_traced and arrival else dict(arguments)


def trace_job[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Decorate the function of a task, below `@task`."""
    name = function.__name__

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        origin: Any = kwargs.pop(ORIGIN, None) or {}
        request_id = str(origin.get("request_id", ""))
        with (
            bind_request_id(request_id if is_request_id(request_id) else ""),
            start_span(
                name, kind=CONSUMER, parent=str(origin.get("traceparent", "")), attributes={"homeroom.job": name}
            ),
        ):
            started = time.monotonic()
            outcome = FAILED
            try:
                result = function(*args, **kwargs)
                outcome = DONE
                return result
            finally:
                record_job(job=name, outcome=outcome, seconds=time.monotonic() - started)

    run.is_traced = True  # type: ignore[attr-defined]
    return run


def record_job(*, job: str, outcome: str, seconds: float) -> None:
    """Log and count a run of a job."""
    level = logging.INFO if outcome == DONE else logging.WARNING
    fields = {"event": "job", "job": job, "outcome": outcome, "ms": round(seconds * 1000)}
    _log.log(level, "Job %s: %s.", job, outcome, extra={"fields": fields})
    if (counters := get_counters()) is not None:
        counters.count_job(job=job, outcome=outcome, seconds=seconds)
