"""The laws of a district: those that come with Homeroom, and its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from homeroom.domain.comply.laws.law import Law, LawStanding
from homeroom.domain.platform.district import District
from homeroom.domain.protect.frameworks import Framework
from homeroom.engines.comply.laws.applicability import find_law_in_force, judge_conditions
from homeroom.library.comply.laws.law_files import load_laws
from homeroom.library.comply.laws.law_frameworks import convert_law
from homeroom.library.comply.laws.own_laws import load_own_laws


def list_laws(*, district: District) -> Mapping[str, Law]:
    """Return the laws of a district by id: its own with their older versions, and the built-in ones, which stay."""
    own, _ = load_own_laws(get_content_folder(district))
    return {law.id: law for law in (*own, *load_laws())}


def get_content_folder(district: District) -> Path:
    """Return the folder of a district's own content."""
    return Path(settings.DATA) / "content" / str(district.slug)


def list_law_versions(laws: Mapping[str, Law], *, today: date) -> tuple[Law, ...]:
    """Return the laws without those that another version replaces on a day."""
    return tuple(law for law in laws.values() if find_law_in_force(law, laws, day=today) is law)


def list_current_laws(laws: Mapping[str, Law], *, facts: Mapping[str, Any], today: date) -> tuple[Law, ...]:
    """Return the laws that apply to a district with these facts, or may apply; none that is proposed or stayed.

    A law that is in force from a later day on is among them, unless an older version is in force until then.
    """
    return tuple(
        law
        for law in list_law_versions(laws, today=today)
        if law.standing is LawStanding.IN_FORCE and judge_conditions((law.applies_to,), facts).holds is not False
    )


def list_law_frameworks(laws: Mapping[str, Law], *, facts: Mapping[str, Any], today: date) -> tuple[Framework, ...]:
    """Return the current laws of a district as frameworks, whose goals are their duties."""
    return tuple(convert_law(law) for law in list_current_laws(laws, facts=facts, today=today))
