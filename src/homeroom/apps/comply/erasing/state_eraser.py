"""Erase people from the state database: rows about them go, and texts and documents lose their ids and names.

Which field is which is declared in `field_classes`; the models themselves are reached through Django's registry, since
an erasure concerns every area and belongs to none.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import models, router, transaction
from django.db.models import Q
from django.utils import timezone

from homeroom.apps.comply.erasing.field_classes import FIELD_CLASSES, FieldClasses
from homeroom.apps.platform.audit.appending import lock_head, redact_entries
from homeroom.apps.platform.districts.queries import PERSON
from homeroom.apps.protect.detection.erase_detections import forget_person
from homeroom.apps.protect.incidents.erase_person import list_held_models
from homeroom.domain.platform.audit.chain import WITHOUT_PERSON
from homeroom.domain.platform.district import District
from homeroom.evidence.erasing.person_terms import TermMatcher

PROJECTED = ("inventory.Person", "inventory.Account", "inventory.Device")
"""Models whose rows are rebuilt from evidence: those of generations before the published one go."""
AUDIT_ENTRY = "audit.Entry"


class StateEraser:
    """One erasure from the state of a district; it counts the rows that go and those that change, by model."""

    def __init__(self, district: District, matcher: TermMatcher, *, preview: bool = False) -> None:
        self._district, self._matcher, self._preview = district, matcher, preview
        self._needles = tuple(needle.lower() for needle in matcher.needles)
        self.removed: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()

    def erase(self) -> None:
        """Erase from every model: each database in one transaction, so that a reader sees all of it or nothing.

        The audit trail comes last: its end is locked until the transaction ends, and whoever adds an entry waits.
        """
        for alias in sorted({router.db_for_write(model) or "default" for model in apps.get_models()}):
            with transaction.atomic(using=alias):
                for model in apps.get_models(include_auto_created=True):
                    classes = FIELD_CLASSES.get(model._meta.label)
                    is_stored_here = (router.db_for_write(model) or "default") == alias
                    if classes is not None and is_stored_here and model._meta.label != AUDIT_ENTRY:
                        self._erase_from(model, classes)
                if alias == "default":
                    self._erase_packed()
                    self._remove_own_users()
                    self._erase_from_trail()

    def _erase_from(self, model: type[models.Model], classes: FieldClasses) -> None:
        label = model._meta.label
        if label in PROJECTED and not self._preview:
            self._select(model).filter(closed__isnull=False).delete()
        if classes.subjects or classes.keys:
            self._remove_rows(model, classes)
        for name in classes.references:
            rows = self._select(model).filter(**{f"{name}__in": sorted(self._matcher.terms.subjects)})
            self.changed[label] += rows.count() if self._preview else rows.update(**{name: None})
        if label not in PROJECTED and (classes.texts or classes.documents):
            self._clean_rows(model, classes)

    def _erase_from_trail(self) -> None:
        """Erase from the audit trail, locked before it is read, so that no entry that is added meanwhile is missed."""
        if not self._preview:
            lock_head(self._district)
        self._erase_from(apps.get_model(AUDIT_ENTRY), FIELD_CLASSES[AUDIT_ENTRY])

    def _select(self, model: type[models.Model]) -> Any:
        manager: Any = getattr(model, "objects", None)
        return manager.of(self._district) if hasattr(manager, "of") else model._default_manager.all()

    def _remove_rows(self, model: type[models.Model], classes: FieldClasses) -> None:
        terms = self._matcher.terms
        condition = Q()
        for name in classes.subjects:
            condition |= Q(**{f"{name}__in": sorted(terms.subjects)})
        for name in classes.keys:
            prefix = name.removesuffix("key")
            for instance, _, key in sorted(terms.records):
                condition |= Q(**{f"{prefix}instance": instance, name: key})
        rows = self._select(model).filter(condition)
        self.removed[model._meta.label] += rows.count()
        if not self._preview:
            rows._raw_delete(rows.db) if not _has_children(model) else rows.delete()

    def _clean_rows(self, model: type[models.Model], classes: FieldClasses) -> None:
        names = (*classes.texts, *classes.documents)
        rows = self._select(model)
        held = list_held_models(self._district).get(model._meta.label)
        if held is not None:
            rows = rows.exclude(held)
        if model._meta.label == AUDIT_ENTRY:
            rows = rows.exclude(action__in=WITHOUT_PERSON)
        changes = []
        for pk, *values in rows.values_list("pk", *names).iterator(chunk_size=5_000):
            if self._may_hold_term(values):
                change = self._clean_values(dict(zip(names, values, strict=True)), classes)
                if change:
                    changes.append((pk, change))
        self.changed[model._meta.label] += len(changes)
        if self._preview:
            return
        if model._meta.label == AUDIT_ENTRY:  # the trail's hash chain goes on, and states what was removed
            redact_entries(district=self._district, at=timezone.now(), changes=changes)
            return
        for pk, change in changes:
            self._select(model).filter(pk=pk).update(**change)

    def _may_hold_term(self, values: list[Any]) -> bool:
        text = "\n".join(value if isinstance(value, str) else _write_json(value) for value in values).lower()
        return any(needle in text for needle in self._needles)

    def _clean_values(self, values: Mapping[str, Any], classes: FieldClasses) -> dict[str, Any]:
        cleaned = {
            name: self._matcher.replace_in_value(value)
            for name, value in values.items()
            if value is not None and (name in classes.documents or isinstance(value, str))
        }
        return {name: value for name, value in cleaned.items() if value != values[name]}

    def _remove_own_users(self) -> None:
        """Remove the users by whom erased people open their own pages, with their sessions' rights."""
        users = apps.get_model("districts", "User").objects.filter(
            memberships__district_id=self._district.pk, memberships__role=PERSON
        )
        erased = [user.pk for user in users.only("pk", "email").iterator() if self._matcher.is_in(user.email)]
        self.removed["districts.User"] += len(erased)
        if not self._preview:
            users.model.objects.filter(pk__in=erased).delete()

    # --- compressed values -------------------------------------------------------------------------------------------

    def _erase_packed(self) -> None:
        matches, habits = forget_person(self._district, self._matcher.is_in, preview=self._preview)
        self.removed["detection.MatchBatch"] += matches
        self.removed["detection.JudgingState"] += habits
        self._clean_answers()
        sessions = [session.pk for session in Session.objects.all() if self._is_in_session(session)]
        self.removed["sessions.Session"] += len(sessions)
        if not self._preview:
            Session.objects.filter(pk__in=sessions).delete()

    def _clean_answers(self) -> None:
        model = apps.get_model("agents", "Answer")
        for pk, packed in list(self._select(model).values_list("pk", "rows").iterator()):
            text = zlib.decompress(bytes(packed)).decode()
            if not any(needle in text.lower() for needle in self._needles):
                continue
            rows = json.loads(text)
            cleaned = self._matcher.replace_in_value(rows)
            if cleaned != rows:
                self.changed["agents.Answer"] += 1
                if not self._preview:
                    packed_again = zlib.compress(_write_json(cleaned).encode())
                    self._select(model).filter(pk=pk).update(rows=packed_again)

    def _is_in_session(self, session: Session) -> bool:
        return self._matcher.is_in(_write_json(session.get_decoded()))


def _has_children(model: type[models.Model]) -> bool:
    return any(field.auto_created and not field.concrete for field in model._meta.get_fields())


def _write_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
