"""Answer a setup step: stored at once, so that the setup can be interrupted; facts are loaded like any source."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from homeroom.apps.comply.laws.facts import InvalidFact, enter_facts, list_district_fields
from homeroom.apps.know.sources.jobs import create_job, store_uploads
from homeroom.apps.know.sources.tasks import load_job
from homeroom.apps.manage.planning.commands import set_hours
from homeroom.apps.manage.planning.tasks import InvalidPlanChange
from homeroom.apps.manage.setup.answers import (
    FormValues,
    InvalidSetupForm,
    get_field,
    parse_authority,
    parse_calendar,
    parse_hours,
    parse_sign_in_rules,
)
from homeroom.apps.manage.setup.models import Setup
from homeroom.apps.manage.setup.queries import STEPS, SetupProgress, load_setup, render_facts_file
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.commands import update_district
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.library.know.guides import load_guides

FACT_OF_STEP = {"people": "authority", "sign-in": "sign_in", "calendar": "calendar"}
"""Steps that answer a part of the facts, and the name of that part."""
FACTS_STREAM = "district.facts"


@dataclass(kw_only=True)
class GeneratedFile:
    """A text that is loaded like a dropped file. `size` is in bytes."""

    name: Any
    text: str
    size: Any = 0

    def __post_init__(self) -> None:
        self.size = len(self.text.encode())

    def chunks(self) -> Sequence[bytes]:
        """Return the complete content as one chunk."""
        return (self.text.encode(),)


def answer_step(*, district: District, step: str, form: FormValues, actor: str, at: datetime) -> None:
    """Store a step's form; a step of the facts is loaded like any other source, and assessed.

    Raise KeyError for an unknown step, and InvalidSetupForm with a message for each invalid field; nothing is stored
    then.
    """
    if step not in STEPS:
        raise KeyError(step)
    progress = load_setup(district=district)
    systems, facts = list(progress.systems), dict(progress.facts)
    if step == "district":
        _update_district(district, form)
    elif step == "systems":
        systems = _parse_systems(form)
    elif step == "hours":
        _update_hours(district, form, actor=actor, at=at)
    elif step == "facts":
        _enter_facts(district, form, actor=actor, at=at)
    elif step in FACT_OF_STEP:
        facts[FACT_OF_STEP[step]] = _parse_fact(step, form, progress)
    answered = [name for name in STEPS if name == step or name in progress.answered]
    with transaction.atomic():
        Setup.objects.bulk_create(
            [
                Setup(
                    district_id=district.pk,
                    systems=systems,
                    facts=facts,
                    answered=answered,
                    changed_at=at,
                    changed_by=actor,
                )
            ],
            update_conflicts=True,
            unique_fields=["district"],
            update_fields=["systems", "facts", "answered", "changed_at", "changed_by"],
        )
        record_audit_entry(
            district=district, at=at, actor=actor, action="answer setup", subject_kind="setup", subject=step
        )
    if step in FACT_OF_STEP and (facts != progress.facts or not _is_current(district, facts)):
        _load_facts(district, facts, before=progress.facts, actor=actor, at=at)


def _update_district(district: District, form: FormValues) -> None:
    problems = {}
    name, zone, fiscal_month = (
        get_field(form, "name"),
        get_field(form, "timezone"),
        get_field(form, "fiscal_year_starts") or "7",
    )
    if not name or len(name) > 200:
        problems["name"] = _("Enter the district’s name.")
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError, OSError):
        problems["timezone"] = _("Choose a time zone, such as America/Chicago.")
    if fiscal_month not in map(str, range(1, 13)):
        problems["fiscal_year_starts"] = _("Choose a month.")
    if problems:
        raise InvalidSetupForm(problems)
    update_district(district=district, name=name, timezone=zone, fiscal_year_starts=int(fiscal_month))


def _update_hours(district: District, form: FormValues, *, actor: str, at: datetime) -> None:
    try:
        set_hours(district=district, at=at, actor=actor, hours=parse_hours(form))
    except InvalidPlanChange as error:
        raise InvalidSetupForm({"": str(error)}) from error


def _enter_facts(district: District, form: FormValues, *, actor: str, at: datetime) -> None:
    texts = {field.name: get_field(form, field.name) for field in list_district_fields() if field.name in form}
    try:
        enter_facts(district=district, texts=texts, actor=actor, at=at)
    except InvalidFact as error:
        raise InvalidSetupForm({error.field: str(error)}) from error


def _parse_systems(form: FormValues) -> list[str]:
    guide_ids = [guide.id for guide in load_guides()]
    selected = [name for name in guide_ids if name in form.get("systems", ())]
    if not selected:
        raise InvalidSetupForm({"systems": _("Choose at least one system.")})
    return selected


def _parse_fact(step: str, form: FormValues, progress: SetupProgress) -> Any:
    if step == "people":
        return parse_authority(form, choices={kind: dict(progress.list_choices(kind)) for kind in ("staff", "student")})
    if step == "sign-in":
        return parse_sign_in_rules(form, directories=dict(progress.directories))
    return parse_calendar(form)


def _load_facts(
    district: District, facts: Mapping[str, Any], *, before: Mapping[str, Any], actor: str, at: datetime
) -> None:
    """Load the facts like a dropped file, as evidence.

    The load is approved in advance only if it replaces facts that were entered here: facts written by hand may contain
    more, and then the load is held until a person has seen what would be deleted.
    """
    facts_upload = GeneratedFile(name="district-facts.yaml", text=render_facts_file(district=district, facts=facts))
    folder, files = store_uploads([facts_upload])
    number = create_job(
        district=district,
        actor=actor,
        at=at,
        folder=folder,
        files=files,
        approved=_has_only_own_facts(district, before),
    )
    load_job.enqueue(district.slug, number)


def _has_only_own_facts(district: District, before: Mapping[str, Any]) -> bool:
    """Return whether all current facts are those that were entered here."""
    return set(_list_current_hashes(district)) <= {_hash_facts(district, before)}


def _is_current(district: District, facts: Mapping[str, Any]) -> bool:
    """Return whether these facts are loaded: after a failed job they are not, and the same answer loads them again."""
    return _hash_facts(district, facts) in _list_current_hashes(district)


def _list_current_hashes(district: District) -> list[str]:
    store = get_evidence_store(district=district)
    return [file.sha256 for load in store.list_current_loads() if load.stream == FACTS_STREAM for file in load.files]


def _hash_facts(district: District, facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(render_facts_file(district=district, facts=facts).encode()).hexdigest()
