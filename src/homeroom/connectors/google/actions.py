"""Bulk changes with GAM to Google users and ChromeOS devices: a CSV and one command over it.

GAM 7 replaces an argument that is exactly `~column` by the row's cell, as one argument and without a shell, so a cell
cannot become a command. It can become another selection: `update cros` also takes lists and `query:…`, `update user`
other entities. A handle therefore has to look like one address or one device id, or its row is omitted; such handles,
the words of GAM and paths that begin with / are no formulas either, so the file holds nothing that a spreadsheet runs.
Sources: GAM wiki, Bulk Processing, Users, and ChromeOS Devices (`disable`, `reenable`, `ou`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from homeroom.domain.remedies import ConsoleAction, FixChange, RenderedFile, render_csv_lines

ADDRESS = r"[a-z0-9_][a-z0-9._'+-]*@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)+"
DEVICE = r"[0-9A-Za-z][0-9A-Za-z-]{3,63}"
SET_UP = "GAM 7 has to be set up for this domain; gam info domain names it."
WORKING = ("active", "provisioned", "managed", "delinquent")
"""The words that exports use for a device in use: the API's and the console's."""
VERBS = {
    "google.suspend-user": ("user", "primaryEmail", "suspended", "suspended"),
    "google.move-user": ("user", "primaryEmail", "org", "orgUnitPath"),
    "google.disable-chromeos-device": ("cros", "deviceId", "action", "action"),
    "google.reenable-chromeos-device": ("cros", "deviceId", "action", "action"),
    "google.move-chromeos-device": ("cros", "deviceId", "ou", "orgUnitPath"),
}
"""By action: the entity that GAM updates, the heading of the handle, GAM's option, and the heading of its value."""


def render_files(action: ConsoleAction, changes: Iterable[FixChange], name: str) -> Iterator[RenderedFile]:
    """Yield one CSV of handle and value."""
    _, handle, _, value = VERBS[action.id]
    yield RenderedFile(
        name=f"{name}.csv", pieces=render_csv_lines((handle, value), ((change.handle, change.to) for change in changes))
    )


def build_command(action: ConsoleAction, name: str) -> str:
    """Build the command over the CSV.

    A backslash in a unit's name stays one: GAM reads it as an escape unless `noescapechar` is set.
    """
    entity, handle, option, value = VERBS[action.id]
    escape_option = "noescapechar true " if value == "orgUnitPath" else ""
    return f'gam csv {name}.csv {escape_option}gam update {entity} "~{handle}" {option} "~{value}"'


_build_action = partial(ConsoleAction, system="google", render_files=render_files, command=build_command)
_build_user_action = partial(_build_action, subject="account", table="account_records", needs="email", fits=ADDRESS)
_build_device_action = partial(_build_action, subject="device", table="device_records", needs="key", fits=DEVICE)
_LOOK_UNIT = "Look at one row in the console first: the unit must exist, and its settings apply within minutes."

ACTIONS = (
    _build_user_action(
        id="google.suspend-user",
        title="Suspend the users in Google",
        does="Blocks sign-in. Mail, files and memberships stay, and mail to the account is returned.",
        proves="suspended",
        proven=("true",),
        before="suspended",
        restores={"false": "off", "true": "on"},
        writes="on",
        effect={"directory": "google", "enabled": False},
        needs_first=(
            SET_UP,
            "Hand over files and calendars that others need before you suspend their owner.",
            "A directory sync may lift the suspension again: suspend in the directory that it copies from.",
        ),
    ),
    _build_user_action(
        id="google.move-user",
        title="Move the users to another unit in Google",
        does="Puts the users into the unit; its settings and services apply to them from then on.",
        proves="org_unit",
        before="org_unit",
        asks="unit",
        needs_first=(SET_UP, _LOOK_UNIT, "A directory sync may move them back: see its rules first."),
    ),
    _build_device_action(
        id="google.disable-chromeos-device",
        title="Disable the Chromebooks",
        does="Nobody can use the device; it shows whose it is and where to bring it. It keeps its license and its "
        "data.",
        proves="status",
        proven=("disabled",),
        before="status_word",
        restores=dict.fromkeys(WORKING, "reenable"),
        writes="disable",
        effect={"platform": "chromeos", "active": False},
        needs_first=(
            SET_UP,
            "Write into Devices > Chrome > Settings > Device settings > Disabled device return instructions where to "
            "bring it.",
            "Deprovisioning is not done here: a deprovisioned device has to be wiped and enrolled again by hand.",
        ),
    ),
    _build_device_action(
        id="google.reenable-chromeos-device",
        title="Give the disabled Chromebooks back",
        does="The device starts again for its user. It takes a license where it had given one up.",
        proves="status_word",
        proven=WORKING,
        before="status_word",
        restores={"disabled": "disable"},
        writes="reenable",
        effect={"platform": "chromeos", "active": True},
        needs_first=(SET_UP, "Only devices that came back, or whose holder you spoke with."),
    ),
    _build_device_action(
        id="google.move-chromeos-device",
        title="Move the Chromebooks to another unit",
        does="Puts the devices into the unit; they take its policies with the next report.",
        proves="org_unit",
        before="org_unit",
        asks="unit",
        needs_first=(SET_UP, _LOOK_UNIT),
    ),
)
