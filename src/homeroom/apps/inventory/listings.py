"""The three lists of the inventory as data: what they show, sort by and filter by.

A *facet* is a column of few values; the combinations that occur are counted once a generation. Every sort stands on an
index of `models.py`, so that a page is a walk along one index, never a sort of the district.
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
    """One order of a list: `columns` end in subject; only the first may be null, and its nulls come last."""

    name: str
    label: Text
    columns: tuple[str, ...]
    index: str
    nullable: bool = False


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One column that a list can show; `usual` ones are shown until somebody chooses others."""

    name: str
    label: Text
    privacy: Privacy
    usual: bool = True


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One list. `facet_columns` are in the order of the index `<kind>_facets`."""

    kind: str
    model: type[Interval]
    facet_columns: tuple[str, ...]
    filters: tuple[Filter, ...]
    sorts: tuple[Sort, ...]
    shown: tuple[Shown, ...]

    def sort(self, name: str) -> Sort:
        """The sort of that name, else the first."""
        return next((sort for sort in self.sorts if sort.name == name), self.sorts[0])

    def filter(self, name: str) -> Filter | None:
        """The filter of that name, or None."""
        return next((one for one in self.filters if one.name == name), None)

    def has(self, column: str) -> bool:
        """Whether a filter asks that column."""
        return any(one.column == column for one in self.filters)


_ABSENT = Filter(name="missing", column="sources", how=How.LACKS, label=_("Missing from"))
_CARRIED = Filter(name="in", column="sources", how=How.CARRIES, label=_("Found in"))
_SCHOOL = Filter(name="school", column="school", how=How.IS, label=_("School"))
_BAND = Filter(name="band", column="grade_band", how=How.IS, label=_("Grade band"))
_UNIT = Filter(name="unit", column="org_unit", how=How.BELOW, label=_("Unit and below"))
_STUDENT, _STAFF, _PUBLIC = Privacy.STUDENT, Privacy.STAFF, Privacy.PUBLIC


def _sorts(kind: str, *more: Sort) -> tuple[Sort, ...]:
    return (
        Sort(name="name", label=_("Name"), columns=("sort", "subject"), index=f"{kind}_sort"),
        Sort(name="school", label=_("School"), columns=("school", "sort", "subject"), index=f"{kind}_school"),
        *more,
    )


def _shown(*rows: tuple[str, Text, Privacy, bool]) -> tuple[Shown, ...]:
    return tuple(Shown(name=row[0], label=row[1], privacy=row[2], usual=row[3]) for row in rows)


DEVICES = Listing(
    kind="device",
    model=Device,
    facet_columns=("sources", "kind", "platform", "status", "holder_left"),
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
        "device",
        Sort(
            name="last_seen",
            label=_("Last seen"),
            columns=("last_seen", "subject"),
            index="device_last_seen",
            nullable=True,
        ),
        Sort(
            name="expires_on",
            label=_("Updates end"),
            columns=("expires_on", "subject"),
            index="device_expires_on",
            nullable=True,
        ),
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
    facet_columns=("sources", "kind", "left", "grade_band"),
    filters=(
        _SCHOOL,
        Filter(name="kind", column="kind", how=How.IS, label=_("Kind")),
        _BAND,
        _ABSENT,
        _CARRIED,
        Filter(name="withdrawn", column="left", how=How.TRUTH, label=_("Withdrawn")),
    ),
    sorts=_sorts("person", Sort(name="email", label=_("E-mail"), columns=("email", "subject"), index="person_email")),
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
    facet_columns=(
        "sources",
        "directory",
        "kind",
        "role",
        "enabled",
        "administrator",
        "second_factor",
        "left",
        "grade_band",
    ),
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
    sorts=_sorts(
        "account",
        Sort(
            name="last_sign_in",
            label=_("Last sign-in"),
            columns=("last_sign_in", "subject"),
            index="account_last_sign_in",
            nullable=True,
        ),
    ),
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
