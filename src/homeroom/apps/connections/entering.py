"""What a person enters to connect a console: checked field by field, and divided into what may be seen and what may not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from homeroom.apps.connections.timing import EVERY, QUIET
from homeroom.ingest.remote.addresses import origin_of
from homeroom.ingest.remote.client import Client, Field
from homeroom.ingest.remote.faults import Fault

MOST = 20_000
_NAME = re.compile(r"(?=.{1,60}\Z)[a-z0-9]+(-[a-z0-9]+)*\Z")


class Wrong(Exception):
    """What does not fit, as a sentence by the field's name."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {told}" for name, told in wrong.items()))
        self.wrong = dict(wrong)


@dataclass(frozen=True, kw_only=True)
class Entered:
    """Settings of one connection: what may be seen, and what may not."""

    plain: Mapping[str, str]
    secret: Mapping[str, str]


def entered(client: Client, given: Mapping[str, str], *, kept: Mapping[str, str]) -> Entered:
    """What was given, whole. A secret that is left empty stays what it was (`kept`). Raises Wrong."""
    wrong, plain, secret = dict[str, str](), dict[str, str](), dict[str, str]()
    for field in client.settings:
        value = (given.get(field.name) or "").strip()
        if field.secret:
            value = value or kept.get(field.name, "")
        told = misfit(field, value)
        if told:
            wrong[field.name] = told
        elif value:
            (secret if field.secret else plain)[field.name] = value
    unknown = set(given) - {field.name for field in client.settings}
    wrong |= {name: _("There is no such setting.") for name in sorted(unknown)}
    if wrong:
        raise Wrong(wrong)
    return Entered(plain=plain, secret=secret)


def elsewhere(client: Client, given: Mapping[str, str], *, before: Mapping[str, str]) -> bool:
    """Whether an address now leads to another host than before: who may change an address must not learn a secret by it."""
    now, then = client.complete(given), client.complete(before)
    return any(_host(now[one.name]) != _host(then[one.name]) for one in client.settings if one.address)


def _host(address: str) -> tuple[str, str, int | None] | None:
    try:
        return origin_of(address)
    except Fault:
        return None


def misfit(field: Field, value: str) -> str:
    """Why a value does not fit a field; empty text where it does."""
    if not value:
        return _("This is missing.") if field.required and not field.default else ""
    if len(value) > MOST:
        return _("This is too long.")
    if field.choices and value not in field.choices:
        return _("One of these would fit: %(words)s.") % {"words": ", ".join(field.choices)}
    if not field.long and len(value.split("\n")) > 1:
        return _("One line would fit.")
    return _address_misfit(value) if field.address else ""


def _address_misfit(value: str) -> str:
    try:
        fits = origin_of(value)[0] in ("https", "http")
    except Fault:
        fits = False
    if not fits:
        return _("An address that begins with https:// would fit.")
    return (
        _("An address without a password in it would fit.") if "@" in value.partition("//")[2].partition("/")[0] else ""
    )


def name_misfit(name: str, *, taken: bool) -> str:
    """Why a name does not fit; empty text where it does."""
    if not _NAME.match(name):
        return _("Small letters, digits and single hyphens would fit, at most 60.")
    return _("There is a connection of this name already.") if taken else ""


def schedule_misfits(every_hours: int, quiet: str) -> dict[str, str]:
    """What of a schedule does not fit."""
    wrong = {}
    if every_hours not in (0, *EVERY):
        wrong["every_hours"] = _("One of these would fit: %(words)s.") % {"words": ", ".join(map(str, (0, *EVERY)))}
    if quiet not in QUIET:
        wrong["quiet"] = _("One of these would fit: %(words)s.") % {"words": ", ".join(QUIET)}
    return wrong
