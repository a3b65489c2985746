"""Bulk changes with GAM to Google users and ChromeOS devices: a CSV and one command over it.

GAM 7 replaces an argument that is exactly `~column` by the row's cell, as one argument and without a shell, so a cell
cannot become a command. It can become another selection: `update cros` also takes lists and `query:…`, `update user`
other entities. A handle therefore has to look like one address or one device id, or its row is omitted; such handles,
the words of GAM and paths that begin with / are no formulas either, so the file holds nothing that a spreadsheet runs.
Sources: GAM wiki, Bulk Processing, Users, ChromeOS Devices (`disable`, `reenable`, `ou`), Users - Signout, Users -
Tokens, and Users - Gmail - Forwarding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from homeroom.domain.protect.incidents.containment import ContainmentAction
from homeroom.domain.protect.remedies import UNDO, ConsoleAction, FixChange, RenderedFile, render_csv_lines

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
        does="Blocks sign-in. Mail, files and memberships stay; incoming mail bounces.",
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

_CONTAINMENT = {
    "google.sign-out-user": ("signout", "", ""),
    "google.remove-app-access": ('delete tokens clientid "~clientId"', "clientId", ""),
    "google.stop-forwarding": ("forward off", "", 'forward on keep "~forwardTo"'),
}
"""By action: what GAM does to the user, the heading of the value that it takes, and what takes it back."""


def render_containment_files(action: ConsoleAction, changes: Iterable[FixChange], name: str) -> Iterator[RenderedFile]:
    """Yield one CSV of addresses, with the value where the action takes one."""
    heading = "forwardTo" if name == UNDO else _CONTAINMENT[action.id][1]
    header = ("primaryEmail", *([heading] if heading else []))
    rows = ((change.handle, change.to) if heading else (change.handle,) for change in changes)
    yield RenderedFile(name=f"{name}.csv", pieces=render_csv_lines(header, rows))


def build_containment_command(action: ConsoleAction, name: str) -> str:
    """Build the command over the CSV."""
    does, _, restores = _CONTAINMENT[action.id]
    return f'gam csv {name}.csv gam user "~primaryEmail" {restores if name == UNDO else does}'


_build_containment = partial(
    ContainmentAction,
    system="google",
    subject="account",
    table="account_records",
    needs="email",
    fits=ADDRESS,
    render_files=render_containment_files,
    command=build_containment_command,
)

CONTAINMENT = (
    _build_containment(
        id="google.sign-out-user",
        title="Sign the users out of Google everywhere",
        does="Ends all sessions on the web and on devices; whoever goes on needs the password and the second factor.",
        writes="signout",
        paste=lambda change: f"gam user {change.handle} signout",
        proving_events=("RESET_SIGNIN_COOKIES",),
        no_undo="Cannot be undone; the person signs in again.",
        needs_first=(SET_UP, "Set a new password first, or whoever has the old one signs in again."),
    ),
    _build_containment(
        id="google.remove-app-access",
        title="Take an app's access to the users' Google accounts away",
        does="Deletes all tokens that the users gave to the app. It reads and writes nothing of theirs any more.",
        takes="the app's client id, as its event has it",
        value_fits=r"[0-9A-Za-z][0-9A-Za-z._-]{2,199}",
        paste=lambda change: f"gam user {change.handle} delete tokens clientid {change.to}",
        look=lambda change: f"gam user {change.handle} show tokens clientid {change.to}",
        proving_events=("REVOKE_3LO_TOKEN", "revoke"),
        no_undo="Cannot be undone; the person lets the app in again.",
        needs_first=(SET_UP, "Block the app in Security > API controls too, or somebody lets it in again."),
    ),
    _build_containment(
        id="google.stop-forwarding",
        title="Stop forwarding of the users' Gmail",
        does="Turns forwarding off. Mail that was forwarded already is gone; filters that forward stay.",
        writes="off",
        before="forward_to",
        restores_to="the address that mail was forwarded to",
        restore_fits=ADDRESS,
        paste=lambda change: f"gam user {change.handle} forward off",
        paste_undo=lambda change: f"gam user {change.handle} forward on keep {change.back}" if change.back else "",
        look=lambda change: f"gam user {change.handle} show forward",
        no_undo="Without the address it was forwarded to, there is no way back.",
        needs_first=(
            SET_UP,
            "Take a picture of the setting first: the address is evidence.",
            "gam user ADDRESS show filters lists filters; one that forwards is removed by hand.",
        ),
    ),
)
