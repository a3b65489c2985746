"""Where the id of a request and the trace that it belongs to come from."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

from homeroom.apps.platform.telemetry.request_ids import create_request_id, get_request_id, is_request_id
from homeroom.web.shared.client_address import Network, is_trusted

HEADER = "X-Request-ID"
_ID_KEY, _TRACE_KEYS = "HTTP_X_REQUEST_ID", ("HTTP_TRACEPARENT", "HTTP_TRACESTATE", "HTTP_BAGGAGE")


def choose_request_id(environ: MutableMapping[str, Any], *, proxies: Sequence[Network]) -> str:
    """Return the id that a trusted proxy gave the request, else a new one.

    What anybody else states of ids and traces is removed from the environment before it is read.
    """
    if not is_trusted(str(environ.get("REMOTE_ADDR", "")), proxies=proxies):
        for key in (_ID_KEY, *_TRACE_KEYS):
            environ.pop(key, None)
    stated = str(environ.get(_ID_KEY, ""))
    return stated.lower() if is_request_id(stated) else create_request_id()


def get_stated_parent(environ: MutableMapping[str, Any]) -> str:
    """Return the `traceparent` of a trusted proxy, or empty text."""
    return str(environ.get(_TRACE_KEYS[0], ""))


def build_error_context(**values: Any) -> dict[str, Any]:
    """Return the context of an error page: the values, and the id by which its log entries are found."""
    return {**values, "request_id": get_request_id()}
