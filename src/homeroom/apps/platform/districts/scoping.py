"""The one place where rows are scoped to a district: a manager that refuses to answer without one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from django.db import models

from homeroom.domain.platform.district import District


class UnscopedQuery(RuntimeError):
    """A query over a district's rows was made without naming the district."""


class DistrictQuerySet[M: models.Model](models.QuerySet[M]):
    """Rows of districts; begin with `of(district)`."""

    def of(self, district: District | int) -> Self:
        """Return only the rows of a district (an instance or its primary key)."""
        return self.filter(district=district)


class DistrictManager[M: models.Model](models.Manager[M]):
    """Manager that answers only with `of(district)`; everything else raises UnscopedQuery.

    Writes that carry the district in the row (`bulk_create`, `create(district=…)`) are allowed.
    """

    def of(self, district: District | int) -> DistrictQuerySet[M]:
        """Return the rows of a district (an instance or its primary key); raise UnscopedQuery for None."""
        if district is None:
            raise UnscopedQuery(f"{self.model.__name__}: name the district")
        return DistrictQuerySet(self.model, using=self._db).filter(district=district)

    def filter_by_keys(self, district: District | int, keys: Iterable[int]) -> DistrictQuerySet[M]:
        """Return the rows of a district among those with these primary keys.

        Raise UnscopedQuery for None. The district is compared as a sum, which no index matches: without statistics
        SQLite takes an index that begins with the district for more than fifty keys, and reads the entire district.
        """
        if district is None:
            raise UnscopedQuery(f"{self.model.__name__}: name the district")
        rows: DistrictQuerySet[M] = DistrictQuerySet(self.model, using=self._db)
        district_filter = {"whose": getattr(district, "pk", district)}
        annotated: DistrictQuerySet[M] = rows.annotate(whose=models.F("district_id") + 0)  # type: ignore[assignment]
        return annotated.filter(pk__in=list(keys), **district_filter)

    def get_queryset(self) -> DistrictQuerySet[M]:
        raise UnscopedQuery(f"{self.model.__name__}: begin with objects.of(district)")

    def create(self, **values: Any) -> M:
        """Create one row; the district must be among the values."""
        if values.get("district") is None and values.get("district_id") is None:
            raise UnscopedQuery(f"{self.model.__name__}: a row needs its district")
        return DistrictQuerySet(self.model, using=self._db).create(**values)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[M]:
        """Create many rows; each row must carry its district."""
        rows = list(objs)
        if any(row.district_id is None for row in rows):
            raise UnscopedQuery(f"{self.model.__name__}: a row needs its district")
        return DistrictQuerySet(self.model, using=self._db).bulk_create(rows, *args, **kwargs)


class Scoped(models.Model):
    """A row that belongs to one district."""

    district = models.ForeignKey("districts.District", on_delete=models.CASCADE, related_name="+")

    objects = DistrictManager()
    everywhere = models.Manager()  # for migrations and Django's own machinery, never for a door

    class Meta:
        abstract = True
        base_manager_name = "everywhere"
        default_manager_name = "everywhere"
