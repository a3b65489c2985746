"""Spans of OpenTelemetry: of each request and each job, once tracing is configured; without it they cost nothing.

The exporter, its address, headers, sampling and service name are those of OpenTelemetry's environment variables, which
its SDK reads. No span holds the text of an error, a path, a query or a name.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.util import Finalize
from typing import Any

SERVICE = "homeroom"
SERVER, CONSUMER, INTERNAL = "SERVER", "CONSUMER", "INTERNAL"
Attributes = Mapping[str, str | int | bool]
_tracers: list[Any] = []
"""The tracer of this process; none while tracing is off."""


class Span:
    """A span that is being recorded, or none: then nothing happens."""

    def __init__(self, span: Any = None) -> None:
        self._span = span

    def set_attributes(self, attributes: Attributes) -> None:
        """Add attributes."""
        if self._span is not None:
            self._span.set_attributes(dict(attributes))

    def rename(self, name: str) -> None:
        """Give the span another name."""
        if self._span is not None:
            self._span.update_name(name)

    def record_error(self, kind: str) -> None:
        """Mark the span as failed, with the class of the error or the status of the response."""
        if self._span is not None:
            from opentelemetry.trace import Status, StatusCode

            self._span.set_attribute("error.type", kind)
            self._span.set_status(Status(StatusCode.ERROR))


_NO_SPAN = Span()


def configure_tracing(*, version: str) -> None:
    """Begin to export the spans of this process to the collector that the environment names.

    Call it once a process, after a fork.
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    if _tracers:
        return
    resource = Resource.create({"service.name": SERVICE, "service.version": version} | _read_named_service())
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    use_tracer(provider.get_tracer(SERVICE, version))
    atexit.register(provider.shutdown)
    Finalize(None, provider.shutdown, exitpriority=10)  # web processes end without atexit


def use_tracer(tracer: Any) -> None:
    """Record spans with a tracer; None ends recording."""
    _tracers[:] = [] if tracer is None else [tracer]


@contextmanager
def start_span(
    name: str, *, kind: str = INTERNAL, parent: str = "", attributes: Attributes | None = None
) -> Iterator[Span]:
    """Record what happens within as a span. `parent` is the W3C `traceparent` of a span of another process."""
    if not _tracers:
        yield _NO_SPAN
        return
    from opentelemetry.trace import SpanKind

    with _tracers[0].start_as_current_span(
        name,
        context=_read_parent(parent),
        kind=SpanKind[kind],
        attributes=dict(attributes or {}),
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        span = Span(current)
        try:
            yield span
        except Exception as error:
            span.record_error(type(error).__qualname__)
            raise


def get_trace_id() -> str:
    """Return the id of the current trace; empty text outside a span."""
    if not _tracers:
        return ""
    from opentelemetry.trace import format_trace_id, get_current_span

    context = get_current_span().get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else ""


def get_traceparent() -> str:
    """Return the current span as a W3C `traceparent`; empty text outside a span."""
    if not _tracers:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")


def _read_parent(parent: str) -> Any:
    if not parent:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": parent})


def _read_named_service() -> dict[str, Any]:
    """Return the name of the service that the environment sets, if it does: Homeroom's own gives way to it."""
    from opentelemetry.sdk.resources import OTELResourceDetector

    return dict(OTELResourceDetector().detect().attributes)
