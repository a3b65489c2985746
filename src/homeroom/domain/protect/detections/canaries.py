"""Canaries: where one is planted, how, which logs see a touch, and what came of a test of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

NAME = "{name}"
"""Stands for the canary's name in the lines of a guide."""
MAX_LENGTH = 255
MAX_SAM_NAME = 20
"""Letters of a logon name of Active Directory (sAMAccountName)."""
_SAM_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z")
_DRIVE_ID = re.compile(r"[A-Za-z0-9_-]{8,100}\Z")
_DRIVE_LINK = re.compile(r"https://(?:docs|drive)\.google\.com/\S*?(?:/d/|[?&]id=)([A-Za-z0-9_-]{8,100})")
_BAD_IN_PATHS = frozenset('"*<>?|:')


class CanaryPlace(StrEnum):
    """Where a canary is planted."""

    GOOGLE_ACCOUNT = "google-account"
    AD_ACCOUNT = "ad-account"
    ENTRA_ACCOUNT = "entra-account"
    DRIVE_DOCUMENT = "drive-document"
    SHARE_FILE = "share-file"

    @property
    def kind(self) -> str:
        """Return what logs see of it: an account, a document or a file."""
        return {CanaryPlace.DRIVE_DOCUMENT: "document", CanaryPlace.SHARE_FILE: "file"}.get(self, "account")


class TouchState(StrEnum):
    """What came of a test: a touch was seen, the log does not reach that far yet, it does and has no touch, no log."""

    SEEN = "seen"
    WAITING = "waiting"
    MISSED = "missed"
    BLIND = "blind"


class InvalidCanary(ValueError):
    """A name, id or path does not fit its place; the message gives one that would."""


@dataclass(frozen=True, kw_only=True)
class CanaryStep:
    """A step: a sentence, and a command for it where there is one."""

    text: str
    command: str = ""

    def fill(self, name: str) -> CanaryStep:
        """Return the step with the canary's name; in a command a quote is doubled, as PowerShell wants it."""
        return CanaryStep(
            text=self.text.replace(NAME, name), command=self.command.replace(NAME, name.replace("'", "''"))
        )


@dataclass(frozen=True, kw_only=True)
class CanarySource:
    """A page of the product's maker that a guide follows."""

    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class CanaryGuide:
    """How to plant, test and retire a canary of one place.

    Any log of the kinds `logs` sees a touch; `judged` has those logs under their names of judging, in lower
    case, such as `google/login`. `baits` are names, or patterns of titles with {year}, {school}, {district}, {share}.
    """

    place: CanaryPlace
    title: str
    value: str
    logs: tuple[str, ...]
    judged: tuple[str, ...]
    baits: tuple[str, ...]
    plant: tuple[CanaryStep, ...]
    test: tuple[CanaryStep, ...]
    retire: tuple[CanaryStep, ...]
    sources: tuple[CanarySource, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TouchWindow:
    """The time of a planned test of a canary, and who started it."""

    started_by: str
    since: datetime
    until: datetime

    def covers(self, time: datetime) -> bool:
        """Return whether a time lies in the test."""
        return self.since <= time <= self.until


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenTouch:
    """The first touch that was seen in a test: when it happened, in which log, and when it was judged."""

    at: datetime
    log: str
    judged_at: datetime

    @property
    def minutes(self) -> int:
        """Return how many minutes after the touch it was judged, at least 0."""
        return max(0, round((self.judged_at - self.at).total_seconds() / 60))


@dataclass(frozen=True, kw_only=True, slots=True)
class TouchOutcome:
    """What came of a test; `until` is how far the logs reach that should see the touch."""

    state: TouchState
    touch: SeenTouch | None = None
    log: str = ""
    until: datetime | None = None


def clean_canary_value(place: CanaryPlace, text: str) -> str:
    """Return the name, id or path as logs have it. Raise InvalidCanary if it does not fit the place."""
    text = text.strip()
    if not text or len(text) > MAX_LENGTH or not text.isprintable():
        raise InvalidCanary(f"A text of 1 to {MAX_LENGTH} letters, digits and signs would fit.")
    match place:
        case CanaryPlace.AD_ACCOUNT:
            if not _SAM_NAME.match(text) or len(text) > MAX_SAM_NAME:
                raise InvalidCanary(
                    f"A logon name without domain would fit: at most {MAX_SAM_NAME} letters, digits, dots and hyphens."
                )
        case CanaryPlace.GOOGLE_ACCOUNT | CanaryPlace.ENTRA_ACCOUNT:
            if not _ADDRESS.match(text):
                raise InvalidCanary("The full address of the account would fit, such as svc-scan@district.example.")
        case CanaryPlace.DRIVE_DOCUMENT:
            return _clean_drive_id(text)
        case CanaryPlace.SHARE_FILE:
            return _clean_share_path(text)
    return text


def _clean_drive_id(text: str) -> str:
    link = _DRIVE_LINK.match(text)
    if link:
        return link[1]
    if not _DRIVE_ID.match(text):
        raise InvalidCanary("The document's link from its address bar, or its id, would fit.")
    return text


def _clean_share_path(text: str) -> str:
    r"""Return `share\path`; a computer's name before it, as in `\\files01\office\a.xlsx`, is cut off."""
    path = text.replace("/", "\\")
    if path.startswith("\\\\"):
        path = path[2:].partition("\\")[2]
    path = path.strip("\\")
    if "\\" not in path or _BAD_IN_PATHS & set(path):
        raise InvalidCanary(r"The share and the path would fit, such as office\payroll\accounts.xlsx.")
    return path


def assess_touch(
    window: TouchWindow, *, touch: SeenTouch | None, logs: tuple[str, ...], judged_until: Mapping[str, datetime]
) -> TouchOutcome:
    """Return what came of a test, by the touch that was seen and until when each log was judged (names in any case)."""
    if touch is not None:
        return TouchOutcome(state=TouchState.SEEN, touch=touch, log=touch.log)
    reached = sorted((until, name) for name, until in judged_until.items() if name.casefold() in logs)
    if not reached:
        return TouchOutcome(state=TouchState.BLIND)
    until, name = reached[0]  # an account's touch can be in any of several logs: the slowest decides
    state = TouchState.MISSED if until >= window.until else TouchState.WAITING
    return TouchOutcome(state=state, log=name, until=until)
