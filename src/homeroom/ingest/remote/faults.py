"""What can go wrong between Homeroom and a console, in sentences for the person who runs it, without a secret in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from homeroom.ingest.remote.client import Answer

DENIED = "denied"  # the console does not take the credentials
FORBIDDEN = "forbidden"  # it takes them and refuses this list
MISSING = "missing"  # there is nothing at the address
UNREACHABLE = "unreachable"  # it does not answer, or not well, after many tries
BUSY = "busy"  # it asks for a longer pause than is worth waiting for
GARBLED = "garbled"  # what it answers is not what was asked for
ASTRAY = "astray"  # it leads to another host, or to one without https
UNTRUSTED = "untrusted"  # its certificate is not one that this machine trusts
CANCELLED = "cancelled"  # somebody stopped it
PASSING = (UNREACHABLE, BUSY)
"""Faults that pass by themselves: the walk goes on later where it stopped."""
HIDDEN = "•••"
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{1,63}")
_PLACES = (
    ("error", "code"),
    ("error", "status"),
    ("error",),
    ("errorCode",),
    ("code",),
    ("imsx_codeMinor",),
    ("errors", 0, "code"),
)


class Fault(Exception):
    """Why a console could not be read. `reason` is one of the words above; the text is a sentence that anybody may see.

    `until` is when to go on at the earliest, where the console said so. `status` is the answer's, or 0.
    """

    def __init__(self, reason: str, sentence: str, *, status: int = 0, until: datetime | None = None) -> None:
        super().__init__(sentence)
        self.reason, self.sentence, self.status, self.until = reason, sentence, status, until

    @property
    def passing(self) -> bool:
        """Whether going on later is worth it."""
        return self.reason in PASSING


class Cut(Exception):
    """The connection could not be made, broke or took too long: another try may help. The text says which."""


def denied(answer: Answer) -> Fault:
    """The console does not take the credentials."""
    sentence = f"the console does not accept the credentials{_said(answer)}"
    return Fault(DENIED, sentence, status=answer.status)


def of_status(answer: Answer, *, asked: str, scopes: Iterable[str]) -> Fault:
    """The fault of an answer that is no success. `asked` is the list's title."""
    if answer.status == 401:
        return denied(answer)
    if answer.status == 403:
        needs = f"; it takes {', '.join(scopes)}" if scopes else ""
        return Fault(FORBIDDEN, f"{asked}: the console refuses this list{_said(answer)}{needs}", status=403)
    if answer.status in (404, 410):
        return Fault(MISSING, f"{asked}: there is nothing at this address{_said(answer)}", status=answer.status)
    if 300 <= answer.status < 400:
        return Fault(ASTRAY, f"{asked}: the console sends to another address; enter that one", status=answer.status)
    return Fault(GARBLED, f"{asked}: the console refuses the request{_said(answer)}", status=answer.status)


def code_of(answer: Answer) -> str:
    """The error's code as the console names it, such as invalid_client; empty text where it is no plain word.

    Sentences of a console are not shown: they can quote a value.
    """
    try:
        document = answer.document
    except ValueError:
        return ""
    for place in _PLACES:
        found = _at(document, place)
        if isinstance(found, str) and _CODE.fullmatch(found):
            return found
    return ""


def without(text: str, *, secrets: Iterable[str]) -> str:
    """The text with every secret in it hidden."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) > 3:
            text = text.replace(secret, HIDDEN)
    return text


def _said(answer: Answer) -> str:
    code = code_of(answer)
    return f" (status {answer.status}{f', {code}' if code else ''})"


def _at(found: Any, place: tuple[str | int, ...]) -> Any:
    for name in place:
        if isinstance(found, dict) and isinstance(name, str):
            found = found.get(name)
        elif isinstance(found, list) and isinstance(name, int) and len(found) > name:
            found = found[name]
        else:
            return None
    return found
