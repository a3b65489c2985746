"""Definitions of the three inventory lists: columns, sorts and filters.

The filter and sort columns are cached per generation when it is published (`homeroom.evidence.page_cache.list_cache`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from homeroom.apps.know.inventory.models import Account, Device, Interval, Person
from homeroom.evidence.page_cache.list_cache import ListLayout
from homeroom.evidence.tables import Privacy

Text = str | Promise


class FilterOperator(StrEnum):
    """How a filter compares its column with the chosen value."""

    IS = "is"
    TRUTH = "truth"  # yes, no or unknown
    BELOW = "below"  # an organizational unit and all below it
    LACKS = "lacks"  # the source instance does not carry the subject
    CARRIES = "carries"
    SUBJECT = "subject"  # a public id of another subject


@dataclass(frozen=True, kw_only=True)
class ListFilter:
    """One filter of a list: its form field's name, its column, and its operator."""

    name: str
    column: str
    operator: FilterOperator
    label: Text


@dataclass(frozen=True, kw_only=True)
class ListSort:
    """One order of a list: by a column, blanks last, then by name. It has the name of the column that shows it."""

    name: str
    label: Text
    column: str


@dataclass(frozen=True, kw_only=True)
class ListColumn:
    """One column that a list can show; `usual` ones are shown by default."""

    name: str
    label: Text
    privacy: Privacy
    usual: bool = True


@dataclass(frozen=True, kw_only=True)
class ListDefinition:
    """One list. The first of its sorts is by name."""

    kind: str
    model: type[Interval]
    filters: tuple[ListFilter, ...]
    sorts: tuple[ListSort, ...]
    columns: tuple[ListColumn, ...]

    @cached_property
    def layout(self) -> ListLayout:
        """The columns that its list cache holds."""
        return ListLayout(
            kind=self.kind,
            filters=tuple((item.column, item.operator is FilterOperator.SUBJECT) for item in self.filters),
            sorts=tuple((sort.name, sort.column) for sort in self.sorts),
        )

    def get_sort(self, name: str) -> ListSort:
        """Return the sort of that name, else the first."""
        return next((sort for sort in self.sorts if sort.name == name), self.sorts[0])

    def find_sort(self, name: str) -> ListSort | None:
        """Return the sort of a column, or None if the list is not sorted by it."""
        return next((sort for sort in self.sorts if sort.name == name), None)

    def find_filter(self, name: str) -> ListFilter | None:
        """Return the filter of that name, or None."""
        return next((list_filter for list_filter in self.filters if list_filter.name == name), None)


_MISSING_FROM = ListFilter(name="missing", column="sources", operator=FilterOperator.LACKS, label=_("Missing from"))
_REPORTED_BY = ListFilter(name="in", column="sources", operator=FilterOperator.CARRIES, label=_("Found in"))
_SCHOOL = ListFilter(name="school", column="school", operator=FilterOperator.IS, label=_("School"))
_BAND = ListFilter(name="band", column="grade_band", operator=FilterOperator.IS, label=_("Grade band"))
_UNIT = ListFilter(name="unit", column="org_unit", operator=FilterOperator.BELOW, label=_("OU and below"))
_STUDENT, _STAFF, _PUBLIC = Privacy.STUDENT, Privacy.STAFF, Privacy.PUBLIC


def _build_sorts(*extra: tuple[str, Text]) -> tuple[ListSort, ...]:
    by_name = ListSort(name="name", label=_("Name"), column="sort")
    others = (("school", _("School")), *extra)
    return (by_name, *(ListSort(name=column, label=label, column=column) for column, label in others))


def _build_columns(*rows: tuple[str, Text, Privacy, bool]) -> tuple[ListColumn, ...]:
    return tuple(ListColumn(name=row[0], label=row[1], privacy=row[2], usual=row[3]) for row in rows)


DEVICES = ListDefinition(
    kind="device",
    model=Device,
    filters=(
        _SCHOOL,
        ListFilter(name="kind", column="kind", operator=FilterOperator.IS, label=_("Kind")),
        ListFilter(name="platform", column="platform", operator=FilterOperator.IS, label=_("Platform")),
        ListFilter(name="status", column="status", operator=FilterOperator.IS, label=_("Status")),
        _MISSING_FROM,
        _REPORTED_BY,
        _UNIT,
        ListFilter(name="cart", column="cart", operator=FilterOperator.IS, label=_("Cart")),
        ListFilter(name="holder", column="holder", operator=FilterOperator.SUBJECT, label=_("Assigned to")),
        ListFilter(
            name="withdrawn", column="holder_left", operator=FilterOperator.TRUTH, label=_("Assigned person left")
        ),
    ),
    sorts=_build_sorts(
        ("last_seen", _("Last seen")),
        ("expires_on", _("Updates end")),
        ("serial", _("Serial number")),
        ("asset_tag", _("Asset tag")),
        ("kind", _("Kind")),
        ("platform", _("Platform")),
        ("model", _("Model")),
        ("os_version", _("System version")),
        ("status", _("Status")),
        ("cart", _("Cart")),
    ),
    columns=_build_columns(
        ("name", _("Name"), _STAFF, True),
        ("serial", _("Serial number"), _PUBLIC, True),
        ("asset_tag", _("Asset tag"), _PUBLIC, True),
        ("kind", _("Kind"), _PUBLIC, False),
        ("platform", _("Platform"), _PUBLIC, False),
        ("model", _("Model"), _PUBLIC, True),
        ("os_version", _("System version"), _PUBLIC, False),
        ("status", _("Status"), _PUBLIC, True),
        ("school", _("School"), _PUBLIC, True),
        ("org_unit", _("OU"), _PUBLIC, False),
        ("location", _("Location"), _PUBLIC, False),
        ("cart", _("Cart"), _PUBLIC, False),
        ("holder_name", _("Assigned to"), _STUDENT, True),
        ("holder_left", _("Assigned person left"), _STUDENT, False),
        ("last_seen", _("Last seen"), _STAFF, True),
        ("expires_on", _("Updates end"), _PUBLIC, False),
        ("sources", _("Found in"), _PUBLIC, True),
    ),
)

PEOPLE = ListDefinition(
    kind="person",
    model=Person,
    filters=(
        _SCHOOL,
        ListFilter(name="kind", column="kind", operator=FilterOperator.IS, label=_("Kind")),
        _BAND,
        _MISSING_FROM,
        _REPORTED_BY,
        ListFilter(name="withdrawn", column="left", operator=FilterOperator.TRUTH, label=_("Withdrawn")),
    ),
    sorts=_build_sorts(("email", _("E-mail")), ("kind", _("Kind")), ("grade", _("Grade")), ("left", _("Withdrawn"))),
    columns=_build_columns(
        ("name", _("Name"), _STUDENT, True),
        ("email", _("E-mail"), _STUDENT, True),
        ("kind", _("Kind"), _STUDENT, True),
        ("school", _("School"), _STUDENT, True),
        ("grade", _("Grade"), _STUDENT, True),
        ("grade_band", _("Grade band"), _STUDENT, False),
        ("homeroom", _("Homeroom"), _STUDENT, False),
        ("title", _("Job title"), _STAFF, False),
        ("here", _("Here now"), _STUDENT, False),
        ("left", _("Withdrawn"), _STUDENT, True),
        ("sources", _("Found in"), _PUBLIC, True),
    ),
)

ACCOUNTS = ListDefinition(
    kind="account",
    model=Account,
    filters=(
        _SCHOOL,
        ListFilter(name="directory", column="directory", operator=FilterOperator.IS, label=_("Directory")),
        ListFilter(name="kind", column="kind", operator=FilterOperator.IS, label=_("Kind")),
        ListFilter(name="role", column="role", operator=FilterOperator.IS, label=_("Role")),
        _BAND,
        _MISSING_FROM,
        _REPORTED_BY,
        _UNIT,
        ListFilter(name="enabled", column="enabled", operator=FilterOperator.TRUTH, label=_("Enabled")),
        ListFilter(
            name="administrator", column="administrator", operator=FilterOperator.TRUTH, label=_("Administrator")
        ),
        ListFilter(name="second_factor", column="second_factor", operator=FilterOperator.TRUTH, label=_("MFA")),
        ListFilter(name="withdrawn", column="left", operator=FilterOperator.TRUTH, label=_("Person left")),
        ListFilter(name="person", column="person", operator=FilterOperator.SUBJECT, label=_("Person")),
    ),
    sorts=_build_sorts(
        ("last_sign_in", _("Last sign-in")),
        ("email", _("Address")),
        ("directory", _("Directory")),
        ("role", _("Role")),
        ("enabled", _("Enabled")),
        ("second_factor", _("MFA")),
    ),
    columns=_build_columns(
        ("name", _("Name"), _STUDENT, True),
        ("email", _("Address"), _STUDENT, True),
        ("directory", _("Directory"), _PUBLIC, True),
        ("kind", _("Kind"), _STUDENT, False),
        ("role", _("Role"), _STUDENT, True),
        ("school", _("School"), _STUDENT, True),
        ("grade_band", _("Grade band"), _STUDENT, False),
        ("org_unit", _("OU"), _STUDENT, False),
        ("enabled", _("Enabled"), _STUDENT, True),
        ("administrator", _("Administrator"), _STUDENT, False),
        ("second_factor", _("MFA"), _STUDENT, True),
        ("last_sign_in", _("Last sign-in"), _STUDENT, True),
        ("left", _("Person left"), _STUDENT, False),
        ("sources", _("Found in"), _PUBLIC, True),
    ),
)

LISTINGS: Mapping[str, ListDefinition] = {listing.kind: listing for listing in (DEVICES, PEOPLE, ACCOUNTS)}
