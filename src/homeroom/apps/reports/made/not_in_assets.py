"""In Google, Not in the Asset System: managed Chromebooks without an asset record, as an import for Snipe-IT."""

from __future__ import annotations

import csv
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.fixes.choosing import Chosen, choose
from homeroom.apps.fixes.gathering import Asked as Wanted
from homeroom.apps.fixes.gathering import gather
from homeroom.apps.posture.ordering import GIVEN, listed
from homeroom.apps.reports.asking import Asked
from homeroom.apps.reports.report import Column, Figure, Kind, Report, Section
from homeroom.evidence.tables import Privacy
from homeroom.library.remedies import actions

CONTROL, ACTION = "managed-without-asset-record", "snipeit.create-asset"
_IN_GOOGLE = f"SELECT d.id FROM devices d JOIN ({GIVEN}) g ON g.id = d.id WHERE list_contains(d.managed_by, 'google')"


def make(asked: Asked) -> Report:
    """Devices that `managed-without-asset-record` fails and that Google manages, as a fix file would add them."""
    failing = asked.failing(CONTROL)
    found = [row[0] for row in asked.rows(_IN_GOOGLE, ids=listed(failing))]
    part = Figure(
        label=_("Of these, in Google"),
        part=len(found),
        whole=len(failing),
        sources=asked.sources("devices"),
        control=CONTROL,
    )
    every = asked.figure(CONTROL, label=_("Managed devices without an asset record, every console"))
    chosen = _chosen(asked, found)
    lead = _(
        "Google manages these devices and the asset system does not know them: bought, given or replaced without a record."
    )
    return asked.report(
        name=KIND.name, title=str(KIND.title), lead=lead, figures=(every, part), sections=(_section(chosen),)
    )


def _chosen(asked: Asked, subjects: Sequence[int]) -> Chosen:
    action, wanted = actions()[ACTION], Wanted()
    gathered = asked.answer(
        lambda session: gather(session, action=action, subjects=subjects, asked=wanted, today=asked.of.today)
    )
    return choose(gathered, action=action, asked=wanted, mark=f"Homeroom, {asked.of.today.isoformat()}")


def _section(chosen: Chosen) -> Section:
    action = actions()[ACTION]
    paper = next(iter(action.papers(action, (row.change for row in chosen.rows), "import")))
    heading, *rows = csv.reader("".join(paper.pieces).splitlines(keepends=True))
    note = _(
        "Snipe-IT: Import, upload the CSV, choose Assets. Under a finding, Fix in bulk makes the same file row by row, with proof."
    )
    left = sum(chosen.left.values())
    if left:
        note = (
            _("%(n)s stay out, because a serial number or a model is missing or a tag is taken. ") % {"n": left} + note
        )
    return Section(
        name="import",
        title=_("As Snipe-IT imports it"),
        columns=tuple(
            Column(title=one, privacy=Privacy.STAFF if one == "Item Name" else Privacy.PUBLIC) for one in heading
        ),
        rows=[tuple(row) for row in rows],
        note=note,
        plain=True,
    )


KIND = Kind(
    name="not-in-assets",
    title=gettext_lazy("In Google, Not in the Asset System"),
    about=gettext_lazy("Chromebooks without an asset record, as a file that Snipe-IT imports."),
    make=make,
)
