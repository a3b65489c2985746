"""One record of a log, in the form that detection rules judge, and one record that could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

type FieldValue = str | int | float | bool | list[FieldValue] | None
"""A value of a field: a scalar, or a list of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogSource:
    """What a log is, in Sigma's words; empty where it is not certain.

    `product` is windows, google_workspace, azure or m365. `service` is Sigma's too: security, sysmon, admin, login,
    signinlogs, auditlogs, activitylogs, audit and so on.
    """

    product: str
    service: str


UNKNOWN_SOURCE = LogSource(product="", service="")


@dataclass(frozen=True, kw_only=True, slots=True)
class LogEvent:
    """One event.

    `file` is the path below the folder that was read, or the file's name; `record` the EventRecordID in an EVTX file,
    else the line or item from 1. Several events of one activity have one record number and follow in their order.
    `time` is in UTC, or None if the record has none. `fields` are the values by name, with dots between the names of
    nested objects and the vendor's spelling; `raw` is the record as it was read. `key` is the evidence's id of an event
    that was loaded.
    """

    file: str
    record: int
    time: datetime | None
    source: LogSource
    host: str
    user: str
    fields: Mapping[str, Any]
    raw: Mapping[str, Any]
    key: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventReject:
    """One record that could not be read, and why; record 0 is the file."""

    file: str
    record: int
    reason: str
