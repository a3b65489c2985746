"""Fix files that contain an incident: rows of its accounts, and the proof in the console's own log."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.fixes.commands import PREPARED, RELEASED, VERIFIED, FixNotPossible
from homeroom.apps.protect.fixes.models import FixFile, FixRow
from homeroom.apps.protect.fixes.package import iter_changes
from homeroom.domain.ids import format_public_id, parse_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.protect.incidents.containment import ContainmentAction
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.library.protect.remedies import load_containment_actions

WORKED = "worked"
PROOF_DAYS = timedelta(days=14)
"""How long after the hand-out a later load is looked through for the proof."""
MAX_ROWS = 5_000


@dataclass(frozen=True, kw_only=True)
class ContainmentTarget:
    """An account of an incident as its log names it, with Homeroom's id if it has one, and what a reviewer minds.

    `value` is what the action takes beside it, `back` what its undo needs.
    """

    name: str
    public: str = ""
    administrator: bool = False
    student: bool = False
    value: str = ""
    back: str = ""


@dataclass(frozen=True, kw_only=True)
class PasteLine:
    """One row, ready to paste, with the command that takes it back, or why none does."""

    name: str
    command: str
    undo: str
    no_undo: str
    look: str
    outcome: str


def prepare_containment(
    *, district: District, incident: str, action: str, targets: Sequence[ContainmentTarget], actor: str, at: datetime
) -> str:
    """Write a fix file for accounts of an incident; return its public id.

    Raise FixNotPossible for an unknown action, a value that does not fit, or if no account is left.
    """
    containment = load_containment_actions().get(action)
    if containment is None:
        raise FixNotPossible(f"{action or 'no action'}; {', '.join(load_containment_actions())} would fit")
    for target in targets:
        _check_values(containment, target)
    valid = {target.name.casefold(): target for target in targets if _is_handle(containment, target.name)}
    if not valid or len(valid) > MAX_ROWS:
        raise FixNotPossible(f"no account that {containment.system} knows by its address; 1 to {MAX_ROWS} would fit")
    left = len(targets) - len(valid)
    with transaction.atomic():
        fix = FixFile.objects.create(
            district_id=district.pk,
            public=format_public_id("fix", secrets.randbits(63)),
            incident=incident,
            action=action,
            target=next(iter(valid.values())).value,
            left={"odd_handle": left} if left else {},
            state=PREPARED,
            made_by=actor,
            made_at=at,
        )
        FixRow.objects.bulk_create(
            [_build_row(district, fix, containment, place, target) for place, target in enumerate(valid.values())]
        )
        _record_audit(district, fix, "prepare fix file", actor=actor, at=at, rows=len(valid))
    return fix.public


def _is_handle(action: ContainmentAction, name: str) -> bool:
    return action.is_valid_handle(name.lower() if action.system == "google" else name)


def _check_values(action: ContainmentAction, target: ContainmentTarget) -> None:
    if not action.is_valid_value(target.value):
        raise FixNotPossible(f"{target.value[:40]!r}; {action.takes or 'no value'} would fit")
    if not action.is_valid_restore(target.back):
        raise FixNotPossible(f"{target.back[:40]!r}; {action.restores_to or 'no way back'} would fit")


def _build_row(
    district: District, fix: FixFile, action: ContainmentAction, place: int, target: ContainmentTarget
) -> FixRow:
    flags = [name for name in ("administrator", "student") if getattr(target, name)]
    return FixRow(
        district_id=district.pk,
        fix=fix,
        place=place,
        subject=parse_public_id(target.public)[1] if re.fullmatch(r"a-[0-9a-z]{13}", target.public) else 0,
        handle=target.name.lower() if action.system == "google" else target.name,
        to=target.value or action.writes,
        back=target.back or None,
        flags=",".join(flags),
    )


def list_paste_lines(*, district: District, public: str) -> tuple[PasteLine, ...]:
    """Return the rows of a file that was handed out, ready to paste.

    Raise LookupError for an unknown id, and FixNotPossible before the review and the hand-out.
    """
    fix = FixFile.objects.of(district).filter(public=public).exclude(incident="").first()
    action = load_containment_actions().get(fix.action) if fix else None
    if fix is None or action is None:
        raise LookupError(f"there is no containment {public}")
    if fix.state not in (RELEASED, VERIFIED):
        raise FixNotPossible(f"it is {fix.state}; review it and hand it out first")
    rows = FixRow.objects.of(district).filter(fix=fix, dropped=False).order_by("place")
    outcomes = rows.values_list("outcome", flat=True)
    return tuple(
        PasteLine(
            name=change.handle,
            command=action.paste(change),
            undo=action.paste_undo(change),
            no_undo="" if action.paste_undo(change) else action.no_undo,
            look=action.look(change),
            outcome=outcome,
        )
        for change, outcome in zip(iter_changes(district=district, fix=fix), outcomes, strict=True)
    )


def verify_containments(*, district: District, store: EvidenceStore, at: datetime) -> int:
    """Mark the rows that the console's own log proves since the hand-out; return how many are new. Safe to repeat."""
    files = FixFile.objects.of(district).filter(state=RELEASED, handed_at__gt=at - PROOF_DAYS).exclude(incident="")
    return sum(_verify_file(district, EventStore(store), fix, at) for fix in files)


def _verify_file(district: District, events: EventStore, fix: FixFile, at: datetime) -> int:
    action = load_containment_actions().get(fix.action)
    if action is None or not action.proving_events or fix.handed_at is None:
        return 0
    open_rows = {
        (row.handle.casefold(), row.to): row
        for row in FixRow.objects.of(district).filter(fix=fix, dropped=False).exclude(outcome=WORKED)
    }
    texts = _iter_proofs(events, action, since=fix.handed_at, until=at + timedelta(days=1)) if open_rows else ()
    proven: set[int] = set()
    for text in texts:
        for (handle, value), row in open_rows.items():
            if _has_address(text, handle) and (not action.takes or value.casefold() in text):
                proven.add(row.pk)
    if not proven:
        return 0
    with transaction.atomic():
        FixRow.objects.of(district).filter(pk__in=proven).update(outcome=WORKED, checked_at=at)
        if len(proven) == len(open_rows):
            FixFile.objects.of(district).filter(pk=fix.pk, state=RELEASED).update(state=VERIFIED, proved_at=at)
        _record_audit(district, fix, "check fix file", actor="", at=at, worked=len(proven))
    return len(proven)


def _has_address(text: str, handle: str) -> bool:
    """Check whether a record names an address as a whole, not as the end of a longer one."""
    return re.search(rf"(?<![\w.+-]){re.escape(handle)}(?![\w-])", text) is not None


def _iter_proofs(events: EventStore, action: ContainmentAction, *, since: datetime, until: datetime) -> Iterable[str]:
    """Yield the records, in lower case, of the events that prove an action."""
    wanted = {name.casefold() for name in action.proving_events}
    for batch in events.iter_rows("audit_events", since=since, until=until):
        for row in batch.select(["event", "actor_email", "target", "details", "source"]).to_pylist():
            if row["source"] == action.system and (row["event"] or "").casefold().rstrip(".") in wanted:
                yield " ".join(row[name] or "" for name in ("actor_email", "target", "details")).casefold()


def _record_audit(
    district: District, fix: FixFile, audit_action: str, *, actor: str, at: datetime, **counts: int
) -> None:
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=audit_action,
        subject_kind="fix",
        subject=fix.public,
        detail={"action": fix.action, "incident": fix.incident, **counts},
    )
