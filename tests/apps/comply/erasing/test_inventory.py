"""Whatever holds a value of a person is known to erasing: every column of evidence and every field of the database."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.apps import apps
from django.db import models

from homeroom.apps.comply.erasing.field_classes import FIELD_CLASSES
from homeroom.evidence.erasing.column_classes import COLUMN_CLASSES
from homeroom.evidence.tables import TABLES, Privacy, Type

MODELS = apps.get_models(include_auto_created=True)
SEARCHED = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.BigIntegerField)
OTHERS = (models.BigAutoField, models.AutoField, models.PositiveBigIntegerField)


def list_fields(model: type[models.Model]) -> list[str]:
    return [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, SEARCHED) and not isinstance(field, OTHERS) and not field.is_relation
    ]


def find_double(names: Sequence[str]) -> set[str]:
    return {name for name in names if list(names).count(name) > 1}


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_evidence_has_one_class(table: str):
    names = COLUMN_CLASSES[table].names
    assert set(names) == set(TABLES[table].names)
    assert find_double(names) == set()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_field_of_the_database_has_one_class(model: type[models.Model]):
    names = FIELD_CLASSES[model._meta.label].names
    assert set(names) == set(list_fields(model))
    assert find_double(names) == set()


def test_no_class_is_about_what_does_not_exist():
    assert COLUMN_CLASSES.keys() == TABLES.keys()
    assert FIELD_CLASSES.keys() == {model._meta.label for model in MODELS}


@pytest.mark.parametrize("table", [name for name, table in TABLES.items() if not table.derived])
def test_a_text_about_students_is_never_plain(table: str):
    plain = COLUMN_CLASSES[table].plain
    texts = [
        column.name
        for column in TABLES[table].columns
        if column.privacy is Privacy.STUDENT and column.type in (Type.TEXT, Type.TEXTS) and column.name in plain
    ]
    assert set(texts) <= {"status", "org_key", "org_name", "class_key", "role", "mfa_methods", "grade", "status_word"}


def test_a_document_of_the_database_is_plain_only_where_it_holds_no_text_of_people():
    plain = {
        f"{model._meta.label}.{field.name}"
        for model in MODELS
        for field in model._meta.concrete_fields
        if isinstance(field, (models.JSONField, models.BinaryField))
        and field.name in FIELD_CLASSES[model._meta.label].plain
    }
    assert plain == {
        "audit.Entry.removed",
        "connections.Connection.marks",
        "connections.Connection.off",
        "connections.Connection.stands",
        "detection.JudgingState.judged_until",
        "detection.StoredAlert.rules",
        "detection.StoredAlert.stages",
        "districts.Membership.schools",
        "django_ox.OxSchedule.arguments",
        "django_ox.OxTask.worker_ids",
        "posture.ControlWeek.schools",
        "privacy.PrivacyRequest.choices",
    }
