"""Reviews of vulnerabilities: which device lacks which remedy since when, and deadlines.

Gaps and sightings are intervals over reviews: one is open in review R where `opened <= R` and `closed` is null or
greater than R. A review writes under its own number, which nobody reads, until `Reviewed.review` publishes it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class Reviewed(models.Model):
    """The number of the district's published review."""

    district = models.OneToOneField("districts.District", on_delete=models.CASCADE, related_name="+")
    review = models.BigIntegerField(default=0)


class Review(Scoped):
    """One review of all vulnerabilities, on one day, over one derived snapshot; `asked` is the hash of its inputs.

    The sums are those of the engine's `Sums`; a review from before they were stored has none.
    """

    number = models.BigIntegerField()
    at = models.DateTimeField()
    today = models.DateField()
    derived = models.CharField(max_length=64)
    asked = models.CharField(max_length=64)
    opened = models.BigIntegerField()
    returned = models.BigIntegerField()
    fixed = models.BigIntegerField()
    open_devices = models.BigIntegerField(null=True)
    overdue_devices = models.BigIntegerField(null=True)
    late_devices = models.BigIntegerField(null=True)
    exploited_vulnerabilities = models.BigIntegerField(null=True)
    late_vulnerabilities = models.BigIntegerField(null=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "number"], name="review_number")]


class Remedy(Scoped):
    """One remedy of a product: every release of it that became known in one review, `first`."""

    product_key = models.CharField(max_length=255)
    first = models.BigIntegerField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "product_key", "first"], name="one_remedy_a_review")
        ]


class Release(Scoped):
    """One version of one product that fixes vulnerabilities.

    `fix` is empty for vulnerabilities without a named version.
    """

    remedy = models.ForeignKey(Remedy, on_delete=models.CASCADE, related_name="+")
    product_key = models.CharField(max_length=255)
    fix = models.CharField(max_length=255, blank=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "product_key", "fix"], name="one_release_a_version")
        ]


class Gap(Scoped):
    """One device that lacks one remedy, from one review to another.

    `kind` is the class of device.
    `missed_since` is set while no source observes it, `took` when it was fixed: the days from `since` to that day.
    """

    remedy = models.ForeignKey(Remedy, on_delete=models.CASCADE, related_name="+")
    device = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    since = models.DateField()
    opened = models.BigIntegerField()
    closed = models.BigIntegerField(null=True)
    why = models.CharField(max_length=20, blank=True)
    took = models.IntegerField(null=True)
    missed_since = models.DateField(null=True)
    snapshot = models.CharField(max_length=64)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [
            models.Index(fields=["district", "device", "remedy"], name="gap_device"),
            models.Index(fields=["district", "closed"], name="gap_closed"),
            models.Index(fields=["district", "opened"], name="gap_opened"),
        ]


class Sighting(Scoped):
    """One vulnerability of one product on any device, from one review to another.

    `ended_on` is the day when no device had it any more.
    """

    product_key = models.CharField(max_length=255)
    cve = models.CharField(max_length=80)
    since = models.DateField()
    opened = models.BigIntegerField()
    closed = models.BigIntegerField(null=True)
    ended_on = models.DateField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "cve", "product_key"], name="sighting_cve")]


class Fixed(Scoped):
    """Number of gaps that one review saw fixed, by class of device and the days that it took."""

    review = models.BigIntegerField()
    on = models.DateField()
    kind = models.CharField(max_length=20)
    took = models.IntegerField()
    many = models.BigIntegerField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "review", "kind", "took"], name="one_count_a_class_and_days"),
        ]


class Tally(Scoped):
    """Counts of one product in one review, stored for the published review and a later unpublished one.

    `missed` and `stale` count the devices with gaps that could not be observed, and those for over a week.
    """

    review = models.BigIntegerField()
    product_key = models.CharField(max_length=255)
    devices = models.BigIntegerField()
    excepted = models.BigIntegerField()
    overdue = models.BigIntegerField()
    missed = models.BigIntegerField()
    stale = models.BigIntegerField()
    due_on = models.DateField(null=True)
    since = models.DateField(null=True)
    closes = models.IntegerField()
    without_fix = models.IntegerField()
    excepted_vulnerabilities = models.IntegerField()
    exploited = models.IntegerField()
    worst = models.CharField(max_length=10, blank=True)
    points = models.BigIntegerField()
    reasons = models.CharField(max_length=120, blank=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "review", "product_key"], name="one_tally_a_product"),
        ]


class Deadlines(Scoped):
    """Days by severity within which this district fixes vulnerabilities; without a row, the built-in days apply."""

    critical = models.IntegerField()
    high = models.IntegerField()
    medium = models.IntegerField()
    low = models.IntegerField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district"], name="one_set_of_deadlines")]
