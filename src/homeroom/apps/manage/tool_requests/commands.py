"""Ask for a tool, decide a request, and withdraw one; each change is in its entries and in the audit trail."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any

from django.db import transaction

from homeroom.apps.manage.tool_requests.models import ToolRequest, ToolRequestEntry
from homeroom.apps.manage.tools.adoption_checks import CheckRefused, load_adoption_check
from homeroom.apps.manage.tools.check_documents import build_check_document
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.manage.tools.requests import (
    AskForm,
    DecisionForm,
    RequestState,
    ToolRequestRefused,
    check_ask,
    check_decision,
    check_withdrawal,
)
from homeroom.domain.platform.district import District

ASKED = "asked"
AUDIT_ACTIONS = {
    ASKED: "ask for tool",
    RequestState.APPROVED: "approve tool request",
    RequestState.CONDITIONS: "approve tool request with conditions",
    RequestState.REFUSED: "refuse tool request",
    RequestState.WITHDRAWN: "withdraw tool request",
}


def ask_for_tool(*, district: District, form: AskForm, today: date, actor: str, at: datetime) -> str:
    """Write a request down with the check of the tool, and return its id.

    Raise ToolRequestRefused with what would fit, and QueryTimeout.
    """
    ask = check_ask(form, today=today)
    document = make_document(district=district, name=ask.name, does=ask.does, today=today)
    tool = (document or {}).get("tool") or {}
    row = ToolRequest(
        district_id=district.pk,
        public=f"request-{secrets.token_hex(8)}",
        name=ask.name,
        tool=tool.get("id", "")[:250],
        does=list(ask.does),
        requester=ask.requester,
        class_name=ask.class_name,
        grades=ask.grades,
        schools=list(ask.schools),
        reason=ask.reason,
        needed_by=ask.needed_by,
        state=RequestState.OPEN,
        made_by=actor,
        made_at=at,
    )
    with transaction.atomic():
        row.save(force_insert=True)
        _write_entry(row, ASKED, district=district, actor=actor, at=at, document=document)
    return row.public


def decide_request(
    *, district: District, public: str, form: DecisionForm, today: date, actor: str, at: datetime
) -> None:
    """Decide a request, or replace its decision, beside the check of the tool as it is now.

    Raise ToolRequestRefused with what would fit, LookupError if the district has no such request, and QueryTimeout.
    """
    before = ToolRequest.objects.of(district).filter(public=public).first()
    if before is None:
        raise LookupError(f"there is no request {public}")
    check_decision(form, state=before.state, today=today)
    document = make_document(district=district, name=before.name, does=before.does, today=today)
    with transaction.atomic():
        row = _get_row(district, public)
        decision = check_decision(form, state=row.state, today=today)
        row.state, row.until = decision.state, decision.until
        row.decision_reason, row.conditions = decision.reason, decision.conditions
        row.decided_by, row.decided_at = actor, at
        row.save()
        _write_entry(
            row, decision.state, district=district, actor=actor, at=at, text=decision.reason, document=document
        )


def withdraw_request(*, district: District, public: str, reason: str, actor: str, at: datetime) -> None:
    """Withdraw a request that is open or approved: nobody needs it any more.

    Raise ToolRequestRefused with what would fit, and LookupError if the district has no such request.
    """
    with transaction.atomic():
        row = _get_row(district, public)
        text = check_withdrawal(reason, state=row.state)
        row.state, row.until, row.conditions = RequestState.WITHDRAWN, None, ""
        row.save()
        _write_entry(row, RequestState.WITHDRAWN, district=district, actor=actor, at=at, text=text)


def make_document(*, district: District, name: str, does: Any, today: date) -> dict[str, Any] | None:
    """Return the document of the check of a tool; None if nothing was loaded yet.

    Raise ToolRequestRefused for a name or capability that cannot be checked, and QueryTimeout.
    """
    try:
        check = load_adoption_check(store=get_evidence_store(district=district), text=name, does=does, today=today)
    except CheckRefused as error:
        raise ToolRequestRefused(error.field, str(error)) from None
    return build_check_document(check) if check else None


def _get_row(district: District, public: str) -> ToolRequest:
    row = ToolRequest.objects.of(district).select_for_update().filter(public=public).first()
    if row is None:
        raise LookupError(f"there is no request {public}")
    return row


def _write_entry(
    row: ToolRequest,
    act: str,
    *,
    district: District,
    actor: str,
    at: datetime,
    text: str = "",
    document: dict[str, Any] | None = None,
) -> None:
    """Write what was done to the entries, and without texts and names of people to the audit trail."""
    ToolRequestEntry.objects.create(
        district_id=district.pk,
        request=row,
        act=act,
        at=at,
        text=text,
        conditions=row.conditions,
        until=row.until,
        document=document,
        written_by=actor,
    )
    detail = {
        "tool": row.name,
        "schools": row.schools,
        "needed_by": row.needed_by.isoformat() if act == ASKED and row.needed_by else "",
        "until": row.until.isoformat() if row.until else "",
    }
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=AUDIT_ACTIONS[act],
        subject_kind="tool request",
        subject=row.public,
        detail={name: value for name, value in detail.items() if value},
    )
