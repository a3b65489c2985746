"""A collector of OpenTelemetry on a local port: it takes traces by HTTP as OTLP 1 defines them, and keeps the spans."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class ReceivedSpan:
    """One span as it came: ids in hexadecimal, attributes as text."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    service: str
    attributes: dict[str, str]
    events: int
    failed: bool


@dataclass
class OtlpCollector:
    """The collector. `bodies` are the messages as they came, unpacked; `paths` where they were sent."""

    endpoint: str = ""
    bodies: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def list_spans(self) -> list[ReceivedSpan]:
        """Return every span that came."""
        return [span for body in self.bodies for span in _iter_spans(body)]


@contextmanager
def run_collector() -> Iterator[OtlpCollector]:
    """Run a collector until the end of the block."""
    collector = OtlpCollector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.bodies.append(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            collector.paths.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    collector.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _iter_spans(body: bytes) -> Iterator[ReceivedSpan]:
    message = ExportTraceServiceRequest.FromString(body)
    for group in message.resource_spans:
        resource = _read_attributes(group.resource.attributes)
        for scope in group.scope_spans:
            for span in scope.spans:
                yield ReceivedSpan(
                    name=span.name,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    service=resource.get("service.name", ""),
                    attributes=_read_attributes(span.attributes),
                    events=len(span.events),
                    failed=span.status.code == 2,
                )


def _read_attributes(attributes: Any) -> dict[str, str]:
    return {item.key: str(getattr(item.value, item.value.WhichOneof("value"))) for item in attributes}
