"""Answering a step of the first run: kept at once, so that it can be broken off; facts go where every source goes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from homeroom.apps.audit.commands import record
from homeroom.apps.districts.commands import describe
from homeroom.apps.districts.stores import store_of
from homeroom.apps.planning.commands import NotPlanned, set_hours
from homeroom.apps.setup.answers import Form, Wrong, authority, calendar, hours, sign_in, text
from homeroom.apps.setup.models import Setup
from homeroom.apps.setup.queries import STEPS, SoFar, facts_file, so_far
from homeroom.apps.sources.jobs import keep_files, make_job
from homeroom.apps.sources.tasks import load_job
from homeroom.library.guides import guides

FACTS = {"people": "authority", "sign-in": "sign_in", "calendar": "calendar"}
"""The steps whose answer is a part of the facts, and that part's name."""
STREAM = "district.facts"


@dataclass(kw_only=True)
class Written:
    """A text that is loaded as if somebody had dropped it as a file. `size` is in bytes."""

    name: Any
    text: str
    size: Any = 0

    def __post_init__(self) -> None:
        self.size = len(self.text.encode())

    def chunks(self) -> Sequence[bytes]:
        """The whole of it."""
        return (self.text.encode(),)


def answer(*, district: Any, step: str, given: Form, actor: str, at: datetime) -> None:
    """Keeps what a step's form says; a step of the facts is loaded like any other source, and judged.

    Raises KeyError for a step that is none, and Wrong, with a sentence for each field, where it does not fit; then nothing
    is kept.
    """
    if step not in STEPS:
        raise KeyError(step)
    before = so_far(district=district)
    systems, facts = list(before.systems), dict(before.facts)
    if step == "district":
        _district(district, given)
    elif step == "systems":
        systems = _systems(given)
    elif step == "hours":
        _hours(district, given, actor=actor, at=at)
    elif step in FACTS:
        facts[FACTS[step]] = _fact(step, given, before)
    answered = [one for one in STEPS if one == step or one in before.answered]
    with transaction.atomic():
        Setup.objects.bulk_create(
            [
                Setup(
                    district=district, systems=systems, facts=facts, answered=answered, changed_at=at, changed_by=actor
                )
            ],
            update_conflicts=True,
            unique_fields=["district"],
            update_fields=["systems", "facts", "answered", "changed_at", "changed_by"],
        )
        record(district=district, at=at, actor=actor, action="answer setup", subject_kind="setup", subject=step)
    if step in FACTS and (facts != before.facts or not _stands(district, facts)):
        _load(district, facts, before=before.facts, actor=actor, at=at)


def _district(district: Any, given: Form) -> None:
    wrong = {}
    name, zone, month = text(given, "name"), text(given, "timezone"), text(given, "fiscal_year_starts") or "7"
    if not name or len(name) > 200:
        wrong["name"] = _("The district's name is missing here.")
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError, OSError):
        wrong["timezone"] = _("This is no time zone; America/Chicago would fit.")
    if month not in map(str, range(1, 13)):
        wrong["fiscal_year_starts"] = _("A month from 1 to 12 would fit.")
    if wrong:
        raise Wrong(wrong)
    describe(district=district, name=name, timezone=zone, fiscal_year_starts=int(month))


def _hours(district: Any, given: Form, *, actor: str, at: datetime) -> None:
    try:
        set_hours(district=district, at=at, actor=actor, hours=hours(given))
    except NotPlanned as why:
        raise Wrong({"": str(why)}) from why


def _systems(given: Form) -> list[str]:
    known = [one.id for one in guides()]
    chosen = [name for name in known if name in given.get("systems", ())]
    if not chosen:
        raise Wrong({"systems": _("Choose at least one system.")})
    return chosen


def _fact(step: str, given: Form, before: SoFar) -> Any:
    if step == "people":
        return authority(given, choices={kind: dict(before.choices(kind)) for kind in ("staff", "student")})
    if step == "sign-in":
        return sign_in(given, directories=dict(before.directories))
    return calendar(given)


def _load(district: Any, facts: Mapping[str, Any], *, before: Mapping[str, Any], actor: str, at: datetime) -> None:
    """The facts as a dropped file: recognised, kept as evidence, and judged like everything else.

    It goes through unseen only where it takes the place of what was answered here: facts that somebody wrote by hand may
    say more, and then the load waits until a person has looked at what would go.
    """
    told = Written(name="district-facts.yaml", text=facts_file(district=district, facts=facts))
    folder, files = keep_files([told])
    number = make_job(
        district=district, actor=actor, at=at, folder=folder, files=files, approved=_only_ours(district, before)
    )
    load_job.enqueue(district.slug, number)


def _only_ours(district: Any, before: Mapping[str, Any]) -> bool:
    """Whether no other facts stand than those that were answered here."""
    return set(_standing(district)) <= {_mark(district, before)}


def _stands(district: Any, facts: Mapping[str, Any]) -> bool:
    """Whether these facts stand already: a job that failed leaves them out, and the same answer then tries again."""
    return _mark(district, facts) in _standing(district)


def _standing(district: Any) -> list[str]:
    store = store_of(district=district)
    return [file.sha256 for one in store.standing() if one.stream == STREAM for file in one.files]


def _mark(district: Any, facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(facts_file(district=district, facts=facts).encode()).hexdigest()
