"""Queries of the page of expected activity: what is announced and how much it covered, a preview, and a first draft."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from homeroom.apps.protect.detection.announced_work import build_activity, read_announced_work
from homeroom.apps.protect.detection.announcing.coverage import (
    PREVIEW,
    AnnouncementPreview,
    count_covered,
    preview_announcement,
)
from homeroom.apps.protect.detection.announcing.drafts import Draft
from homeroom.apps.protect.detection.detection_rows import read_entities
from homeroom.apps.protect.detection.judging.district_evidence import AnnouncedSet, load_announced_set
from homeroom.apps.protect.detection.models import AnnouncedWork
from homeroom.apps.protect.detection.queries import list_detections
from homeroom.domain.ids import parse_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.alerts import Entity, EntityKind, Part, Role
from homeroom.domain.protect.detections.expected_activity import ExpectedActivity
from homeroom.engines.protect.enrich.country_names import get_country_name
from homeroom.engines.protect.enrich.district_knowledge import AccountFacts
from homeroom.evidence.loads.store import EvidenceStore

PAGE = 50


class EntryStage(StrEnum):
    """Whether announced work is expected now, later, or not any more."""

    NOW = "now"
    COMING = "coming"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class AnnouncedLine:
    """Announced work of the list. `number` is that of the page's; one of a file has none.

    `who` and `targets` are labels: a student is named by id. `covered` counts detections of the last 90 days.
    """

    activity: ExpectedActivity
    stage: EntryStage
    who: tuple[str, ...]
    targets: tuple[str, ...]
    covered: int = 0
    number: int | None = None
    announced_by: str = ""
    announced_at: datetime | None = None
    ended_by: str = ""


@dataclass(frozen=True, kw_only=True)
class AnnouncedPage:
    """A page of announced work of one stage, and how many there are of each."""

    lines: tuple[AnnouncedLine, ...]
    counts: dict[EntryStage, int]
    has_more: bool


def list_announced_page(
    *, district: District, store: EvidenceStore, stage: EntryStage, after: int, at: datetime
) -> AnnouncedPage:
    """Return announced work of a stage, of files and of the page: what ends first on top, what is over newest first."""
    zone = ZoneInfo(district.timezone)
    rows = {
        f"page-{row.pk}": row for row in AnnouncedWork.objects.of(district).filter(withdrawn_at=None).order_by("pk")
    }
    of_page = [read_announced_work(row, zone=zone) for row in rows.values()]
    announced = load_announced_set(store, timezone=district.timezone, announced=of_page)
    staged = [(find_stage(item, at=at), item) for item in (*announced.of_files, *of_page)]
    chosen = sorted((item for own, item in staged if own == stage), key=_build_order(stage))
    shown = chosen[after : after + PAGE]
    covered = count_covered(district, [announced.expand(item) for item in shown], since=at - PREVIEW)
    label = _build_labeler(announced)
    return AnnouncedPage(
        lines=tuple(
            _build_line(item, rows.get(item.number), stage=stage, covered=number, label=label)
            for item, number in zip(shown, covered, strict=True)
        ),
        counts={name: sum(own == name for own, _ in staged) for name in EntryStage},
        has_more=len(chosen) > after + PAGE,
    )


def find_stage(item: ExpectedActivity, *, at: datetime) -> EntryStage:
    """Return whether work is expected now, later, or not any more."""
    if item.ends and item.ends <= at:
        return EntryStage.OVER
    return EntryStage.COMING if item.starts and item.starts > at else EntryStage.NOW


def _build_order(stage: EntryStage) -> Callable[[ExpectedActivity], tuple[bool, float, str]]:
    def order(item: ExpectedActivity) -> tuple[bool, float, str]:
        moment = item.starts if stage == EntryStage.COMING else item.ends
        seconds = moment.timestamp() if moment else 0.0
        return moment is None, -seconds if stage == EntryStage.OVER else seconds, item.number

    return order


def _build_line(
    item: ExpectedActivity,
    row: AnnouncedWork | None,
    *,
    stage: EntryStage,
    covered: int,
    label: Callable[[str], str],
) -> AnnouncedLine:
    return AnnouncedLine(
        activity=item,
        stage=stage,
        who=tuple(map(label, item.who)),
        targets=tuple(map(label, item.targets)),
        covered=covered,
        number=row.pk if row else None,
        announced_by=row.announced_by if row else "",
        announced_at=row.announced_at if row else None,
        ended_by=row.ended_by if row else "",
    )


def _build_labeler(announced: AnnouncedSet) -> Callable[[str], str]:
    """Return what gives a name as it was written, and a student's as the id of the account."""
    students = {name: account for account in announced.accounts if _is_student(account) for name in account.names}

    def label(text: str) -> str:
        account = students.get(text.casefold())
        return Entity(kind=EntityKind.ACCOUNT, name=text, id=account.id, role=Role.STUDENT).label if account else text

    return label


def _is_student(account: AccountFacts) -> bool:
    return account.kind == "student"


@dataclass(frozen=True, kw_only=True)
class DraftPreview:
    """What a draft would have covered, and the names in it that no account has."""

    covered: AnnouncementPreview
    unknown: tuple[str, ...]


def preview_draft(*, district: District, store: EvidenceStore, draft: Draft, at: datetime) -> DraftPreview:
    """Return what a draft without errors would have covered in the last 90 days."""
    activity = build_activity(
        {**draft.values, "key": draft.key, "reason": draft.reason}, zone=ZoneInfo(district.timezone)
    )
    announced = load_announced_set(store, timezone=district.timezone, announced=[activity])
    preview = preview_announcement(district=district, activity=announced.expand(activity), at=at)
    names = {name for account in announced.accounts for name in (*account.names, account.id)}
    unknown = tuple(name for name in activity.who if name.casefold() not in names and not _is_account_id(name))
    return DraftPreview(covered=preview, unknown=() if preview.detections else unknown)


def _is_account_id(text: str) -> bool:
    try:
        return parse_public_id(text)[0] == "account"
    except ValueError:
        return False


def suggest_draft(*, district: District, alert: str) -> dict[str, str]:
    """Return the lists of a form that fit an alert: what each of its detections names, and no more.

    A student's account is named by its id. Empty if nothing is common to all.
    """
    members = [read_entities(row.entities) for row in list_detections(district=district, alert=alert)]
    lists = {name: _unite_common([select(entities) for entities in members]) for name, select in _SELECTIONS.items()}
    return {name: "\n".join(values) for name, values in lists.items() if values}


def _unite_common(values: Sequence[Sequence[str]]) -> list[str]:
    """Return all values, each once; none if one of the detections has none."""
    return list(dict.fromkeys(text for texts in values for text in texts)) if values and all(values) else []


def _select_actors(entities: Iterable[Entity]) -> list[str]:
    accounts = [entity for entity in entities if entity.kind == EntityKind.ACCOUNT]
    actors = [entity for entity in accounts if entity.part == Part.ACTOR] or accounts
    return [_name_entity(entity) for entity in actors]


def _select_targets(entities: Iterable[Entity]) -> list[str]:
    items = list(entities)
    accounts = [entity for entity in items if entity.kind == EntityKind.ACCOUNT]
    victims = [entity for entity in accounts if entity.part == Part.VICTIM]
    if victims and any(entity.part == Part.ACTOR for entity in accounts):
        return [_name_entity(entity) for entity in victims]
    kinds = (EntityKind.APP, EntityKind.FILE)
    return [_name_entity(entity) for entity in items if entity.kind in kinds and entity.part != Part.ACTOR]


def _select_hosts(entities: Iterable[Entity]) -> list[str]:
    kinds = (EntityKind.HOST, EntityKind.DEVICE)
    return [entity.name.partition(".")[0] for entity in entities if entity.kind in kinds]


def _select_addresses(entities: Iterable[Entity]) -> list[str]:
    return [entity.name for entity in entities if entity.kind == EntityKind.ADDRESS]


def _select_countries(entities: Iterable[Entity]) -> list[str]:
    return [get_country_name(entity.country) for entity in entities if entity.country]


_SELECTIONS: dict[str, Callable[[Iterable[Entity]], list[str]]] = {
    "who": _select_actors,
    "targets": _select_targets,
    "hosts": _select_hosts,
    "addresses": _select_addresses,
    "countries": _select_countries,
}


def _name_entity(entity: Entity) -> str:
    return entity.id if entity.role == Role.STUDENT and entity.id else entity.name
