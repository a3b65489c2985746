"""What the invented consoles export after the changes of fix files: their exports again, with these rows changed."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PREAMBLE: Final = "#"
"""What a line before the headings begins with, as PowerShell writes one."""


@dataclass(frozen=True, kw_only=True)
class ExportRule:
    """How an action of a console changes its export: the file, and the headings of the handle and of the value.

    `value` is what the export has after the change; empty for the value that the fix file sets.
    """

    file: str
    handle: str
    heading: str
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class ExportChange:
    """A change that a console made: its action, the handle of the record, and the value that the fix file sets."""

    action: str
    handle: str
    to: str


_USERS, _CHROMEBOOKS = "google/users.csv", "google/chromeosdevices.csv"
_DIRECTORY, _ASSETS = "activedirectory/users.csv", "snipeit/assets.csv"
_GUID: Final = "ObjectGUID"
RULES: Final[Mapping[str, ExportRule]] = {
    "google.suspend-user": ExportRule(file=_USERS, handle="primaryEmail", heading="suspended", value="True"),
    "google.move-user": ExportRule(file=_USERS, handle="primaryEmail", heading="orgUnitPath"),
    "google.disable-chromeos-device": ExportRule(
        file=_CHROMEBOOKS, handle="deviceId", heading="status", value="DISABLED"
    ),
    "google.reenable-chromeos-device": ExportRule(
        file=_CHROMEBOOKS, handle="deviceId", heading="status", value="ACTIVE"
    ),
    "google.move-chromeos-device": ExportRule(file=_CHROMEBOOKS, handle="deviceId", heading="orgUnitPath"),
    "activedirectory.disable-account": ExportRule(file=_DIRECTORY, handle=_GUID, heading="Enabled", value="False"),
    "activedirectory.require-preauth": ExportRule(
        file=_DIRECTORY, handle=_GUID, heading="DoesNotRequirePreAuth", value="False"
    ),
    "activedirectory.let-password-expire": ExportRule(
        file=_DIRECTORY, handle=_GUID, heading="PasswordNeverExpires", value="False"
    ),
    "activedirectory.require-password": ExportRule(
        file=_DIRECTORY, handle=_GUID, heading="PasswordNotRequired", value="False"
    ),
    "activedirectory.store-password-one-way": ExportRule(
        file=_DIRECTORY, handle=_GUID, heading="AllowReversiblePasswordEncryption", value="False"
    ),
    "snipeit.mark-lost": ExportRule(file=_ASSETS, handle="Asset Tag", heading="Status"),
}
"""By action: what changes in which export. Actions without a rule change no export of the sample."""
EXPORTS: Final = tuple(sorted({rule.file for rule in RULES.values()}))


def store_exports(sample: Path, folder: Path) -> None:
    """Copy the exports of a sample that fix files can change into a folder."""
    for name in EXPORTS:
        (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(sample / name, folder / name)


def render_next_exports(folder: Path, changes: Iterable[ExportChange]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each stored export that the changes touch, with the changes in it."""
    values_by_file: dict[str, dict[tuple[str, str, str], str]] = {}
    for change in changes:
        rule = RULES.get(change.action)
        if rule is not None:
            key = (rule.handle, rule.heading, change.handle.lower())
            values_by_file.setdefault(rule.file, {})[key] = rule.value or change.to
    for name, values in sorted(values_by_file.items()):
        yield name, _change_rows((folder / name).read_bytes(), values)


def _change_rows(content: bytes, values: Mapping[tuple[str, str, str], str]) -> bytes:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    text = content.decode(encoding)
    preamble = text[: text.index("\n") + 1] if text.startswith(_PREAMBLE) else ""
    header, *rows = csv.reader(io.StringIO(text[len(preamble) :], newline=""))
    target = io.StringIO(newline="")
    writer = csv.writer(target, quoting=csv.QUOTE_ALL if text[len(preamble) :].startswith('"') else csv.QUOTE_MINIMAL)
    writer.writerow(header)
    writer.writerows(_apply_values(header, rows, values))
    return (preamble + target.getvalue()).encode(encoding)


def _apply_values(
    header: Sequence[str], rows: Iterable[list[str]], values: Mapping[tuple[str, str, str], str]
) -> Iterator[list[str]]:
    pairs = {(header.index(handle), header.index(heading)): (handle, heading) for handle, heading, _ in values}
    for row in rows:
        for (handle_at, value_at), names in pairs.items():
            row[value_at] = values.get((*names, row[handle_at].lower()), row[value_at])
        yield row
