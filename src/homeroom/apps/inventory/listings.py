"""The three lists of the inventory as data: what they show, sort by and filter by.

What a list is filtered and sorted by is laid out for its pages when a generation is published (`homeroom.apps.inventory.listed`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from homeroom.apps.inventory.models import Account, Device, Interval, Person
from homeroom.evidence.tables import Privacy

Text = str | Promise


class How(StrEnum):
    """How a filter compares its column with what was chosen."""

    IS = "is"
    TRUTH = "truth"  # yes, no or unknown
    BELOW = "below"  # an organisational unit and all below it
    LACKS = "lacks"  # the source instance does not carry the subject
    CARRIES = "carries"
    SUBJECT = "subject"  # a public id of another subject


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One way to narrow a list: the form field's name, the column it asks, and how."""

    name: str
    column: str
    how: How
    label: Text


@dataclass(frozen=True, kw_only=True)
class Sort:
    """One order of a list: by a column, whose nulls come last, then by name."""

    name: str
    label: Text
    column: str


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One column that a list can show; `usual` ones are shown until somebody chooses others."""

    name: str
    label: Text
    privacy: Privacy
    usual: bool = True


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One list. The first of its sorts is by name."""

    kind: str
    model: type[Interval]
    filters: tuple[Filter, ...]
    sorts: tuple[Sort, ...]
    shown: tuple[Shown, ...]

    def sort(self, name: str) -> Sort:
        """The sort of that name, else the first."""
        return next((sort for sort in self.sorts if sort.name == name), self.sorts[0])

    def filter(self, name: str) -> Filter | None:
        """The filter of that name, or None."""
        return next((one for one in self.filters if one.name == name), None)


_ABSENT = Filter(name="missing", column="sources", how=How.LACKS, label=_("Missing from"))
_CARRIED = Filter(name="in", column="sources", how=How.CARRIES, label=_("Found in"))
_SCHOOL = Filter(name="school", column="school", how=How.IS, label=_("School"))
_BAND = Filter(name="band", column="grade_band", how=How.IS, label=_("Grade band"))
_UNIT = Filter(name="unit", column="org_unit", how=How.BELOW, label=_("Unit and below"))
_STUDENT, _STAFF, _PUBLIC = Privacy.STUDENT, Privacy.STAFF, Privacy.PUBLIC


def _sorts(*more: Sort) -> tuple[Sort, ...]:
    return (
        Sort(name="name", label=_("Name"), column="sort"),
        Sort(name="school", label=_("School"), column="school"),
        *more,
    )


def _shown(*rows: tuple[str, Text, Privacy, bool]) -> tuple[Shown, ...]:
    return tuple(Shown(name=row[0], label=row[1], privacy=row[2], usual=row[3]) for row in rows)


DEVICES = Listing(
    kind="device",
    model=Device,
    filters=(
        _SCHOOL,
        Filter(name="kind", column="kind", how=How.IS, label=_("Kind")),
        Filter(name="platform", column="platform", how=How.IS, label=_("Platform")),
        Filter(name="status", column="status", how=How.IS, label=_("Status")),
        _ABSENT,
        _CARRIED,
        _UNIT,
        Filter(name="cart", column="cart", how=How.IS, label=_("Cart")),
        Filter(name="holder", column="holder", how=How.SUBJECT, label=_("Holder")),
        Filter(name="withdrawn", column="holder_left", how=How.TRUTH, label=_("Holder left")),
    ),
    sorts=_sorts(
        Sort(name="last_seen", label=_("Last seen"), column="last_seen"),
        Sort(name="expires_on", label=_("Updates end"), column="expires_on"),
    ),
    shown=_shown(
        ("name", _("Name"), _STAFF, True),
        ("serial", _("Serial number"), _PUBLIC, True),
        ("asset_tag", _("Asset tag"), _PUBLIC, True),
        ("kind", _("Kind"), _PUBLIC, True),
        ("platform", _("Platform"), _PUBLIC, False),
        ("model", _("Model"), _PUBLIC, True),
        ("os_version", _("System version"), _PUBLIC, False),
        ("status", _("Status"), _PUBLIC, True),
        ("school", _("School"), _PUBLIC, True),
        ("org_unit", _("Unit"), _PUBLIC, False),
        ("location", _("Location"), _PUBLIC, False),
        ("cart", _("Cart"), _PUBLIC, False),
        ("holder_name", _("Holder"), _STUDENT, True),
        ("holder_left", _("Holder left"), _STUDENT, False),
        ("last_seen", _("Last seen"), _STAFF, True),
        ("expires_on", _("Updates end"), _PUBLIC, False),
        ("sources", _("Found in"), _PUBLIC, True),
    ),
)

PEOPLE = Listing(
    kind="person",
    model=Person,
    filters=(
        _SCHOOL,
        Filter(name="kind", column="kind", how=How.IS, label=_("Kind")),
        _BAND,
        _ABSENT,
        _CARRIED,
        Filter(name="withdrawn", column="left", how=How.TRUTH, label=_("Withdrawn")),
    ),
    sorts=_sorts(Sort(name="email", label=_("E-mail"), column="email")),
    shown=_shown(
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

ACCOUNTS = Listing(
    kind="account",
    model=Account,
    filters=(
        _SCHOOL,
        Filter(name="directory", column="directory", how=How.IS, label=_("Directory")),
        Filter(name="kind", column="kind", how=How.IS, label=_("Kind")),
        Filter(name="role", column="role", how=How.IS, label=_("Role")),
        _BAND,
        _ABSENT,
        _CARRIED,
        _UNIT,
        Filter(name="enabled", column="enabled", how=How.TRUTH, label=_("Enabled")),
        Filter(name="administrator", column="administrator", how=How.TRUTH, label=_("Administrator")),
        Filter(name="second_factor", column="second_factor", how=How.TRUTH, label=_("Second factor")),
        Filter(name="withdrawn", column="left", how=How.TRUTH, label=_("Person withdrawn")),
        Filter(name="person", column="person", how=How.SUBJECT, label=_("Person")),
    ),
    sorts=_sorts(Sort(name="last_sign_in", label=_("Last sign-in"), column="last_sign_in")),
    shown=_shown(
        ("name", _("Name"), _STUDENT, True),
        ("email", _("Address"), _STUDENT, True),
        ("directory", _("Directory"), _PUBLIC, True),
        ("kind", _("Kind"), _STUDENT, False),
        ("role", _("Role"), _STUDENT, True),
        ("school", _("School"), _STUDENT, True),
        ("grade_band", _("Grade band"), _STUDENT, False),
        ("org_unit", _("Unit"), _STUDENT, False),
        ("enabled", _("Enabled"), _STUDENT, True),
        ("administrator", _("Administrator"), _STUDENT, False),
        ("second_factor", _("Second factor"), _STUDENT, True),
        ("last_sign_in", _("Last sign-in"), _STUDENT, True),
        ("left", _("Person withdrawn"), _STUDENT, False),
        ("sources", _("Found in"), _PUBLIC, True),
    ),
)

LISTINGS: Mapping[str, Listing] = {listing.kind: listing for listing in (DEVICES, PEOPLE, ACCOUNTS)}
