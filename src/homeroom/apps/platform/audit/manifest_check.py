"""Comparing the manifests of a district's evidence with their records, and the records with the trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from homeroom.apps.platform.audit.file_hashes import hash_file
from homeroom.apps.platform.audit.keys import open_audit_keys
from homeroom.apps.platform.audit.manifest_recorder import REMOVAL, STATED_REMOVALS, get_folder, has_statements
from homeroom.apps.platform.audit.models import Entry, ManifestRecord
from homeroom.domain.platform.audit.chain import RECORDING, REWRITING, compute_manifest_text
from homeroom.domain.platform.audit.verifier import ChainProblem, ProblemKind, is_mac_of
from homeroom.domain.platform.district import District
from homeroom.evidence.event_files.event_loads import EVENT_LOAD_FOLDER, parse_load_number
from homeroom.evidence.files.manifest_records import REMOVED, list_recorded_paths

ATTEMPTS = 3
"""How often a folder with problems is read: a load that is written meanwhile is no problem."""
CATALOGS = "events/"
UNDO = "undo load"
FOLDERS = {"load": "loads", "restore load": "loads", UNDO: "undone"}
"""The folder of the manifest that an entry of an action states; that of a log is in another one."""


@dataclass(frozen=True, kw_only=True)
class VerifiedManifests:
    """The result for the manifests of one district; `notes` are no problems, and nobody may overlook them."""

    problems: tuple[ChainProblem, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(kw_only=True)
class _Statements:
    """What the trail states: the newest digest of each manifest by name, and notes of when all were recorded.

    A manifest whose removal it states has none.
    """

    digests: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def verify_manifests(*, district: District, folder: Path) -> VerifiedManifests:
    """Compare the manifests of a district's folder with what Homeroom wrote, both ways."""
    for _ in range(ATTEMPTS):
        files = {name: hash_file(path) for name, path in list_recorded_paths(folder)}  # before their records
        rows = {row.name: row for row in ManifestRecord.objects.of(district)}  # before what the trail states
        statements = _read_statements(district)
        problems = tuple(_find_problems(district, folder, files, rows, statements.digests))
        if not problems:
            break
    return VerifiedManifests(problems=problems, notes=tuple(statements.notes))


def _find_problems(
    district: District,
    folder: Path,
    files: Mapping[str, str],
    rows: Mapping[str, ManifestRecord],
    stated: Mapping[str, str],
) -> Iterator[ChainProblem]:
    if not rows and not has_statements(district):
        return  # from before manifests were recorded: the next writer records them
    keys = open_audit_keys(Path(settings.DATA), create=False).mac_keys
    for name, row in sorted(rows.items()):
        text = compute_manifest_text(name, row.digest, row.announced, district=district.slug)
        if not is_mac_of(row.mac, text, keys=keys):
            yield _describe(name, "has a record that was altered, or its key is not in audit.key")
        elif name not in files and row.digest and row.announced != REMOVAL and not (folder / name).exists():
            yield _describe(name, "is missing")
        elif stated.get(name, row.digest) not in (row.digest, row.announced):
            yield _describe(name, "has another record than the audit trail states")
    for name, digest in files.items():
        if name not in rows:
            yield _describe(name, "was put there: no record states that Homeroom wrote it")
        elif digest and digest not in (rows[name].digest, rows[name].announced):
            yield _describe(name, "is not what Homeroom wrote")
    for name in sorted(stated.keys() - rows.keys()):
        if get_folder(name) in STATED_REMOVALS:
            yield _describe(name, "is missing, and so is its record")
    yield from _check_catalogs(rows, stated)


def _check_catalogs(rows: Mapping[str, ManifestRecord], stated: Mapping[str, str]) -> Iterator[ChainProblem]:
    """Yield a problem if the trail states a newer catalog of events than there is a record of."""
    newest = max((name for name in rows if name.startswith(CATALOGS)), default="")
    newest_stated = max((name for name in stated if name.startswith(CATALOGS)), default="")
    if newest_stated > newest:
        yield _describe(newest_stated, "is missing, and so are the newest events")


def _read_statements(district: District) -> _Statements:
    statements = _Statements()
    rows = Entry.objects.of(district).filter(action__in=(*FOLDERS, REWRITING, RECORDING)).order_by("number")
    for action, subject, detail, at in rows.values_list("action", "subject", "detail", "at").iterator(chunk_size=2_000):
        if not isinstance(detail, dict):
            continue
        if action == RECORDING:
            statements.digests.clear()
            statements.notes.append(_describe_recording(detail, day=f"{at:%Y-%m-%d}"))
        else:
            statements.digests.update(_iterate_stated(action, subject, detail))
    statements.digests = {name: digest for name, digest in statements.digests.items() if digest != REMOVED}
    return statements


def _iterate_stated(action: str, subject: str, detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if action == REWRITING:
        yield from (tuple(map(str, pair)) for pair in detail.get("manifests", ()) if len(pair) == 2)  # type: ignore[misc]
        return
    if detail.get("manifest"):
        is_log = action != UNDO and parse_load_number(subject) > 0
        yield f"{EVENT_LOAD_FOLDER if is_log else FOLDERS[action]}/{subject}.json", str(detail["manifest"])
    if isinstance(detail.get("catalog"), list) and len(detail["catalog"]) == 2:
        name, digest = map(str, detail["catalog"])
        yield name, digest


def _describe_recording(detail: Mapping[str, Any], *, day: str) -> str:
    reason = str(detail.get("reason", "")) or "there were no records before"
    return f"the evidence was recorded as it was on {day}, with {detail.get('manifests', 0)} manifests: {reason}"


def _describe(name: str, text: str) -> ChainProblem:
    return ChainProblem(kind=ProblemKind.EVIDENCE, text=f"evidence {name} {text}")
