"""`/metrics` for Prometheus: counters of all processes and measures of the installation, behind a token.

Without a token in the settings there is nothing at this address. It is answered
before the host name of a request is checked, because a monitor asks by an address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hmac import compare_digest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone

from homeroom.apps.platform.monitoring.measures import measure_installation
from homeroom.apps.platform.telemetry.counters import open_counters

PATH = "/metrics"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Middleware that answers Prometheus before any other: without session, sign-in and host name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the metrics, or the response of the site."""
        if request.path_info != PATH or not settings.METRICS_TOKEN:
            return self.get_response(request)
        request.route = PATH  # type: ignore[attr-defined]  # for logs
        if not has_token(request.headers.get("Authorization", ""), token=settings.METRICS_TOKEN):
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"})
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(("GET", "HEAD"))
        content = render_metrics(Path(settings.DATA))
        return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def has_token(authorization: str, *, token: str) -> bool:
    """Check a header `Authorization: Bearer TOKEN` in constant time."""
    scheme, _, stated = authorization.partition(" ")
    return scheme.lower() == "bearer" and compare_digest(stated.strip().encode(), token.encode())


def render_metrics(data: Path) -> bytes:
    """Return everything that is counted and measured, in the text format of Prometheus."""
    counters = open_counters(data)
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(counters.folder))  # type: ignore[no-untyped-call]
    registry.register(_MeasureCollector(data))
    return generate_latest(registry)


class _MeasureCollector:
    """Gives a registry the measures as they are now."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        for measure in measure_installation(self._data, at=timezone.now()):
            family = GaugeMetricFamily(measure.name, measure.meaning, labels=measure.labels)
            for labels, value in measure.values.items():
                family.add_metric(labels, value)
            yield family

    def describe(self) -> list[Any]:
        """Return nothing, so that registering takes no measure."""
        return []
