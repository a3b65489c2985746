"""Save and delete views of inventory lists. Each change is in the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.saved_views.models import SavedView
from homeroom.domain.platform.district import District

MAX_NAME = 80
MAX_QUERY = 2_000
"""Characters of the names and values of a query."""
MAX_VIEWS = 50
"""Views of one person on one list."""


class SavedViewRefused(ValueError):
    """A view cannot be saved like that; the message has what is possible."""


@dataclass(frozen=True, kw_only=True)
class ViewDraft:
    """A view as it was typed: the list's kind, a name, the pairs of its query, its columns, and whether to share it.

    `is_personal` is true if the query may name a person; such a view is not shared.
    """

    kind: str
    name: str
    query: Sequence[tuple[str, str]]
    columns: Sequence[str]
    shared: bool
    is_personal: bool


@transaction.atomic
def save_view(*, district: District, draft: ViewDraft, actor: str, at: datetime) -> str:
    """Save a view, in place of the owner's view of that name; return its name. Raise SavedViewRefused."""
    name = " ".join(draft.name.split())
    own = SavedView.objects.of(district).filter(owner=actor, kind=draft.kind)
    _check_draft(draft, name, has_room=own.filter(name=name).exists() or own.count() < MAX_VIEWS)
    own.filter(name=name).delete()
    view = SavedView.objects.create(
        district_id=district.pk,
        kind=draft.kind,
        name=name,
        query=[list(pair) for pair in draft.query],
        columns=list(draft.columns),
        owner=actor,
        shared=draft.shared,
        saved_at=at,
    )
    _record(view, district=district, actor=actor, at=at, action="save view")
    return name


def _check_draft(draft: ViewDraft, name: str, *, has_room: bool) -> None:
    if not name or len(name) > MAX_NAME:
        raise SavedViewRefused(gettext("Enter a name of at most %(most)d characters.") % {"most": MAX_NAME})
    if sum(len(key) + len(value) for key, value in draft.query) > MAX_QUERY:
        raise SavedViewRefused(gettext("This view is too long to save. Remove a filter or select fewer rows."))
    if draft.shared and draft.is_personal:
        raise SavedViewRefused(
            gettext("A view with a search or selected rows may name a person, so it cannot be shared. Use filters.")
        )
    if not has_room:
        raise SavedViewRefused(
            gettext("You have %(most)d views of this list. Delete one to save another.") % {"most": MAX_VIEWS}
        )


@transaction.atomic
def delete_view(*, district: District, view: int, actor: str, at: datetime) -> None:
    """Delete the view with this number; one that is gone stays gone."""
    row = SavedView.objects.of(district).filter(pk=view).first()
    if row is None:
        return
    _record(row, district=district, actor=actor, at=at, action="delete view")
    row.delete()


def _record(view: SavedView, *, district: District, actor: str, at: datetime, action: str) -> None:
    """Record a change of a view; its name and query may be about a person, so that neither is recorded."""
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind=view.kind,
        subject=str(view.pk),
        detail={"shared": view.shared, "owner": view.owner},
    )
