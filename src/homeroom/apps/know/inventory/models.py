"""Models of the published people, accounts and devices, and of the ledger of their ids.

Rows are intervals over generations: a row is in generation G if `opened <= G` and `closed` is null or greater than G. A
merge writes under the next generation, which is not visible until one update of `Projection.generation` publishes it;
rows that a killed merge left are deleted by the next.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class Projection(models.Model):
    """The published generation of the inventory and the derived evidence that it shows.

    `derived_before` is the derived evidence of the previous generation. `writing` is set from a merge's first write
    until its clean-up ended: it reveals a killed merge.
    """

    district = models.OneToOneField("districts.District", on_delete=models.CASCADE, related_name="projection")
    generation = models.BigIntegerField(default=0)
    derived = models.CharField(max_length=64, blank=True)
    derived_before = models.CharField(max_length=64, blank=True)
    as_of = models.DateTimeField(null=True)
    writing = models.BigIntegerField(null=True)

    def get_snapshot(self, generation: int) -> str:
        """Return the derived evidence that the published or the previous generation shows."""
        return self.derived if generation == self.generation else self.derived_before


class _LargeTable(Scoped):
    """A table of millions of rows.

    Each of its indexes begins with the district, so it needs no index of the district alone.
    """

    district = models.ForeignKey("districts.District", on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta(Scoped.Meta):
        abstract = True


def _build_closed_index(prefix: str) -> models.Index:
    """Build the index of closed rows: they are few, and are found without a scan of current rows."""
    return models.Index(
        fields=["district", "closed"], name=f"{prefix}_closed", condition=models.Q(closed__isnull=False)
    )


class LedgerEntry(_LargeTable):
    """The permanent subject of one source record. `kind` is person, account or device."""

    kind = models.CharField(max_length=10)
    connector = models.CharField(max_length=40)
    instance = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    subject = models.BigIntegerField()
    opened = models.BigIntegerField()
    closed = models.BigIntegerField(null=True)
    pk = models.CompositePrimaryKey("district", "kind", "connector", "instance", "key", "opened")


class LedgerMerge(Scoped):
    """A tombstone for a subject that was merged into another, so that an old id still leads somewhere."""

    kind = models.CharField(max_length=10)
    subject = models.BigIntegerField()
    into = models.BigIntegerField()
    opened = models.BigIntegerField()
    closed = models.BigIntegerField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "kind", "subject"], name="ledger_tombstone")]


class Interval(_LargeTable):
    """A row of the projection. `subject` is the resolved id; `public` is its opaque form for addresses and exports."""

    subject = models.BigIntegerField()
    public = models.CharField(max_length=20)
    opened = models.BigIntegerField()
    closed = models.BigIntegerField(null=True)
    sort = models.CharField(max_length=200)

    class Meta(Scoped.Meta):
        abstract = True


def _build_indexes(prefix: str, **extra: str) -> list[models.Index]:
    """Build a model's indexes. Rows are found by public id; filters and sorts use the list cache instead of indexes."""
    extra_indexes = [
        models.Index(fields=["district", column], name=f"{prefix}_{name}") for name, column in extra.items()
    ]
    return [
        models.Index(fields=["district", "public"], name=f"{prefix}_public"),
        _build_closed_index(prefix),
        *extra_indexes,
    ]


class Person(Interval):
    """A person in the inventory list."""

    name = models.CharField(max_length=200)
    email = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=20)
    here = models.BooleanField(null=True)
    left = models.BooleanField(null=True)
    school = models.CharField(max_length=200, blank=True)
    grade = models.CharField(max_length=10, blank=True)
    grade_band = models.CharField(max_length=10, blank=True)
    homeroom = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=200, blank=True)
    sources = models.CharField(max_length=200, blank=True)

    class Meta(Interval.Meta):
        indexes: ClassVar = _build_indexes("person")


class Account(Interval):
    """An account in the inventory list."""

    directory = models.CharField(max_length=40)
    email = models.CharField(max_length=255)
    name = models.CharField(max_length=200, blank=True)
    person = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=20)
    role = models.CharField(max_length=20)
    school = models.CharField(max_length=200, blank=True)
    grade_band = models.CharField(max_length=10, blank=True)
    org_unit = models.CharField(max_length=300, blank=True)
    enabled = models.BooleanField(null=True)
    administrator = models.BooleanField(null=True)
    second_factor = models.BooleanField(null=True)
    last_sign_in = models.DateTimeField(null=True)
    left = models.BooleanField(null=True)
    sources = models.CharField(max_length=200, blank=True)

    class Meta(Interval.Meta):
        indexes: ClassVar = _build_indexes("account", person="person")


class Device(Interval):
    """A device in the inventory list."""

    serial = models.CharField(max_length=80, blank=True)
    asset_tag = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    platform = models.CharField(max_length=20, blank=True)
    model = models.CharField(max_length=200, blank=True)
    os_version = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=20, blank=True)
    school = models.CharField(max_length=200, blank=True)
    cart = models.CharField(max_length=120, blank=True)
    org_unit = models.CharField(max_length=300, blank=True)
    location = models.CharField(max_length=200, blank=True)
    holder = models.BigIntegerField(null=True)
    holder_name = models.CharField(max_length=200, blank=True)
    holder_left = models.BooleanField(null=True)
    last_seen = models.DateTimeField(null=True)
    expires_on = models.DateField(null=True)
    sources = models.CharField(max_length=200, blank=True)

    class Meta(Interval.Meta):
        indexes: ClassVar = _build_indexes("device", holder="holder")


class Decision(Scoped):
    """A manual decision about two records: they are the same subject, or they are not.

    If the kind is `account`, the first record is an account and the second a person. A revoked decision remains as a
    record of who decided what; it no longer counts.
    """

    kind = models.CharField(max_length=10)
    one_connector = models.CharField(max_length=40)
    one_instance = models.CharField(max_length=80)
    one_key = models.CharField(max_length=255)
    other_connector = models.CharField(max_length=40)
    other_instance = models.CharField(max_length=80)
    other_key = models.CharField(max_length=255)
    same = models.BooleanField()
    question = models.CharField(max_length=40)
    why = models.CharField(max_length=1000, blank=True)
    actor = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()
    taken_back_by = models.CharField(max_length=150, blank=True)
    taken_back_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "taken_back_at"], name="decision_standing")]


def build_generation_condition(generation: int) -> models.Q:
    """Return the condition for rows of a generation: opened by then, and not closed by then."""
    return models.Q(opened__lte=generation) & (models.Q(closed=None) | models.Q(closed__gt=generation))


GENERATION_SQL = "district_id = %s AND opened <= %s AND (closed IS NULL OR closed > %s)"
"""`generation_condition` for a district as SQL, for reads that are too large for the ORM.

Its parameters are the district and twice the generation.
"""


class ListAnswer(Scoped):
    """The answer whether lists of a connector with these headings decide who belongs."""

    connector = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    decides = models.BooleanField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "connector", "fingerprint"], name="one_answer_a_list"),
        ]
