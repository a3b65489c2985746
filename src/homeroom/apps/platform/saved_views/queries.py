"""Queries of saved views."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from homeroom.apps.platform.saved_views.models import SavedView
from homeroom.domain.platform.district import District


@dataclass(frozen=True, kw_only=True)
class ListView:
    """A saved view of a list: the pairs of its query, the names of its columns, and whose it is."""

    id: int
    kind: str
    name: str
    query: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    owner: str
    shared: bool


def list_views(*, district: District, kind: str, actor: str, with_shared: bool) -> tuple[ListView, ...]:
    """Return the views of a list that a person opens, by name: their own, and shared ones with `with_shared`."""
    rows = SavedView.objects.of(district).filter(_build_condition(actor, with_shared=with_shared), kind=kind)
    return tuple(map(_build_view, rows.order_by("name", "pk")))


def find_view(*, district: District, view: int, actor: str, with_shared: bool) -> ListView | None:
    """Return the view with this number if the person opens it, or None."""
    rows = SavedView.objects.of(district).filter(_build_condition(actor, with_shared=with_shared), pk=view)
    row = rows.first()
    return None if row is None else _build_view(row)


def _build_view(row: SavedView) -> ListView:
    return ListView(
        id=row.pk,
        kind=row.kind,
        name=row.name,
        query=tuple((name, value) for name, value in row.query),
        columns=tuple(row.columns),
        owner=row.owner,
        shared=row.shared,
    )


def _build_condition(actor: str, *, with_shared: bool) -> Q:
    return Q(owner=actor) | Q(shared=True) if with_shared else Q(owner=actor)
