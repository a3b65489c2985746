"""The WSGI environment of a request, from its ASGI scope."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from django.utils.http import parse_header_parameters

_WITHOUT_PREFIX = {"CONTENT_TYPE", "CONTENT_LENGTH"}
_CHARSETS = ("utf-8", "utf8", "us-ascii")


class ContentTypeRefused(ValueError):
    """A content type that cannot be parsed, or names another charset than UTF-8."""


def build_environ(scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return the environment of a request, with an empty body.

    A header with an underscore in its name is left out: it would pass for the one with a hyphen, which a proxy sets.
    """
    server, client = scope.get("server") or ("localhost", 0), scope.get("client") or ("", 0)
    raw_path = scope.get("raw_path") or scope["path"].encode("utf-8")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(raw_path.partition(b"?")[0]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1] or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "REMOTE_ADDR": str(client[0]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        if b"_" in raw_name:
            continue
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        key = name if name in _WITHOUT_PREFIX else f"HTTP_{name}"
        value = raw_value.decode("latin-1")
        separator = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    return environ


def check_content_type(environ: Mapping[str, Any]) -> None:
    """Raise ContentTypeRefused for a content type that Django's requests would fail for.

    They decode the query by its charset too, be it one of bytes such as `hex`, or one that hides a NUL such as UTF-7.
    """
    try:
        _, parameters = parse_header_parameters(environ.get("CONTENT_TYPE", ""))
    except Exception:  # noqa: BLE001 the parser of mail headers fails in many ways
        raise ContentTypeRefused("the content type cannot be parsed") from None
    charset = parameters.get("charset", "utf-8")
    if charset.lower() not in _CHARSETS:
        raise ContentTypeRefused("the charset is not UTF-8")
