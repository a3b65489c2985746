"""The one place where rows are scoped to a district: a manager that refuses to answer without one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from django.db import models


class UnscopedQuery(RuntimeError):
    """A query over a district's rows was made without naming the district."""


class DistrictQuerySet[M: models.Model](models.QuerySet[M]):
    """Rows of districts; begin with `of(district)`."""

    def of(self, district: Any) -> Self:
        """Only the rows of that district (an instance or its primary key)."""
        return self.filter(district=district)


class DistrictManager[M: models.Model](models.Manager[M]):
    """`of(district)` is the only way in; everything else raises UnscopedQuery.

    Writes that carry the district in the row (`bulk_create`, `create(district=…)`) are allowed.
    """

    def of(self, district: Any) -> DistrictQuerySet[M]:
        """The rows of that district (an instance or its primary key); None raises UnscopedQuery."""
        if district is None:
            raise UnscopedQuery(f"{self.model.__name__}: name the district")
        return DistrictQuerySet(self.model, using=self._db).filter(district=district)

    def keyed(self, district: Any, keys: Iterable[int]) -> DistrictQuerySet[M]:
        """The rows of that district among those with these primary keys; None raises UnscopedQuery.

        The district is compared as a sum, which no index answers: without statistics SQLite takes an index that begins with the district for
        better than fifty keys, and reads the whole district.
        """
        if district is None:
            raise UnscopedQuery(f"{self.model.__name__}: name the district")
        rows: DistrictQuerySet[M] = DistrictQuerySet(self.model, using=self._db)
        whose = {"whose": getattr(district, "pk", district)}
        found: DistrictQuerySet[M] = rows.annotate(whose=models.F("district_id") + 0)  # type: ignore[assignment]
        return found.filter(pk__in=list(keys), **whose)

    def get_queryset(self) -> DistrictQuerySet[M]:
        raise UnscopedQuery(f"{self.model.__name__}: begin with objects.of(district)")

    def create(self, **values: Any) -> M:
        """One new row; the district must be among the values."""
        if values.get("district") is None and values.get("district_id") is None:
            raise UnscopedQuery(f"{self.model.__name__}: a row needs its district")
        return DistrictQuerySet(self.model, using=self._db).create(**values)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[M]:
        """Many new rows, each of which carries its district."""
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
