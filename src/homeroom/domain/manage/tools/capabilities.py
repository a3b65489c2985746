"""Capabilities: what a tool can do for a district, for whom, and whether a district needs it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Audience(StrEnum):
    """People, devices or places that a capability is for."""

    STUDENTS = "students"
    STAFF = "staff"
    EVERYBODY = "everybody"
    COMPUTERS = "computers"
    CHROMEBOOKS = "chromebooks"
    TABLETS = "tablets"
    DISTRICT = "district"


@dataclass(frozen=True, kw_only=True)
class Capability:
    """What a tool can do.

    `needed` is why a district needs it, None where it is a choice. `controls`, `goals` (framework:goal) and `laws` are
    the ids of what asks for it. `words` are other words for it, such as the purposes of a list of coverage.
    """

    id: str
    title: str
    audience: Audience
    needed: str | None = None
    controls: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    laws: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
