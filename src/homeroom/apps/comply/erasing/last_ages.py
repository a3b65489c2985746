"""Last ages of people's records: setting them, whether they are met, and erasing at night who is past them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import batched
from zoneinfo import ZoneInfo

from django.utils import timezone

from homeroom.apps.comply.erasing.commands import ErasureRefused, erase_people
from homeroom.apps.comply.laws.catalog import list_laws
from homeroom.apps.platform.audit.announcing import ChangedArea, announce_changes
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.domain.platform.audit.chain import hash_bytes
from homeroom.domain.platform.district import District
from homeroom.domain.scheduling.past_times import is_within
from homeroom.domain.scheduling.sync_hours import NIGHT, is_allowed
from homeroom.evidence.erasing.find_person import PersonNotFound
from homeroom.evidence.erasing.retention import (
    RULES_FILE,
    LastAge,
    encode_last_ages,
    find_expired_people,
    read_last_ages,
)
from homeroom.evidence.files.blobs import write_file
from homeroom.evidence.files.manifests import EvidenceDamaged
from homeroom.evidence.loads.store import EvidenceStore, StoreBusy

ACTOR = "Homeroom"
MIN_INTERVAL = timedelta(hours=18)
BATCH_PEOPLE = 200
_log = logging.getLogger(__name__)


def set_last_age(
    *,
    district: District,
    store: EvidenceStore,
    what: str,
    days: int | None,
    because: str,
    actor: str,
    at: datetime,
    duty: str = "",
) -> tuple[LastAge, ...]:
    """Set the last age of a source or table, or remove it (`days` None); return all.

    With `duty` (law:duty) it is proof of that duty. Raise ValueError for an unknown source or duty.
    """
    if days is not None and days < 1:
        raise ValueError(f"{days} days; one day or more would fit")
    known_sources = sorted({load.instance for load in store.list_all_loads()})
    if what not in (*known_sources, "person_records", "account_records"):
        names = ", ".join(known_sources[:12])
        raise ValueError(f"there is no source {what!r}; person_records, account_records or one of {names} would fit")
    _require_duty(district, duty)
    with announce_changes(district=district, area=ChangedArea.LAST_AGES) as changes:
        rules = [rule for rule in read_last_ages(store.folder) if rule.what != what]
        rules += [LastAge(what=what, days=days, because=because.strip(), duty=duty)] if days is not None else []
        path, content = store.folder / RULES_FILE, encode_last_ages(rules)
        changes.announce(
            at=at,
            actor=actor,
            action="set last age",
            subject_kind="source",
            subject=what,
            detail={"days": days, "because": because.strip(), "duty": duty},
            path=path,
            after=hash_bytes(content),
        )
        write_file(path, content)
    return read_last_ages(store.folder)


def _require_duty(district: District, duty: str) -> None:
    """Raise ValueError, with what would fit, if the district has no such duty."""
    law, _, name = duty.partition(":")
    laws = list_laws(district=district)
    if not duty or (law in laws and name in (item.id for item in laws[law].duties)):
        return
    near = ", ".join(f"{law}:{item.id}" for item in laws[law].duties) if law in laws else "an id of `homeroom duties`"
    raise ValueError(f"there is no duty {duty!r}; {near} would fit")


def erase_expired_people(*, district: District, store: EvidenceStore, at: datetime) -> int:
    """Erase everybody past their last age, and return how many. Raise StoreBusy if a load is being written."""
    expired = find_expired_people(store, rules=read_last_ages(store.folder), at=at)
    erased = 0
    for people in batched(sorted(expired), BATCH_PEOPLE):
        rules = sorted({f"{rule.what}, {rule.days} days" for person in people for rule in expired[person]})
        reason = f"Past the last age of {'; '.join(rules)}."
        certificate = erase_people(
            district=district, store=store, wanted=people, reason=reason, actor=ACTOR, at=at, though_listed=False
        )
        erased += certificate.register.people
    return erased


class LastAgeClock:
    """Erases people past their last age once a night by each district's own time, however often it is called."""

    def __init__(self, *, open_store: Callable[[District], EvidenceStore] | None = None) -> None:
        self._applied_at: dict[str, datetime] = {}
        self._open_store = open_store or (lambda district: get_evidence_store(district=district))

    def apply(self, *, at: datetime | None = None) -> int:
        """Erase in the districts where it is night and it was not done yet; return how many people."""
        now = at or timezone.now()
        return sum(self._apply_to(district, at=now) for district in self._list_due(now))

    def _list_due(self, at: datetime) -> Sequence[District]:
        return [
            district
            for district in list_districts()
            if not is_within(MIN_INTERVAL, self._applied_at.get(district.slug), at=at)
            and is_allowed(at, quiet=NIGHT, zone=ZoneInfo(district.timezone), calendar=lambda _day: None)
        ]

    def _apply_to(self, district: District, *, at: datetime) -> int:
        store = self._open_store(district)
        try:
            erased = erase_expired_people(district=district, store=store, at=at) if read_last_ages(store.folder) else 0
        except StoreBusy:
            return 0
        except (EvidenceDamaged, ErasureRefused, PersonNotFound, OSError) as error:
            _log.warning("People past their last age were not erased in a district: %s", type(error).__name__)
            erased = 0
        self._applied_at[district.slug] = at
        return erased
