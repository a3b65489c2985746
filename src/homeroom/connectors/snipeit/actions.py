"""Bulk changes with Snipe-IT's importer: missing assets are created, and labels of existing assets are changed.

The headings are those that the importer knows by itself, in any case (Snipe-IT, Importer, defaultFieldMap): asset tag,
serial number, item name, model name, category, manufacturer, status, notes. It finds an asset by its tag, and changes
one only where Update Existing Values is ticked. The importer stores a cell unchanged, so an apostrophe before a formula
would end up in the asset list: a cell that a spreadsheet would run is left empty where the importer does not need it,
else its row is omitted. Checking in is not here: the importer checks out to people and cannot take back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from homeroom.domain.protect.remedies import ConsoleAction, FixChange, RenderedFile, render_csv_lines

TAG = r"[0-9A-Za-z][0-9A-Za-z._/ #-]{0,79}"
STATES = "(?:deployed|deployable|undeployable|requestable|pending|archived)"
"""The states that Snipe-IT's screens write after a label, in brackets or without.

Without brackets the end of the label is unknown.
"""
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
CREATE, MARK_LOST = "snipeit.create-asset", "snipeit.mark-lost"


def render_files(action: ConsoleAction, changes: Iterable[FixChange], name: str) -> Iterator[RenderedFile]:
    """Yield one CSV: the tag, and the columns that the change sets."""
    if action.id == CREATE:
        # The tag is the value: it may be new, where evidence identifies the device by its serial number.
        rows = ((change.to, *(change.cells.get(name, "") for name in NEW.values())) for change in changes)
        yield RenderedFile(name=f"{name}.csv", pieces=render_csv_lines(("Asset Tag", *NEW), rows))
        return
    yield RenderedFile(
        name=f"{name}.csv",
        pieces=render_csv_lines(("Asset Tag", "Status"), ((change.handle, change.to) for change in changes)),
    )


def build_command(action: ConsoleAction, name: str) -> str:
    """Build the command that does the same import on the server; the page Import does it without one."""
    update_option = "" if action.id == CREATE else " --update"
    return f"php artisan snipeit:import {name}.csv --item-type=Asset{update_option}"


_IMPORT = (
    "In Snipe-IT: Import > Select Import File > Process, Import Type: Assets; see that each column found its field."
)
_BACK_UP = "Make a backup first: Admin > Backups."

ACTIONS = (
    ConsoleAction(
        id=CREATE,
        title="Add the devices to Snipe-IT",
        does="Makes an asset for each device, with serial number, model and the status label of your assets that wait "
        "for a holder.",
        system="snipeit",
        subject="device",
        table="device_records",
        needs="serial",
        fits=r"[0-9A-Za-z][0-9A-Za-z._/ -]{1,79}",
        render_files=render_files,
        command=build_command,
        needs_first=(
            _BACK_UP,
            _IMPORT,
            "Leave Update Existing Values empty: an asset with the same tag then stays as it is.",
            "A model that Snipe-IT does not know yet is created: check that its name is not a second spelling.",
        ),
        no_undo="Assets > filter Notes by this file's id > select all > Bulk Delete. A deleted asset can be restored.",
    ),
    ConsoleAction(
        id=MARK_LOST,
        title="Mark the assets lost in Snipe-IT",
        does="Sets the status label; who has the asset checked out stays.",
        system="snipeit",
        subject="device",
        table="device_records",
        needs="asset_tag",
        fits=TAG,
        render_files=render_files,
        command=build_command,
        proves="status",
        proven=("lost",),
        before="status_word",
        trims=rf"\s*\({STATES}\)$",
        unsure=rf"\s{STATES}$",
        asks="label",
        effect={"asset_status": "lost"},
        needs_first=(
            _BACK_UP,
            _IMPORT,
            "Tick Update Existing Values: without it nothing changes.",
            "The label must exist, with a type that is not deployable, or the importer makes a new one.",
        ),
    ),
)
