"""Saved views in the database: a name is of one view of a person, and nobody reads another district's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from homeroom.apps.platform.saved_views.commands import SavedViewRefused, ViewDraft, save_view
from homeroom.apps.platform.saved_views.models import SavedView
from tests.cast import Cast, create_cast

pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("unique names of views, JSON")]
AT = datetime(2026, 1, 15, tzinfo=UTC)
DRAFT = ViewDraft(
    kind="device", name="In repair", query=[("status", "repair")], columns=["serial"], shared=True, is_personal=False
)


@pytest.fixture
def cast() -> Cast:
    return create_cast()


def save(cast: Cast, draft: ViewDraft, *, actor: str = "technician") -> str:
    return save_view(district=cast.district, draft=draft, actor=actor, at=AT)


def test_a_view_saved_again_takes_the_place_of_the_owner_s_and_of_no_other(cast: Cast) -> None:
    save(cast, DRAFT)
    save(cast, DRAFT, actor="director")
    save(cast, replace(DRAFT, name=" In  repair ", columns=["serial", "model"]))
    views = SavedView.objects.of(cast.district).order_by("owner").values_list("owner", "name", "query", "columns")
    assert list(views) == [
        ("director", "In repair", [["status", "repair"]], ["serial"]),
        ("technician", "In repair", [["status", "repair"]], ["serial", "model"]),
    ]
    assert not SavedView.objects.of(cast.next_district).exists()


def test_the_database_refuses_a_second_view_of_a_name(cast: Cast) -> None:
    save(cast, DRAFT)
    view = SavedView.objects.of(cast.district).get()
    view.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        view.save(force_insert=True)


def test_what_may_name_a_person_is_not_shared(cast: Cast) -> None:
    with pytest.raises(SavedViewRefused, match="cannot be shared"):
        save(cast, replace(DRAFT, is_personal=True))
    assert not SavedView.objects.of(cast.district).exists()
