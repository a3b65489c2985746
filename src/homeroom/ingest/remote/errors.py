"""Errors between Homeroom and a console, as sentences for the person who runs it, without any secret in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the settings import this module at every start
    from homeroom.ingest.remote.api_spec import Response

DENIED = "denied"  # the console does not take the credentials
FORBIDDEN = "forbidden"  # it takes them and refuses this list
MISSING = "missing"  # there is nothing at the address
UNREACHABLE = "unreachable"  # it does not answer, or not well, after many tries
BUSY = "busy"  # it asks for a longer pause than is worth waiting for
GARBLED = "garbled"  # what it answers is not what was asked for
ASTRAY = "astray"  # it leads to another host, or to one without https
UNTRUSTED = "untrusted"  # its certificate is not one that this machine trusts
CANCELLED = "cancelled"  # somebody stopped it
TEMPORARY = (UNREACHABLE, BUSY)
"""Temporary errors: the sync continues later where it stopped."""
MASK = "•••"
_CODE_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{1,63}")
_CODE_PATHS = (
    ("error", "code"),
    ("error", "status"),
    ("error",),
    ("errorCode",),
    ("code",),
    ("imsx_codeMinor",),
    ("errors", 0, "code"),
)


class RemoteError(Exception):
    """A console could not be read; the text is a sentence that may be shown to anybody.

    `reason` is one of the constants above. `retry_at` is when to continue at the earliest, if the console named a time.
    `status` is the response's, or 0.
    """

    def __init__(self, reason: str, sentence: str, *, status: int = 0, retry_at: datetime | None = None) -> None:
        super().__init__(sentence)
        self.reason, self.sentence, self.status, self.retry_at = reason, sentence, status, retry_at

    @property
    def is_temporary(self) -> bool:
        """True if a later retry may succeed."""
        return self.reason in TEMPORARY


class ConnectionBroken(Exception):
    """The connection could not be made, broke or timed out: a retry may help. The text names the cause."""


def build_denied_error(response: Response) -> RemoteError:
    """Build the error for a console that does not accept the credentials."""
    sentence = f"the console does not accept the credentials{_describe_status(response)}"
    return RemoteError(DENIED, sentence, status=response.status)


def build_status_error(response: Response, *, title: str, scopes: Iterable[str]) -> RemoteError:
    """Build the error for an unsuccessful response. `title` is the list's title."""
    if response.status == 401:
        return build_denied_error(response)
    if response.status == 403:
        permissions = f"; it takes {', '.join(scopes)}" if scopes else ""
        return RemoteError(
            FORBIDDEN, f"{title}: the console refuses this list{_describe_status(response)}{permissions}", status=403
        )
    if response.status in (404, 410):
        return RemoteError(
            MISSING, f"{title}: there is nothing at this address{_describe_status(response)}", status=response.status
        )
    if 300 <= response.status < 400:
        return RemoteError(
            ASTRAY, f"{title}: the console sends to another address; enter that one", status=response.status
        )
    return RemoteError(
        GARBLED, f"{title}: the console refuses the request{_describe_status(response)}", status=response.status
    )


def find_error_code(response: Response) -> str:
    """Return the error code that the console names, such as invalid_client; empty text if it is no plain word.

    Sentences of a console are not shown: they can quote a value.
    """
    try:
        document = response.document
    except ValueError:
        return ""
    for path in _CODE_PATHS:
        code = _get_path(document, path)
        if isinstance(code, str) and _CODE_PATTERN.fullmatch(code):
            return code
    return ""


def mask_secrets(text: str, *, secrets: Iterable[str]) -> str:
    """Return the text with every secret in it masked."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) > 3:
            text = text.replace(secret, MASK)
    return text


def _describe_status(response: Response) -> str:
    code = find_error_code(response)
    return f" (status {response.status}{f', {code}' if code else ''})"


def _get_path(value: Any, path: tuple[str | int, ...]) -> Any:
    for name in path:
        if isinstance(value, dict) and isinstance(name, str):
            value = value.get(name)
        elif isinstance(value, list) and isinstance(name, int) and len(value) > name:
            value = value[name]
        else:
            return None
    return value
