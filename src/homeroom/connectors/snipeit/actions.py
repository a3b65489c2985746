"""What Snipe-IT's importer does in bulk: assets that are missing are made, and labels of assets that stand are changed.

The headings are those that the importer knows by itself, in any case (Snipe-IT, Importer, defaultFieldMap): asset tag,
serial number, item name, model name, category, manufacturer, status, notes. It finds an asset by its tag, and changes one
only where Update Existing Values is ticked. The importer stores a cell as it stands, so an apostrophe before a formula would end
up in the asset list: a cell that a spreadsheet would run is left empty where the importer can do without, else its row stays out.
Checking in is not here: the importer checks out to people and cannot take back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from homeroom.domain.remedies import Action, Change, Paper, csv_pieces

TAG = r"[0-9A-Za-z][0-9A-Za-z._/ #-]{0,79}"
STATES = "(?:deployed|deployable|undeployable|requestable|pending|archived)"
"""What Snipe-IT's screens write after a label, in brackets or without; without them nobody knows where the label ends."""
NEW = {
    "Serial Number": "serial",
    "Item Name": "name",
    "Model Name": "model",
    "Category": "category",
    "Manufacturer": "manufacturer",
    "Status": "label",
    "Notes": "mark",
}
"""The importer's headings, and the cell that each of them takes."""
CREATE, LOST = "snipeit.create-asset", "snipeit.mark-lost"


def papers(action: Action, changes: Iterable[Change], name: str) -> Iterator[Paper]:
    """One CSV: the tag, and the columns that the change sets."""
    if action.id == CREATE:
        # The tag is the value: it may be new, where the serial number is what evidence knows the device by.
        rows = ((one.to, *(one.cells.get(name, "") for name in NEW.values())) for one in changes)
        yield Paper(name=f"{name}.csv", pieces=csv_pieces(("Asset Tag", *NEW), rows))
        return
    yield Paper(
        name=f"{name}.csv", pieces=csv_pieces(("Asset Tag", "Status"), ((one.handle, one.to) for one in changes))
    )


def command(action: Action, name: str) -> str:
    """The same import on the server's own command line; the page Import does it without one."""
    again = "" if action.id == CREATE else " --update"
    return f"php artisan snipeit:import {name}.csv --item-type=Asset{again}"


_IMPORT = (
    "In Snipe-IT: Import > Select Import File > Process, Import Type: Assets; see that each column found its field."
)
_BACK_UP = "Make a backup first: Admin > Backups."

ACTIONS = (
    Action(
        id=CREATE,
        title="Add the devices to Snipe-IT",
        does="Makes an asset for each device, with serial number, model and the status label of your assets that wait for a holder.",
        system="snipeit",
        subject="device",
        table="device_records",
        needs="serial",
        fits=r"[0-9A-Za-z][0-9A-Za-z._/ -]{1,79}",
        papers=papers,
        command=command,
        needs_first=(
            _BACK_UP,
            _IMPORT,
            "Leave Update Existing Values empty: an asset with the same tag then stays as it is.",
            "A model that Snipe-IT does not know yet is made anew: see that its name is not a second spelling.",
        ),
        no_undo="Assets > filter Notes by this file's id > select all > Bulk Delete. A deleted asset can be restored.",
    ),
    Action(
        id=LOST,
        title="Mark the assets lost in Snipe-IT",
        does="Sets the status label; who has the asset checked out stays.",
        system="snipeit",
        subject="device",
        table="device_records",
        needs="asset_tag",
        fits=TAG,
        papers=papers,
        command=command,
        proves="status",
        proven=("lost",),
        before="status_word",
        trims=rf"\s*\({STATES}\)$",
        unsure=rf"\s{STATES}$",
        asks="label",
        needs_first=(
            _BACK_UP,
            _IMPORT,
            "Tick Update Existing Values: without it nothing changes.",
            "The label must exist, with a type that is not deployable, or the importer makes a new one.",
        ),
    ),
)
