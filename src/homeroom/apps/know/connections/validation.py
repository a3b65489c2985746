"""Validation of connection settings, field by field, and their division into visible values and secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from homeroom.domain.scheduling.sync_hours import INTERVAL_HOURS, QUIET_CHOICES
from homeroom.ingest.remote.api_spec import ApiSpec, SettingField
from homeroom.ingest.remote.errors import RemoteError
from homeroom.ingest.remote.urls import parse_origin

MAX_VALUE_LENGTH = 20_000
_NAME = re.compile(r"(?=.{1,60}\Z)[a-z0-9]+(-[a-z0-9]+)*\Z")


class ValidationErrors(Exception):
    """Validation messages by field name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {message}" for name, message in errors.items()))
        self.errors = dict(errors)


@dataclass(frozen=True, kw_only=True)
class ConnectionSettings:
    """Settings of one connection: `plain` values may be shown, `secret` values may not."""

    plain: Mapping[str, str]
    secret: Mapping[str, str]


def validate_settings(
    client: ApiSpec, values: Mapping[str, str], *, stored_secrets: Mapping[str, str]
) -> ConnectionSettings:
    """Validate the settings and return them complete. Raise ValidationErrors.

    An empty secret takes its value from `stored_secrets`.
    """
    errors, plain, secret = dict[str, str](), dict[str, str](), dict[str, str]()
    for field in client.settings:
        value = (values.get(field.name) or "").strip()
        if field.secret:
            value = value or stored_secrets.get(field.name, "")
        message = validate_field(field, value)
        if message:
            errors[field.name] = message
        elif value:
            (secret if field.secret else plain)[field.name] = value
    unknown = set(values) - {field.name for field in client.settings}
    errors |= {name: _("There is no such setting.") for name in sorted(unknown)}
    if errors:
        raise ValidationErrors(errors)
    return ConnectionSettings(plain=plain, secret=secret)


def has_host_changed(client: ApiSpec, values: Mapping[str, str], *, before: Mapping[str, str]) -> bool:
    """Check whether an address now leads to another host.

    A user who may change an address must not learn a secret by redirecting it.
    """
    new_values, old_values = client.apply_defaults(values), client.apply_defaults(before)
    return any(
        _parse_origin(new_values[field.name]) != _parse_origin(old_values[field.name])
        for field in client.settings
        if field.address
    )


def _parse_origin(address: str) -> tuple[str, str, int | None] | None:
    try:
        return parse_origin(address)
    except RemoteError:
        return None


def validate_field(field: SettingField, value: str) -> str:
    """Return why a value does not fit a field, or an empty text."""
    if not value:
        return _("This is missing.") if field.required and not field.default else ""
    if len(value) > MAX_VALUE_LENGTH:
        return _("This is too long.")
    if field.choices and value not in field.choices:
        return _("One of these would fit: %(words)s.") % {"words": ", ".join(field.choices)}
    if not field.long and len(value.split("\n")) > 1:
        return _("One line would fit.")
    return _validate_address(value) if field.address else ""


def _validate_address(value: str) -> str:
    try:
        fits = parse_origin(value)[0] in ("https", "http")
    except RemoteError:
        fits = False
    if not fits:
        return _("An address that begins with https:// would fit.")
    return (
        _("An address without a password in it would fit.") if "@" in value.partition("//")[2].partition("/")[0] else ""
    )


MIN_LOGS_MINUTES, MAX_LOGS_MINUTES = 5, 1_440
"""How often logs may be read: a console counts requests, and what is read once a day is judged a day late."""


def validate_connection_name(name: str, *, is_taken: bool) -> str:
    """Return why a connection name does not fit, or an empty text."""
    if not _NAME.match(name):
        return _("Small letters, digits and single hyphens would fit, at most 60.")
    return _("There is a connection of this name already.") if is_taken else ""


def validate_schedule(every_hours: int, quiet: str, *, logs_minutes: int | None = None) -> dict[str, str]:
    """Return the messages for an invalid schedule by field name; `logs_minutes` of None is not looked at."""
    errors = {}
    if logs_minutes is not None and not MIN_LOGS_MINUTES <= logs_minutes <= MAX_LOGS_MINUTES:
        errors["logs_minutes"] = _("%(least)d to %(most)d minutes would fit.") % {
            "least": MIN_LOGS_MINUTES,
            "most": MAX_LOGS_MINUTES,
        }
    if every_hours not in (0, *INTERVAL_HOURS):
        errors["every_hours"] = _("One of these would fit: %(words)s.") % {
            "words": ", ".join(map(str, (0, *INTERVAL_HOURS)))
        }
    if quiet not in QUIET_CHOICES:
        errors["quiet"] = _("One of these would fit: %(words)s.") % {"words": ", ".join(QUIET_CHOICES)}
    return errors
