"""The current projection of people, accounts and devices, and the ledger that keeps their ids.

Rows are intervals over generations: a row is in generation G where `opened <= G` and `closed` is null or greater than G.
A merge writes under the next generation, which nobody reads, until one update of `Projection.generation` publishes it;
what a killed merge left behind is removed by the next.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.districts.scoping import Scoped


class Projection(models.Model):
    """Which generation of the inventory is published, and the derived evidence that it shows.

    `derived_before` is what the generation before it showed. `writing` is set from a merge's first write until it removed what
    was closed before: a killed one is known by it.
    """

    district = models.OneToOneField("districts.District", on_delete=models.CASCADE, related_name="projection")
    generation = models.BigIntegerField(default=0)
    derived = models.CharField(max_length=64, blank=True)
    derived_before = models.CharField(max_length=64, blank=True)
    as_of = models.DateTimeField(null=True)
    writing = models.BigIntegerField(null=True)


class _OfMillions(Scoped):
    """A table of millions of rows: each of its indexes begins with the district, so that one of the district alone is spared."""

    district = models.ForeignKey("districts.District", on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta(Scoped.Meta):
        abstract = True


def _closed(short: str) -> models.Index:
    """The rows that are closed: few, and found without a look at those that stand."""
    return models.Index(fields=["district", "closed"], name=f"{short}_closed", condition=models.Q(closed__isnull=False))


class LedgerEntry(_OfMillions):
    """One source record's subject, for ever. `kind` is person, account or device."""

    kind = models.CharField(max_length=10)
    connector = models.CharField(max_length=40)
    instance = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    subject = models.BigIntegerField()
    opened = models.BigIntegerField()
    closed = models.BigIntegerField(null=True)
    pk = models.CompositePrimaryKey("district", "kind", "connector", "instance", "key", "opened")


class LedgerMerge(Scoped):
    """A subject that turned out to be another: a tombstone, so that an old id still leads somewhere."""

    kind = models.CharField(max_length=10)
    subject = models.BigIntegerField()
    into = models.BigIntegerField()
    opened = models.BigIntegerField()
    closed = models.BigIntegerField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "kind", "subject"], name="ledger_tombstone")]


class Interval(_OfMillions):
    """A row of the projection. `subject` is the resolved id; `public` is its opaque form for addresses and exports."""

    subject = models.BigIntegerField()
    public = models.CharField(max_length=20)
    opened = models.BigIntegerField()
    closed = models.BigIntegerField(null=True)
    sort = models.CharField(max_length=200)

    class Meta(Scoped.Meta):
        abstract = True


def _indexes(short: str, **more: str) -> list[models.Index]:
    """A row is asked for by its public id; lists are filtered and sorted by what `homeroom.apps.inventory.listed` lays out."""
    named = [models.Index(fields=["district", column], name=f"{short}_{name}") for name, column in more.items()]
    return [models.Index(fields=["district", "public"], name=f"{short}_public"), _closed(short), *named]


class Person(Interval):
    """A person, as the inventory lists them."""

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
        indexes: ClassVar = _indexes("person")


class Account(Interval):
    """An account, as the inventory lists it."""

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
        indexes: ClassVar = _indexes("account", person="person")


class Device(Interval):
    """A device, as the inventory lists it."""

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
        indexes: ClassVar = _indexes("device", holder="holder")


class SearchTerm(_OfMillions):
    """One identifier of one subject, in lower case, for search by beginning."""

    kind = models.CharField(max_length=10)
    term = models.CharField(max_length=255)
    subject = models.BigIntegerField()
    opened = models.BigIntegerField()
    closed = models.BigIntegerField(null=True)
    pk = models.CompositePrimaryKey("district", "kind", "term", "subject", "opened")

    class Meta(Scoped.Meta):
        indexes: ClassVar = [_closed("search")]


class Decision(Scoped):
    """What a person said about two records: that they are the same thing, or that they are not.

    Of kind `account` the first record is an account and the second a person. A decision that was taken back stays, so that
    it can be told who said what; it counts no more.
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


def in_generation(generation: int) -> models.Q:
    """The rows that stand in a generation: opened by then, and not closed by then."""
    return models.Q(opened__lte=generation) & (models.Q(closed=None) | models.Q(closed__gt=generation))


STANDING = "district_id = %s AND opened <= %s AND (closed IS NULL OR closed > %s)"
"""`in_generation` for a district as SQL, with the district and the generation twice: for whom a million rows are too many for models."""
